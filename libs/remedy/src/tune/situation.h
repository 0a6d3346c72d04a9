#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/remedy/tune/host_role.h"
#include "waitstate/remedy/tune/kernel_setting.h"
#include "waitstate/remedy/tune/tune_plan.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::remedy {

/// What every proposal and every refusal is told from: one network namespace, the first of the
/// snapshot.
struct situation {
  const snapshot& s;
  const network_namespace& ns;
  std::optional<kernel_version> release;
  const std::vector<seen_role>& roles;
  diagnosis::port_supply supply;
  diagnosis::reuse_policy reuse;
  bool is_said = false;  ///< The roles are somebody's word: they have no numbers.

  /// The value as read, of the namespace or of the host; nothing where it was not read.
  [[nodiscard]] std::optional<std::string> value(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key) const;
  [[nodiscard]] std::uint64_t counter(std::string_view key) const {
    return ns.counter(key).value_or(0);
  }
  /// Does this kernel have the setting, as far as its release and what was read tell?
  [[nodiscard]] bool has(std::string_view key) const;
  /// TIME-WAIT of accepted connections, and of those that this host made.
  [[nodiscard]] std::uint64_t taken_in_time_wait() const;
  [[nodiscard]] std::uint64_t made_in_time_wait() const;
  /// FIN-WAIT-2 that nobody holds.
  [[nodiscard]] std::uint64_t ownerless_fin_wait_2() const;
  /// The ports that services of this namespace listen on, inside these bounds and not reserved.
  [[nodiscard]] tcp::port_set listening_in(tcp::port_range range) const;
  /// The role with the fewest ports left to one of its places, among those that close first there
  /// or are said to; nullptr where none runs short.
  [[nodiscard]] const seen_role* short_of_ports() const;
};

/// A quarter of the ports in TIME-WAIT: four times the load takes all; or nearly none left; or all
/// gone within minutes.
[[nodiscard]] bool is_short(const diagnosis::port_headroom& h);

/// A change where it is one: nothing where the host has the value already.
[[nodiscard]] std::optional<planned_setting> change_to(const situation& now, std::string_view key,
                                                       std::string value, std::string why);

using proposals = std::vector<planned_setting>;

}  // namespace waitstate::remedy
