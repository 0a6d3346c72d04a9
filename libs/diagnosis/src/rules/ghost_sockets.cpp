#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/most_first.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A few stay behind in any program that was reset while it was busy.
constexpr std::uint64_t many_ghosts = 100;
constexpr std::uint64_t growing_min = 10;
/// Of rows that somebody picked, where half are such.
constexpr std::uint64_t sample_min = 3;

bool is_growing(const process& p) {
  return p.ghost_sockets.value_or(0) >= growing_min && p.ghost_growth_per_second.value_or(0) > 0;
}

/// lsof prints each as a row without a protocol. In rows that somebody picked, they are a sample of
/// many where half of the sockets are such; one or two may be between two steps of a close().
bool is_sample_of_ghosts(const snapshot& s, const process& p) {
  const auto ghosts = p.ghost_sockets.value_or(0);
  const auto sockets = p.fds ? p.fds->sockets : 0;
  return s.source == source_kind::pasted && ghosts >= sample_min && ghosts * 2 >= sockets;
}

/// Where sockets that were never connected could not be told apart, they are among these.
certainty certainty_of(const process& p) {
  if (p.unconnected_sockets) return {};
  return likely("sockets that were made and never connected",
                fmt::format("`strace -f -e trace=socket,connect,close -p {}`: a socket() without a "
                            "connect()",
                            p.pid > 0 ? std::to_string(p.pid) : std::string("PID")));
}

finding unconnected_of(const snapshot& s, std::size_t index) {
  const auto& p = s.processes[index];
  const owner_ref owner{.kind = ownership::owned, .process = static_cast<std::uint32_t>(index)};
  const auto unconnected = grouped(p.unconnected_sockets.value_or(0));
  finding f{
      .id = "ghost-sockets",
      .severity = severity::warning,
      .title =
          fmt::format("{} holds {} sockets that it never connected", to_string(p), unconnected),
      .subject = process_subject(s, owner),
      .evidence = {{.fact = "TCP sockets that sent nothing in their life",
                    .value = unconnected,
                    .source = "TCP_INFO"}},
      .cause =
          "The program calls socket() and neither connect() nor close(): a path that returns "
          "early, or an error of bind() or connect() after which the descriptor is forgotten. "
          "No tool lists such a socket; it takes a descriptor.",
      .remedies = {close_on_every_path(p.runtime), list_descriptors(s, &p)}};
  if (p.fd_count) {
    f.evidence.push_back(
        {.fact = "open descriptors", .value = grouped(*p.fd_count), .source = "/proc"});
  }
  return f;
}

/// Sockets of one owner in state CLOSED, which lsof and netstat of BSD and macOS show: the
/// connection is over, and whoever has the descriptor did not close it.
struct ended_sockets {
  owner_ref owner;
  std::uint64_t count = 0;
  bool is_rows = false;
};

std::vector<ended_sockets> ended_but_held(const snapshot& s) {
  std::map<owner_ref, ended_sockets> by_owner;
  for (const auto& g : s.groups) {
    const bool was_connected = !g.key.remote.address.is_unspecified();
    if (g.key.state != tcp::state::closed || !was_connected) continue;
    auto& one = by_owner[g.key.owner];
    one.owner = g.key.owner;
    one.count += g.count;
    one.is_rows = one.is_rows || g.key.remote.address.is_known();
  }
  std::vector<ended_sockets> all;
  all.reserve(by_owner.size());
  for (const auto& [owner, one] : by_owner) all.push_back(one);
  sort_most_first(all, [](const ended_sockets& one) { return one.count; });
  return all;
}

/// In rows that somebody picked, half of them; as a number alone, a tenth of all there are.
bool is_much(const snapshot& s, const ended_sockets& ended) {
  const auto all = s.states().total() - s.states().of(tcp::state::listen);
  if (ended.count > many_ghosts) return ended.count * 10 >= all;
  return ended.is_rows && ended.count >= sample_min && ended.count * 2 >= all;
}

finding ended_of(const snapshot& s, const ended_sockets& ended) {
  const auto who = owner_text(s, ended.owner);
  const auto r = runtime_of_owner(s, ended.owner);
  return {.id = "ghost-sockets",
          .severity = severity::warning,
          .certainty = likely("connections that ended while they waited for accept()",
                              "`netstat -Lan`: whether a listener's queue holds as many"),
          .title = fmt::format("{} {} in CLOSED: {} over, and the descriptors are kept",
                               who.empty() ? std::string("a program holds") : who + " holds",
                               counted(ended.count, "socket"),
                               ended.count == 1 ? "its connection is" : "their connections are"),
          .subject = s.owner_of(ended.owner) != nullptr ? process_subject(s, ended.owner)
                                                        : host_subject(s),
          .evidence = {{.fact = "sockets in CLOSED",
                        .value = grouped(ended.count),
                        .source = source_of(s)}},
          .cause =
              "The kernel is done with these: both sides have closed, or one has reset. A "
              "socket in that state stays only where a descriptor of it does, until the "
              "program closes it.",
          .forecast = "each takes a descriptor until the program ends",
          .remedies = {close_on_every_path(r),
                       list_descriptors(s, s.owner_of(ended.owner)),
                       {.text = "Restart the program when it cannot be mended now",
                        .risk = "the connections it serves are cut"}}};
}

finding ghosts_of(const snapshot& s, std::size_t index) {
  const auto& p = s.processes[index];
  const owner_ref owner{.kind = ownership::owned, .process = static_cast<std::uint32_t>(index)};
  const auto ghosts = p.ghost_sockets.value_or(0);
  finding f{.id = "ghost-sockets",
            .severity = severity::warning,
            .certainty = certainty_of(p),
            .title = fmt::format("{} holds {} whose sockets are in no kernel table", to_string(p),
                                 counted(ghosts, "descriptor")),
            .subject = process_subject(s, owner),
            .cause =
                "These connections were reset or killed. The kernel freed port and socket; "
                "the descriptor stays until the program closes it, and no tool lists it.",
            .remedies = {close_on_every_path(p.runtime),
                         list_descriptors(s, &p),
                         {.text = "Restart the program when it cannot be mended now",
                          .risk = "the connections it serves are cut"}}};
  f.evidence.push_back({.fact = "descriptors without a socket",
                        .value = grouped(ghosts),
                        .source = s.source == source_kind::live ? "/proc" : source_of(s)});
  if (p.fd_count) {
    f.evidence.push_back(
        {.fact = "open descriptors", .value = grouped(*p.fd_count), .source = "/proc"});
  }
  if (is_growing(p)) {
    f.forecast = fmt::format("{} more every second", rate(p.ghost_growth_per_second.value_or(0)));
  }
  return f;
}

}  // namespace

findings ghost_sockets(const picture& seen) {
  const auto& s = seen.s;
  std::vector<std::size_t> haunted;
  for (std::size_t i = 0; i < s.processes.size(); ++i) {
    const auto& p = s.processes[i];
    const bool many = p.ghost_sockets.value_or(0) > many_ghosts;
    if (many || is_growing(p) || is_sample_of_ghosts(s, p)) haunted.push_back(i);
  }
  sort_most_first(haunted, [&](std::size_t i) { return s.processes[i].ghost_sockets.value_or(0); });
  if (haunted.size() > findings_max) haunted.resize(findings_max);
  findings found;
  for (const auto index : haunted) found.push_back(ghosts_of(s, index));
  for (std::size_t i = 0; i < s.processes.size() && found.size() < findings_max; ++i) {
    const bool many = s.processes[i].unconnected_sockets.value_or(0) > many_ghosts;
    if (many) found.push_back(unconnected_of(s, i));
  }
  // Those in a listener's queue are told there.
  if (s.source != source_kind::pasted || !seen.stuck_ports.empty()) return found;
  for (const auto& ended : ended_but_held(s)) {
    if (found.size() == findings_max) break;
    if (is_much(s, ended)) found.push_back(ended_of(s, ended));
  }
  return found;
}

}  // namespace waitstate::diagnosis
