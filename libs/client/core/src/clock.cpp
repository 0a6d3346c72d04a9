#include "waitstate/client/core/clock.h"

#include <ctime>

namespace waitstate::client {

time_point lately() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &at);
  return time_point(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
}

}  // namespace waitstate::client
