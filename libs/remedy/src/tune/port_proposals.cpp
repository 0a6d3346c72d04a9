#include "tune/port_proposals.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::remedy {
namespace {

using diagnosis::port_headroom;
using diagnosis::reuse_policy;

constexpr std::uint64_t time_wait_s = 60;  // TCP_TIMEWAIT_LEN
constexpr tcp::port_range wide{.low = 10'240, .high = 65'535};

/// "15,257 of 28,232 ports to 10.0.0.7:80"; after the range or the reserved ports have changed more
/// may be held than can be chosen now.
std::string held_of_ports(const situation& now, std::uint64_t held, const port_headroom& h) {
  const auto usable = h.supply.usable();
  const auto place = now.s.text_of(h.destination);
  return held <= usable
             ? fmt::format("{} of {} ports to {}", grouped(held), grouped(usable), place)
             : fmt::format("{} ports to {}, some of them not among the {} that may be chosen now,",
                           grouped(held), place, grouped(usable));
}

std::string who_closes(const situation& now, const seen_role& r) {
  if (!r.tightest) return {};
  const auto& h = *r.tightest;
  return fmt::format("{} are in TIME-WAIT, {} are free: this host closes first, {} a second",
                     held_of_ports(now, h.time_wait, h), grouped(h.free),
                     rate(std::max(h.recent_closes_per_second, h.closes_per_second)));
}

/// Connections a second to one place of which each holds its port so long.
std::uint64_t bearable(std::uint64_t ports, std::chrono::milliseconds held) {
  return ports * 1'000 / static_cast<std::uint64_t>(std::max<std::int64_t>(held.count(), 1));
}

bool closes_first(const situation& now, const seen_role& r) {
  if (now.is_said) return true;
  return r.made.closer == first_closer::this_host || r.made.closer == first_closer::both;
}

bool is_on_loopback(const port_headroom& h) {
  return h.source.is_loopback() || h.destination.address.is_loopback();
}

void propose_reuse(const situation& now, const seen_role& r, proposals& to) {
  if (!closes_first(now, r)) return;
  const bool covered = now.reuse.applies == reuse_policy::scope::always ||
                       (now.reuse.applies == reuse_policy::scope::loopback && r.tightest &&
                        is_on_loopback(*r.tightest));
  if (covered) return;
  const auto ports = now.supply.usable();
  const auto seconds = std::chrono::milliseconds(1'000 * time_wait_s);
  const auto then = fmt::format(
      "with 1 a port is held for {} instead of 60 s where the other end has time stamps, too: {} "
      "connections a second to one place become {}",
      elapsed(now.reuse.delay), grouped(bearable(ports, seconds)),
      grouped(bearable(ports, now.reuse.delay)));
  auto why = now.is_said ? "who closes first keeps each port in TIME-WAIT; " + then
                         : who_closes(now, r) + "; " + then;
  if (now.number("net.ipv4.tcp_timestamps") == 0) {
    auto clock = change_to(now, "net.ipv4.tcp_timestamps", "1",
                           "tcp_tw_reuse does nothing without time stamps at both ends");
    if (clock) to.push_back(*std::move(clock));
  }
  auto reuse = change_to(now, "net.ipv4.tcp_tw_reuse", "1", std::move(why));
  if (reuse) to.push_back(*std::move(reuse));
}

void propose_range(const situation& now, const seen_role& r, proposals& to) {
  constexpr std::uint64_t wide_enough_percent = 90;  // The rest is not worth a change.
  const auto& range = now.supply.range;
  if (range.size() * 100 >= wide.size() * wide_enough_percent) return;
  auto reserved = now.ns.reserved_ports();
  const auto listening = now.listening_in(wide);
  if (!listening.empty()) {
    reserved.insert_all(listening);
    auto keep = change_to(
        now, "net.ipv4.ip_local_reserved_ports", to_string(reserved),
        fmt::format(
            "{} listened on and would lie in the wider range: connect() could take {} while "
            "its service restarts",
            to_string(listening), listening.size() == 1 ? "it" : "one"));
    if (keep) to.push_back(*std::move(keep));
  }
  const auto held = std::chrono::milliseconds(1'000 * time_wait_s);
  const auto ports = now.supply.usable();
  const auto then = wide.size() - reserved.count_in(wide);
  auto numbers = fmt::format(
      "{} ports become {}: {} connections a second to one place, each held 60 s, become {}",
      grouped(ports), grouped(then), grouped(bearable(ports, held)), grouped(bearable(then, held)));
  if (now.supply.reserved * 2 > now.supply.size) {
    numbers += fmt::format(
        "; ip_local_reserved_ports takes {} of the range from connect(): see whether it has to",
        grouped(now.supply.reserved));
  }
  auto why = !now.is_said && r.tightest
                 ? fmt::format("{} are in use; {}",
                               held_of_ports(now, r.tightest->used(), *r.tightest), numbers)
                 : numbers;
  auto wider = change_to(now, "net.ipv4.ip_local_port_range",
                         fmt::format("{} {}", wide.low, wide.high), std::move(why));
  if (wider) to.push_back(*std::move(wider));
}

void propose_steps(const situation& now, const seen_role& r, proposals& to) {
  if (now.is_said || !r.tightest || !r.tightest->scans_both_parities()) return;
  // Since Linux 7.1: proposed where it was seen.
  if (!now.ns.sysctl("net.ipv4.ip_local_port_step_width")) return;
  auto steps = change_to(now, "net.ipv4.ip_local_port_step_width", "1024",
                         "over half of the ports are used: connect() looks at one after the other");
  if (steps) to.push_back(*std::move(steps));
}

/// Ports that the range has now already, whoever runs short or not.
void reserve_what_listens(const situation& now, proposals& to) {
  if (now.supply.range_assumed) return;
  const auto listening = now.listening_in(now.supply.range);
  constexpr std::size_t most = 32;  // More are a program that listens on any port.
  if (listening.empty() || listening.size() > most) return;
  const bool is_planned = std::ranges::any_of(
      to, [](const planned_setting& p) { return p.key == "net.ipv4.ip_local_reserved_ports"; });
  if (is_planned) return;
  auto reserved = now.ns.reserved_ports();
  reserved.insert_all(listening);
  auto keep = change_to(
      now, "net.ipv4.ip_local_reserved_ports", to_string(reserved),
      fmt::format(
          "{} {} listened on inside the range {} {}: connect() may take {} while its service "
          "restarts",
          to_string(listening), listening.size() == 1 ? "is" : "are", now.supply.range.low,
          now.supply.range.high, listening.size() == 1 ? "it" : "one"));
  if (keep) to.push_back(*std::move(keep));
}

/// Half-closed connections that the other end never ends hold their ports for this time.
void propose_fin_timeout(const situation& now, proposals& to) {
  constexpr std::uint64_t part_of_ports = 4;
  constexpr std::int64_t shorter = 30;
  for (const auto& r : now.roles) {
    if (!r.tightest || r.tightest->fin_wait_2 * part_of_ports < r.tightest->supply.usable())
      continue;
    if (now.number("net.ipv4.tcp_fin_timeout").value_or(0) <= shorter) return;
    auto sooner = change_to(
        now, "net.ipv4.tcp_fin_timeout", fmt::format("{}", shorter),
        fmt::format(
            "{} are held by ownerless FIN-WAIT-2, whose other end does not close; tcp_tw_reuse "
            "does not take these over",
            held_of_ports(now, r.tightest->fin_wait_2, *r.tightest)));
    if (sooner) to.push_back(*std::move(sooner));
    return;
  }
}

}  // namespace

proposals propose_ports(const situation& now) {
  proposals made;
  if (const auto* r = now.short_of_ports(); r != nullptr) {
    propose_reuse(now, *r, made);
    propose_range(now, *r, made);
    propose_steps(now, *r, made);
  }
  reserve_what_listens(now, made);
  propose_fin_timeout(now, made);
  return made;
}

}  // namespace waitstate::remedy
