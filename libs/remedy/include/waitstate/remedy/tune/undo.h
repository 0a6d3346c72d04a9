#pragma once

#include "waitstate/base/result.h"
#include "waitstate/kernel/setting_control.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/tune/tune.h"

namespace waitstate::remedy {

/// Gives settings and file what they had before the first tuning, byte for byte. What somebody else
/// has changed since is left and reported. Whatever could not be given back stays in the journal,
/// so that it can be tried again. Fails with errc::not_found where there is nothing to undo.
[[nodiscard]] result<tune_outcome> undo(const kernel::setting_control& host,
                                        const tune_places& places, audit_log& log);

}  // namespace waitstate::remedy
