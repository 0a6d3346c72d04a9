#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/remedy/tune/sysctl_file.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::remedy {

/// What is to say about a setting.
enum class setting_trouble : std::uint8_t {
  misguided,       ///< It does harm, or never does what people set it for.
  boot_differs,    ///< The next boot sets another value.
  boot_misguided,  ///< The next boot sets such a value.
  not_here,        ///< A file sets it and this kernel has no such setting.
  impossible,      ///< A file sets it to what the kernel refuses.
  hidden_line,     ///< A line says otherwise than the one that wins.
};
[[nodiscard]] std::string_view to_string(setting_trouble t);

struct audited_setting {
  std::string key;
  std::optional<std::string> now;       ///< One blank between words; nothing where it is not read.
  std::optional<boot_setting> at_boot;  ///< What the files set it to.
  std::optional<boot_setting> hidden;   ///< A line with another value that does not win.
  setting_trouble trouble = setting_trouble::misguided;
  std::string why;  ///< Whole sentences for a person.
};

/// A line of a file that says nothing to the kernel.
struct audited_line {
  std::string path;
  std::uint32_t line = 0;
  std::string why;
};

struct settings_audit {
  std::vector<audited_setting> troubles;  ///< By key.
  std::uint64_t judged = 0;               ///< Settings that were looked at.
  std::uint64_t set_at_boot = 0;          ///< Of these, those that a file sets.
  std::vector<audited_line> unread;       ///< At most 64.
  std::uint64_t unread_more = 0;          ///< Past these.
  std::vector<limit> limits;              ///< Whose files were not looked at, and why.
};

/// Does this kernel have a setting of that name? Where it is not known, nothing is said of it.
using setting_lookup = std::function<std::optional<bool>(std::string_view key)>;

/// Judges the settings of the first namespace of the snapshot, and what the files, in their order,
/// would set at the next boot. `is_here` is asked of settings that no plan changes, and may be
/// empty; settings of an interface are not asked for, as that may come later. What tune itself
/// wrote (tune_places::file_name) was judged when it was planned. Pure but for `is_here`.
[[nodiscard]] settings_audit audit_settings(const snapshot& s, std::span<const sysctl_file> files,
                                            const setting_lookup& is_here = {});

}  // namespace waitstate::remedy
