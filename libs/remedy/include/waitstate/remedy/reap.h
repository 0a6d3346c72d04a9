#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "waitstate/base/result.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/reap_plan.h"

namespace waitstate::remedy {

/// What became of a target when its turn came.
enum class reaped : std::uint8_t {
  closed,
  gone,     ///< It had been closed meanwhile; another socket with the same flow is untouched.
  changed,  ///< It is not what was selected any more: its state, its age, what is unread.
  refused,  ///< The kernel does not permit it; nothing more was tried in that namespace.
  failed,
};
[[nodiscard]] std::string_view to_string(reaped r);

/// What was done, in numbers.
struct reap_outcome {
  std::map<reaped, std::uint64_t> targets;
  std::uint64_t under_lock = 0;  ///< Of those closed: compared and closed under their lock.
  std::uint64_t not_tried = 0;   ///< Past the bound, or after what stopped it.
  /// Descriptors that still lead to closed sockets: ghosts, until their program closes them.
  std::uint64_t descriptors_left = 0;
  /// Local ports of connections that we opened, which connect() may choose again.
  std::uint64_t ports_back = 0;
  bool interrupted = false;
  /// The first refusal or failure of the kernel, or why it was given up.
  std::optional<error> trouble;

  [[nodiscard]] std::uint64_t closed() const {
    const auto at = targets.find(reaped::closed);
    return at == targets.end() ? 0 : at->second;
  }
};

/// How a plan is carried out.
struct reap_pace {
  std::uint32_t per_second = 1'000;  ///< At most; never 0.
  std::function<bool()> give_up;     ///< Asked before each handful; may be empty.
};

/// Closes the plan's targets, one after another, no more than `options.at_most`. Each is looked up
/// again and held against the selection and the rules in the moment before: the kernel knows it by
/// its cookie, so whatever took its place is safe. Where BPF loads, the kernel then compares it
/// with that look and closes it under its lock, a handful (a tenth of a second's worth) in one
/// pass; else a system call lies between the look and the close.
///
/// Every act is a line in `log`, those that came to nothing too, and a handful is one more line
/// before it is closed. What cannot be recorded is the last: the one socket that was closed, or a
/// handful that is left alone. Works and waits in the calling thread.
[[nodiscard]] reap_outcome carry_out(const reap_plan& plan, const reap_options& options,
                                     const reap_pace& pace, audit_log& log);

}  // namespace waitstate::remedy
