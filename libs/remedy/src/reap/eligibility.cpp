#include "reap/eligibility.h"

#include "waitstate/snapshot/socket_group.h"

namespace waitstate::remedy {
namespace {

using tcp::state;

// Documentation/networking/ip-sysctl.rst, tcp_tw_reuse_delay; a constant second before Linux 6.14.
constexpr std::int64_t reuse_delay_ms = 1'000;

bool is_being_opened(state s) {
  return s == state::syn_sent || s == state::syn_received || s == state::new_syn_received;
}

/// Connections that the program has never seen have no inode; those that it has closed, neither,
/// but these are in the states behind close().
bool waits_for_accept(const socket_record& s) {
  const bool is_open = s.state == state::established || s.state == state::close_wait;
  return is_open && s.inode == 0;
}

/// The conditions under which connect() may take a port over (tcp_twsk_unique).
std::optional<left_alone> why_time_wait_stays(const socket_record& s, direction side,
                                              const network_namespace& ns, bool free_ports) {
  if (!free_ports) return left_alone::time_wait;
  if (side != direction::outbound) return left_alone::time_wait_accepted;
  if (ns.sysctl("net.ipv4.tcp_timestamps").value_or(0) == 0) return left_alone::time_wait_unsafe;
  const auto delay = ns.sysctl("net.ipv4.tcp_tw_reuse_delay").value_or(reuse_delay_ms);
  const auto age = age_of(s);
  if (!age || std::int64_t{age->lower_ms} <= delay) return left_alone::time_wait_young;
  return std::nullopt;
}

}  // namespace

std::optional<left_alone> why_left_alone(const socket_record& s, direction side, std::int32_t pid,
                                         const network_namespace& ns, const reap_permissions& may) {
  if (s.state == state::listen) return left_alone::listens;
  if (s.state == state::bound_inactive || s.state == state::closed) return left_alone::only_bound;
  if (s.cookie == 0) return left_alone::no_cookie;
  if (s.state == state::time_wait) {
    const auto stays = why_time_wait_stays(s, side, ns, may.free_ports);
    if (stays) return stays;
    return may.how == close_way::shutdown ? std::optional(left_alone::held_by_nobody)
                                          : std::nullopt;
  }
  if (waits_for_accept(s)) return left_alone::never_accepted;
  const bool in_use = s.state == state::established || is_being_opened(s.state);
  if (in_use && !may.even_established) return left_alone::may_be_in_use;
  if (may.how == close_way::shutdown && pid == 0) return left_alone::held_by_nobody;
  return std::nullopt;
}

}  // namespace waitstate::remedy
