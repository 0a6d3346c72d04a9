#include "redis/redis_farewell.h"

#include <utility>

namespace waitstate::sidecar {
namespace {

constexpr std::string_view at_end = "+RESET\r\n+OK\r\n";

}  // namespace

std::string_view redis_farewell::request() {
  return "*1\r\n$5\r\nRESET\r\n*1\r\n$4\r\nQUIT\r\n";
}

void redis_farewell::take(std::string_view bytes, std::string& out) {
  kept_ += bytes;
  if (kept_.size() <= at_end.size()) return;
  const auto sure = kept_.size() - at_end.size();
  out.append(kept_, 0, sure);
  kept_.erase(0, sure);
}

bool redis_farewell::ended(std::string& out) {
  const auto rest = std::exchange(kept_, {});
  const bool is_well = rest == at_end;
  out += is_well ? answer_ : std::string_view(rest);
  return is_well;
}

}  // namespace waitstate::sidecar
