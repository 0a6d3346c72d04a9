// However the bytes are cut, replies end at the same places, and what is refused is so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "redis/resp_reply_scanner.h"

namespace {

using namespace waitstate::sidecar;

struct outcome {
  std::vector<std::size_t> ends;
  bool is_refused = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome scan(std::string_view bytes, std::size_t piece) {
  resp_reply_scanner scanner;
  outcome all;
  std::size_t at = 0;
  while (at < bytes.size()) {
    auto now = bytes.substr(at, piece - at % piece);
    const auto taken = scanner.take(now);
    if (!scanner.refused().empty()) {
      all.is_refused = true;
      return all;
    }
    if (taken == 0) std::abort();
    at += taken;
    if (!scanner.is_done()) continue;
    all.ends.push_back(at);
    scanner.reset();
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const auto whole = scan(bytes, bytes.size());
  if (scan(bytes, 1) != whole || scan(bytes, 7) != whole) std::abort();
  return 0;
}
