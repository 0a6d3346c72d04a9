#include "facts/pool_line.h"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace waitstate;

/// A number of a pool is a number of the text, or two of them added or subtracted: never above all.
bool is_bounded(const std::optional<connection_pool>& pool) {
  constexpr std::uint64_t two_largest = 20'000'000;
  if (!pool) return true;
  for (const auto& n : {pool->leased, pool->idle, pool->waiting, pool->size}) {
    if (n.value_or(0) > two_largest) return false;
  }
  return pool->name.size() <= 100 && pool->refused <= 1;
}

}  // namespace

/// Numbers are bounded, names are one plain word, and blanks around the line change nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto whole = paste::read_pool_line(line);
  const auto metric = paste::read_pool_metric(line);
  if (!is_bounded(whole) || !is_bounded(metric)) std::abort();
  if (metric && metric->name.find_first_of(" \t\"'") != std::string::npos) std::abort();
  if (paste::read_pool_metric("  " + std::string(line) + " ") != metric) std::abort();
  return 0;
}
