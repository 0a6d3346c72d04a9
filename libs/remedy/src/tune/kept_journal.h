#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/kernel/setting_control.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/tune/journal.h"

namespace waitstate::remedy {

/// What a tuning and its undoing share: the journal in its file, and the lines of the audit log.

inline constexpr mode_t journal_mode = 0600;

/// Of this start of the host; empty where it cannot be told.
[[nodiscard]] std::string boot_id();

/// Nothing where there is no such file.
[[nodiscard]] result<std::optional<tune_journal>> read_journal(const std::string& path);

/// What undoes the changes of one namespace says nothing of another: fails where it is of another.
[[nodiscard]] result<> is_of(const tune_journal& journal, const std::string& path,
                             const kernel::setting_control& host);

/// One line of the audit log.
[[nodiscard]] result<> record(audit_log& log, std::string_view outcome, const std::string& key,
                              const std::string& before, const std::string& now);

}  // namespace waitstate::remedy
