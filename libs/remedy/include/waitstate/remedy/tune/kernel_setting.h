#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/host_facts.h"

namespace waitstate::remedy {

/// What a setting holds.
enum class setting_form : std::uint8_t {
  number,
  port_range,  ///< "32768 60999"
  port_list,   ///< "8080,9000-9010", or nothing
  numbers,     ///< Three: "94500 126000 189000"
};

/// A setting of the kernel that a plan may change. docs/settings.md says more of most of them.
struct kernel_setting {
  std::string_view key;
  setting_form form = setting_form::number;
  /// What a number may be. The kernel takes no other, or takes it for something else.
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::string_view does;        ///< One phrase.
  std::string_view helps;       ///< When it is worth it: a phrase after "when".
  std::string_view risk;        ///< What it may break, or empty.
  bool is_of_host = false;      ///< There is one for all network namespaces.
  kernel_version since = {};    ///< 0.0: older than any kernel that is met.
  kernel_version gone_in = {};  ///< The first kernel without it; 0.0: it is there.
};

/// All that this program would change, by name.
[[nodiscard]] std::span<const kernel_setting> kernel_settings();

/// The setting of that name: whole, with slashes for dots, or the last part of it alone where that
/// is one setting's. Fails with errc::not_found; the hint names the nearest.
[[nodiscard]] result<const kernel_setting*> setting_named(std::string_view name);

/// A value that somebody typed, in the form in which the kernel shows it: "10240-65535" of a range
/// is "10240 65535", a list of ports is sorted. Fails with errc::invalid_input.
[[nodiscard]] result<std::string> checked_value(const kernel_setting& setting,
                                                std::string_view typed);

/// Does a kernel of that release have it? Yes where the release is not known.
[[nodiscard]] bool is_in(const kernel_setting& setting,
                         const std::optional<kernel_version>& release);

}  // namespace waitstate::remedy
