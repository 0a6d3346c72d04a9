#include "tune/server_proposals.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::remedy {
namespace {

constexpr std::int64_t usual_backlog = 4'096;  // somaxconn since Linux 5.4
constexpr std::int64_t longest_backlog = 65'535;

void add(std::optional<planned_setting> change, proposals& to) {
  if (change) to.push_back(*std::move(change));
}

/// Of two looks what was lost between them, else what was since the boot, from a hundred on: fewer
/// are one bad minute of an old host.
std::optional<std::string> lost(const situation& now, std::string_view counter,
                                std::string_view what) {
  constexpr std::uint64_t worth_a_change = 100;
  if (const auto each = now.ns.counter_rate(counter); each && *each > 0) {
    return fmt::format("{} {} a second ({})", rate(*each), what, counter);
  }
  const auto count = now.counter(counter);
  if (count < worth_a_change) return std::nullopt;
  return fmt::format("{} {} since the boot ({})", grouped(count), what, counter);
}

bool is_server(const situation& now) {
  return std::ranges::any_of(now.roles, [](const seen_role& r) {
    return r.role == host_role::web_server || r.role == host_role::load_balancer ||
           r.role == host_role::proxy;
  });
}

/// The longest queue that a listener of this host has by the kernel's bound.
const listener* capped_by(const situation& now, std::int64_t bound) {
  const listener* found = nullptr;
  for (const auto& l : now.s.listeners) {
    const bool is_capped =
        l.net_namespace == 0 && l.backlog && std::cmp_greater_equal(*l.backlog, bound);
    if (is_capped && (found == nullptr || l.accept_queue > found->accept_queue)) found = &l;
  }
  return found;
}

void propose_somaxconn(const situation& now, proposals& to) {
  constexpr std::string_view key = "net.core.somaxconn";
  const auto bound = now.number(key);
  if (!bound || *bound >= longest_backlog) return;
  if (*bound < usual_backlog && is_server(now)) {
    add(change_to(
            now, key, fmt::format("{}", usual_backlog),
            fmt::format("the bound is that of kernels before 5.4: every listener's queue is cut "
                        "to {}, whatever its program asks for",
                        grouped(static_cast<std::uint64_t>(*bound)))),
        to);
    return;
  }
  const auto overflows = lost(now, "TcpExt.ListenOverflows", "connections did not fit a queue");
  const auto* l = capped_by(now, *bound);
  if (!overflows || l == nullptr) return;
  const auto longer = std::min<std::int64_t>(
      2 * static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(*bound))),
      longest_backlog);
  add(change_to(now, key, fmt::format("{}", longer),
                fmt::format("{}, and the queue of {} is as long as this allows; its program has to "
                            "listen anew",
                            *overflows, now.s.text_of(l->local))),
      to);
}

void propose_syn_backlog(const situation& now, proposals& to) {
  constexpr std::string_view key = "net.ipv4.tcp_max_syn_backlog";
  const auto bound = now.number(key);
  const auto cookies =
      lost(now, "TcpExt.TCPReqQFullDoCookies", "handshakes met a full queue and got a cookie");
  const auto drops =
      lost(now, "TcpExt.TCPReqQFullDrop", "handshakes met a full queue and were lost");
  if (!bound || (!cookies && !drops) || *bound >= longest_backlog) return;
  const auto longer = std::min(std::max<std::int64_t>(2 * *bound, usual_backlog), longest_backlog);
  add(change_to(now, key, fmt::format("{}", longer), drops ? *drops : *cookies), to);
}

void propose_buckets(const situation& now, proposals& to) {
  constexpr std::string_view key = "net.ipv4.tcp_max_tw_buckets";
  constexpr std::int64_t usual = 131'072;  // What a host of 24 GiB has by itself.
  const auto most = now.number(key);
  if (!most) return;
  const auto in_use =
      std::max(now.ns.states.of(tcp::state::time_wait), now.ns.totals.time_wait.value_or(0));
  const auto overflows =
      lost(now, "TcpExt.TCPTimeWaitOverflow", "connections ended without TIME-WAIT");
  constexpr std::uint64_t near = 5;  // Four fifths are used.
  const bool is_near =
      in_use > 0 && in_use * near >= static_cast<std::uint64_t>(*most) * (near - 1);
  if (!overflows && !is_near) return;
  const auto wanted = std::max({usual, 2 * *most, 2 * static_cast<std::int64_t>(in_use)});
  add(change_to(now, key, fmt::format("{}", wanted),
                fmt::format("{} of {} are in use{}", grouped(in_use),
                            grouped(static_cast<std::uint64_t>(*most)),
                            overflows ? ", and " + *overflows : "")),
      to);
}

void turn_back_on(const situation& now, proposals& to) {
  if (is_server(now) && now.number("net.ipv4.tcp_syncookies") == 0) {
    add(change_to(now, "net.ipv4.tcp_syncookies", "1",
                  "it is off: a full queue of handshakes shuts everybody out"),
        to);
  }
  if (is_server(now) && now.number("net.ipv4.tcp_abort_on_overflow") == 1) {
    add(change_to(now, "net.ipv4.tcp_abort_on_overflow", "0",
                  "it is on: a short burst, which the client's next try would survive, becomes an "
                  "error"),
        to);
  }
  if (now.number("net.ipv4.tcp_timestamps") == 0) {
    add(change_to(
            now, "net.ipv4.tcp_timestamps", "1",
            "they are off: no protection against old segments, and tcp_tw_reuse does nothing"),
        to);
  }
  if (now.number("net.ipv4.tcp_tw_recycle").value_or(0) != 0) {
    add(change_to(now, "net.ipv4.tcp_tw_recycle", "0", "it refuses clients behind a NAT at random"),
        to);
  }
}

/// Open connections to databases and the like that ask for keep-alive, and all of them.
struct kept_connections {
  std::uint64_t all = 0;
  std::uint64_t probed = 0;
};

kept_connections kept_to(const situation& now, const seen_role& r) {
  kept_connections kept;
  for (const auto& g : now.s.groups) {
    const bool is_open = g.key.net_namespace == 0 && g.key.state == tcp::state::established &&
                         g.key.direction == direction::outbound;
    const auto* p = now.s.owner_of(g.key.owner);
    if (!is_open || p == nullptr || p->name != r.program) continue;
    kept.all += g.count;
    kept.probed += g.keepalive_timer;
  }
  return kept;
}

}  // namespace

proposals propose_queues(const situation& now) {
  proposals made;
  propose_somaxconn(now, made);
  propose_syn_backlog(now, made);
  propose_buckets(now, made);
  turn_back_on(now, made);
  return made;
}

proposals propose_keepalive(const situation& now) {
  constexpr std::string_view key = "net.ipv4.tcp_keepalive_time";
  constexpr std::int64_t too_long = 600;
  proposals made;
  const auto idle = now.number(key);
  if (!idle || *idle <= too_long) return made;
  for (const auto& r : now.roles) {
    if (r.role != host_role::database_client) continue;
    const auto kept = kept_to(now, r);
    if (!now.is_said && kept.probed == 0) continue;
    const auto now_noticed =
        std::chrono::seconds(*idle + now.number("net.ipv4.tcp_keepalive_intvl").value_or(75) *
                                         now.number("net.ipv4.tcp_keepalive_probes").value_or(9));
    const auto of_these =
        now.is_said ? std::string("of connections that ask for keep-alive")
                    : fmt::format("of {}, {} of which ask for keep-alive,",
                                  counted(kept.all, "open connection"), grouped(kept.probed));
    add(change_to(
            now, key, "120",
            fmt::format("{} a dead server is noticed after {}; with 120, 30 and 4 after 4 min, "
                        "and most firewalls keep the idle ones",
                        of_these, elapsed(now_noticed))),
        made);
    add(change_to(now, "net.ipv4.tcp_keepalive_intvl", "30", "with tcp_keepalive_time"), made);
    add(change_to(now, "net.ipv4.tcp_keepalive_probes", "4", "with tcp_keepalive_time"), made);
    return made;
  }
  return made;
}

proposals propose_conntrack(const situation& now) {
  proposals made;
  const auto count = now.number("net.netfilter.nf_conntrack_count");
  const auto most = now.number("net.netfilter.nf_conntrack_max");
  constexpr std::int64_t near = 5;  // Four fifths are used.
  if (!count || !most || *most == 0 || *count * near < *most * (near - 1)) return made;
  add(change_to(now, "net.netfilter.nf_conntrack_max", fmt::format("{}", 2 * *most),
                fmt::format("{} of {} entries are used; at the limit new connections are dropped",
                            grouped(static_cast<std::uint64_t>(*count)),
                            grouped(static_cast<std::uint64_t>(*most)))),
      made);
  return made;
}

}  // namespace waitstate::remedy
