#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "waitstate/base/result.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/guard/command.h"
#include "waitstate/remedy/guard/judgement.h"
#include "waitstate/remedy/guard/policy.h"
#include "waitstate/remedy/reap.h"

namespace waitstate::remedy::guard {

/// What became of a deed.
struct deed_outcome {
  std::optional<reap_outcome> reaped;  ///< Of a rule that reaps.
  std::uint64_t to_close = 0;          ///< Of it: what was planned in the end.
  std::optional<command_end> command;  ///< Of a rule that runs a command, if it was started.
  std::optional<error> trouble;        ///< Why it was not done, or not wholly.

  [[nodiscard]] std::uint64_t closed() const { return reaped ? reaped->closed() : 0; }
};

/// Does it: closes sockets of that subject alone, or runs the command and waits for it. Every act
/// is a line in `log`, a command before it is run and once more with its end; what cannot be
/// recorded is not done. `give_up` is asked now and then, and may be empty.
[[nodiscard]] deed_outcome perform(const policy& p, const deed& d, audit_log& log,
                                   const std::function<bool()>& give_up);

/// Records that something began, ended or was stopped.
[[nodiscard]] result<> record(const notice& n, audit_log& log);

}  // namespace waitstate::remedy::guard
