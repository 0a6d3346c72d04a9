#pragma once

#include <optional>

#include "waitstate/base/error.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// When a call that met nobody who could serve it is tried again, and when that has been long
/// enough; see retry_settings::unreachable_max. Pure.
class patience {
 public:
  patience(const retry_settings& settings, time_point first_failure);

  /// Nothing when it would be too late. `share` is drawn from 0 to 1.
  [[nodiscard]] std::optional<time_point> next_try(time_point deadline, time_point now,
                                                   double share);
  [[nodiscard]] time_point ends() const { return ends_; }

  /// The first of what it meets says more than how the last wait ended.
  void meets(const error& why) {
    if (!met_) met_ = why;
  }
  [[nodiscard]] error met_first(const error& otherwise) const { return met_.value_or(otherwise); }

 private:
  const duration pause_max_;
  const time_point ends_;
  duration pause_;
  std::optional<error> met_;
};

}  // namespace waitstate::client
