#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/kernel/setting_control.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/tune/tune_plan.h"

namespace waitstate::remedy {

/// Where a tuning leaves what it has to remember.
struct tune_places {
  static constexpr std::string_view usual_folder = "/etc/sysctl.d";
  static constexpr std::string_view usual_state = "/var/lib/waitstate";
  /// After the file that stands for /etc/sysctl.conf, before nothing but what somebody calls zz.
  static constexpr std::string_view file_name = "99-waitstate.conf";

  /// The folder of the file that the boot reads; empty for none: the settings of another network
  /// namespace than the host's are in no such file.
  std::string sysctl_folder;
  /// The folder of the journal, which is made where it is missing.
  std::string state_folder = std::string(usual_state);

  [[nodiscard]] std::string file() const;
  /// Is it the network namespace whose settings the boot sets?
  bool is_of_boot = false;
  /// One for each network namespace: "tune.json" of the boot's, "tune-4026532256.json" of others.
  [[nodiscard]] std::string journal(const kernel::setting_control& of) const;
};

/// What became of one setting of a plan, or of a journal.
enum class tuned : std::uint8_t {
  set,          ///< Written, and read back.
  rolled_back,  ///< Written, and given its old value again since another one failed.
  not_tried,    ///< Another one failed before.
  failed,
  restored,          ///< Undone.
  was_so,            ///< It has its old value already.
  changed_by_other,  ///< It has a value that is neither its old one nor ours: left as it is.
};
[[nodiscard]] std::string_view to_string(tuned t);

struct tuned_setting {
  std::string key;
  std::string before;  ///< Its old value, one blank between words.
  std::string now;     ///< What it is now, as far as it could be read.
  tuned outcome = tuned::not_tried;
};

/// What was done.
struct tune_outcome {
  std::vector<tuned_setting> settings;
  std::string file;                   ///< The file of sysctl.d, or empty.
  std::optional<tuned> file_outcome;  ///< Nothing where none was to be written.
  std::string journal;                ///< Where what undoes it is; empty: nothing is left to undo.
  std::optional<error> trouble;       ///< The first failure.
};

/// Makes the changes of a plan, all or none. What undoes them is on the disk before the first; each
/// is written, read back and recorded in `log`; the file of sysctl.d comes last and keeps the lines
/// that it has of other settings. When anything fails, what was done is rolled back, and the
/// outcome says what. Fails, with nothing done, when it is seen before the first change that it
/// would.
[[nodiscard]] result<tune_outcome> apply(const tune_plan& plan, const kernel::setting_control& host,
                                         const tune_places& places, audit_log& log);

/// The file of sysctl.d for these settings, on top of the text that it has: its lines of other
/// settings stay.
[[nodiscard]] std::string sysctl_conf(const std::vector<planned_setting>& settings,
                                      std::string_view on_top_of = {});

}  // namespace waitstate::remedy
