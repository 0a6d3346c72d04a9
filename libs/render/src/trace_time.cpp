#include "trace_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace waitstate::render {

std::string exact_timestamp(std::chrono::system_clock::time_point t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(t - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

}  // namespace waitstate::render
