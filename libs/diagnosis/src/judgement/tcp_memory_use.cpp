#include "judgement/tcp_memory_use.h"

#include <algorithm>
#include <string>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::optional<std::array<std::uint64_t, 3>> thresholds_of(const snapshot& s) {
  const auto text = setting_text(s, 0, tcp_memory_setting);
  std::array<std::uint64_t, 3> pages{};
  std::size_t at = 0;
  for (auto& page : pages) {
    at = text.find_first_of("0123456789", at);
    if (at == std::string::npos) return std::nullopt;
    // More digits than a count of pages has are no count of pages.
    constexpr std::size_t digits_max = 15;
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    if (end - at > digits_max) return std::nullopt;
    for (; at < end; ++at) page = page * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  return pages;
}

std::uint64_t pages_in_use(const snapshot& s) {
  // The count is of the whole host, whichever namespace shows it.
  std::uint64_t most = 0;
  for (const auto& ns : s.namespaces) most = std::max(most, ns.totals.memory_pages.value_or(0));
  return most;
}

}  // namespace

tcp_memory_use tcp_memory_use_of(const snapshot& s) {
  return {.used = pages_in_use(s), .thresholds = thresholds_of(s)};
}

}  // namespace waitstate::diagnosis
