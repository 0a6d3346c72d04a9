#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/remedy/tune/host_role.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::remedy {

/// A setting that would be changed.
struct planned_setting {
  std::string key;                 ///< "net.ipv4.tcp_tw_reuse"
  std::optional<std::string> now;  ///< One blank between words; nothing where it was not read.
  std::string value;               ///< The same form.
  std::string why;                 ///< For this host, with its numbers.
  std::string risk;                ///< What it may break, or empty.
};

/// A popular setting that is not made here, however often it is recommended.
struct refused_setting {
  std::string key;
  std::string popular;  ///< "1", "15", "lowered"
  std::string why;      ///< What is wrong with it anywhere.
  std::string proof;    ///< What shows it on this host.
};

/// What to change and what not. Plain data.
struct tune_plan {
  /// Whose settings: its name of `ip netns` or empty, and its number or 0 for a paste.
  std::string net_namespace;
  std::uint64_t net_namespace_inode = 0;
  std::string kernel_release;
  bool from_traffic = true;  ///< The roles were seen; else they were said.
  std::vector<seen_role> roles;
  /// In the order in which they are to be made: ports are reserved before the range is widened.
  std::vector<planned_setting> settings;
  std::vector<std::string> better;  ///< What helps more than any setting; and what none can help.
  std::vector<refused_setting> refused;
  std::vector<limit> limits;
};

/// Plans for the roles that the snapshot shows, or for one that is said (its traffic does not count
/// then). Every change has its reason in the numbers; a host that lacks nothing gets none. Pure.
[[nodiscard]] tune_plan plan_tuning(const snapshot& s, std::optional<host_role> said = {});

/// Plans exactly these: "net.ipv4.tcp_tw_reuse=1", or a name alone for what the host's own plan
/// says of it. Fails with errc::invalid_input where a value is none, is one of those that are
/// refused, or is no setting of this kernel; and with errc::not_found for what is no setting.
[[nodiscard]] result<tune_plan> plan_settings(const snapshot& s,
                                              std::span<const std::string> words);

}  // namespace waitstate::remedy
