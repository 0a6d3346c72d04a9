#pragma once

#include <chrono>

namespace waitstate::client {

/// The clock of every deadline, age and limit here: monotonic, so that a change of the wall clock
/// moves nothing. Pure parts never read it; time is a parameter.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

}  // namespace waitstate::client
