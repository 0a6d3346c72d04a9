#include "words.h"

#include <cmath>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/clean.h"

namespace waitstate::view {
namespace {

/// Less than one in twenty seconds is noise of the clock.
constexpr double next_to_nothing = 0.05;

}  // namespace

std::string age_word(std::chrono::milliseconds age) {
  using namespace std::chrono_literals;
  using std::chrono::duration_cast;
  if (age < 1min) return fmt::format("{} s", duration_cast<std::chrono::seconds>(age).count());
  if (age < 1h) return fmt::format("{} min", duration_cast<std::chrono::minutes>(age).count());
  const auto hours = duration_cast<std::chrono::hours>(age);
  if (age < 10h) {
    const auto minutes = duration_cast<std::chrono::minutes>(age - hours).count();
    return minutes > 0 ? fmt::format("{} h {} min", hours.count(), minutes)
                       : fmt::format("{} h", hours.count());
  }
  if (age < 48h) return fmt::format("{} h", hours.count());
  return fmt::format("{} d", duration_cast<std::chrono::days>(age).count());
}

std::string rate_word(double per_second) {
  return per_second < next_to_nothing ? std::string() : rate(per_second) + "/s";
}

std::string growth_word(double per_second) {
  if (std::abs(per_second) < next_to_nothing) return {};
  return fmt::format("{}{}/s", per_second > 0 ? "+" : "-", rate(std::abs(per_second)));
}

std::string owner_word(const snapshot& s, const owner_ref& owner) {
  switch (owner.kind) {
    case ownership::unknown: return "-";
    case ownership::none: return "nobody";
    case ownership::hidden: return "hidden";
    case ownership::owned: break;
  }
  const auto* const p = s.owner_of(owner);
  return p == nullptr ? "-" : process_word(*p);
}

std::string process_word(const process& p) {
  auto name = render::clean(p.name);
  if (p.pid == 0) return name.empty() ? "-" : name;
  return name.empty() ? fmt::format("pid {}", p.pid) : fmt::format("{} ({})", name, p.pid);
}

}  // namespace waitstate::view
