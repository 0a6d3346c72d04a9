#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "advice/settings.h"
#include "advice/system.h"
#include "judgement/direction.h"
#include "judgement/host_tables.h"
#include "judgement/most_first.h"
#include "judgement/near_limit.h"
#include "judgement/workforce.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

owner_ref owner_at(std::size_t index) {
  return {.kind = ownership::owned, .process = static_cast<std::uint32_t>(index)};
}

std::string use_text(std::uint64_t open, std::uint64_t limit) {
  return fmt::format("{} of {} descriptors ({})", grouped(open), grouped(limit),
                     share(open, limit));
}

std::uint64_t close_wait_of(const snapshot& s, const owner_ref& owner) {
  std::uint64_t held = 0;
  for (const auto& g : s.groups) {
    if (g.key.state == tcp::state::close_wait && g.key.owner == owner) held += g.count;
  }
  return held;
}

std::string kinds_text(const fd_kinds& kinds) {
  struct kind {
    std::uint64_t count;
    std::string_view one;
    std::string_view several;
  };
  std::vector<kind> all{{kinds.sockets, "socket", "sockets"},
                        {kinds.files, "file", "files"},
                        {kinds.pipes, "pipe", "pipes"},
                        {kinds.anonymous, "epoll, eventfd or timer", "epolls, eventfds and timers"},
                        {kinds.other, "other", "others"}};
  sort_most_first(all, [](const auto& one) { return one.count; });
  std::vector<std::string> words;
  for (const auto& [count, one, several] : all) {
    if (count > 0) words.push_back(counted(count, one, several));
  }
  return listed(words, words.size());
}

/// The sockets of a process that have most in common.
const socket_group* largest_group_of(const snapshot& s, const owner_ref& owner) {
  const socket_group* largest = nullptr;
  for (const auto& g : s.groups) {
    if (g.key.owner != owner) continue;
    if (largest == nullptr || g.count > largest->count) largest = &g;
  }
  return largest;
}

/// ", none used for 30 s": where not even the newest was for a second.
std::string idle_text(const socket_group& g) {
  constexpr std::uint32_t resting_ms = 1'000;
  const bool is_open = g.key.state == tcp::state::established;
  const auto age = is_open && g.newest ? age_of(*g.newest) : std::nullopt;
  if (!age || age->lower_ms < resting_ms) return {};
  return ", none used for " + elapsed(std::chrono::milliseconds(age->lower_ms));
}

/// "395 ESTABLISHED to 10.78.6.2:80, none used for 30 s"
std::string connections_text(const snapshot& s, const socket_group& g) {
  const bool inbound = side_of(s, g).direction == direction::inbound;
  return fmt::format("{} {} {}", grouped(g.count), to_string(g.key.state),
                     inbound ? fmt::format("on port {}", g.key.local.port)
                             : "to " + destination_text(s, g.key.remote)) +
         idle_text(g);
}

/// What it spends the descriptors on most, and what to do about that kind.
remedy close_most(const snapshot& s, const process& p, const owner_ref& owner) {
  const auto kinds = p.fds.value_or(fd_kinds{});
  const auto most = std::max({kinds.sockets, kinds.files, kinds.pipes, kinds.anonymous});
  const auto r = runtime_of_owner(s, owner);
  const auto* group = largest_group_of(s, owner);
  if (most == 0 || (most == kinds.sockets && group != nullptr)) {
    const bool inbound = group != nullptr && side_of(s, *group).direction == direction::inbound;
    return inbound ? close_in_handlers(r) : close_on_every_path(r);
  }
  if (most == kinds.sockets && p.unconnected_sockets.value_or(0) * 2 >= kinds.sockets) {
    return {
        .text =
            "Close each socket on every path, also where connect() was never reached or failed: "
            "most of these were made and never connected"};
  }
  if (most == kinds.sockets) {
    return {.text =
                "Close these sockets where they are no longer needed: they are in no TCP table, "
                "so they are unix or UDP sockets, or were never connected"};
  }
  if (most == kinds.files) {
    return {.text =
                "Close each file on every path, errors and early returns too, and open one that "
                "is used again and again once"};
  }
  if (most == kinds.pipes) {
    return {.text =
                "Close both ends of each pipe, in the parent too after it started a child, and "
                "wait for the children"};
  }
  return {.text =
              "Keep one event loop for the program, not one for each call, and close its epoll, "
              "eventfd and timers with it"};
}

/// The listener of a process that has most connections waiting; nullptr where none wait.
const listener* fullest_queue_of(const snapshot& s, const owner_ref& owner) {
  const listener* fullest = nullptr;
  for (const auto& l : s.listeners) {
    const auto waiting = l.accept_queue.value_or(0);
    if (waiting == 0) continue;
    const auto force = workforce_of(s, l.net_namespace, l.local.port, l.owner);
    const bool accepts =
        l.owner == owner || std::ranges::find(force.workers, owner) != force.workers.end();
    if (!accepts) continue;
    if (fullest == nullptr || waiting > fullest->accept_queue.value_or(0)) fullest = &l;
  }
  return fullest;
}

std::vector<evidence> proof_of(const snapshot& s, const process& p, const owner_ref& owner) {
  const auto source = s.source == source_kind::live ? std::string("/proc") : source_of(s);
  std::vector<evidence> proof;
  if (p.fd_count && p.fd_limit) {
    proof.push_back({.fact = "open descriptors",
                     .value = fmt::format("{} of {}", grouped(*p.fd_count), grouped(*p.fd_limit)),
                     .source = source});
  }
  if (p.fds) proof.push_back({.fact = "by kind", .value = kinds_text(*p.fds), .source = source});
  if (const auto held = close_wait_of(s, owner); held > 0) {
    proof.push_back({.fact = "in CLOSE-WAIT", .value = grouped(held), .source = source_of(s)});
  }
  for (const auto& [target, count] : p.fd_targets) {
    proof.push_back({.fact = target, .value = counted(count, "descriptor"), .source = source});
  }
  const auto* group = largest_group_of(s, owner);
  if (group != nullptr && group->count * 2 >= p.fd_count.value_or(0)) {
    proof.push_back(
        {.fact = "most of them", .value = connections_text(s, *group), .source = source_of(s)});
  }
  if (p.unconnected_sockets.value_or(0) > 0) {
    proof.push_back({.fact = "sockets that were never connected",
                     .value = grouped(p.unconnected_sockets.value_or(0)),
                     .source = source});
  }
  if (const auto* queue = fullest_queue_of(s, owner)) {
    proof.push_back({.fact = "waiting for accept() on " + s.text_of(queue->local),
                     .value = grouped(queue->accept_queue.value_or(0)),
                     .source = source_of(s)});
  }
  if (p.ghost_sockets.value_or(0) > 0) {
    proof.push_back({.fact = "sockets in no kernel table",
                     .value = grouped(p.ghost_sockets.value_or(0)),
                     .source = source});
  }
  if (const auto* said = message_of(s, message_kind::too_many_open_files)) {
    proof.push_back(message_evidence(*said));
  }
  return proof;
}

remedy raise_limit(const snapshot& s, const process* p, std::uint64_t wanted) {
  if (p != nullptr && p->runtime == runtime::nginx) {
    return {
        .text =
            "Raise nginx's own limit once it is clear that the load needs it; its workers "
            "take it when they start",
        .command = fmt::format("worker_rlimit_nofile {};    # nginx.conf, outside of every block\n"
                               "# then: nginx -t && nginx -s reload\n",
                               wanted),
        .risk = "each connection takes memory, and a proxied one takes two descriptors",
        .undo = "the old value in the same place"};
  }
  return {.text = "Raise the limit once it is clear that the load needs it; a leak eats any limit",
          .command = fmt::format("# systemd unit, then restart it\n[Service]\nLimitNOFILE={0}\n"
                                 "# the running process\nprlimit --pid {1} --nofile={0}:{2}\n",
                                 wanted, pid_text(s, p),
                                 // Over the hard limit both have to be raised, which root may.
                                 p != nullptr && wanted > p->fd_limit_hard.value_or(wanted)
                                     ? std::to_string(wanted)
                                     : std::string()),
          .risk = "a leak then takes longer to show and more memory",
          .undo = "the old value in the same place"};
}

std::uint64_t larger_than(std::uint64_t limit) {
  constexpr std::uint64_t usual = 65'536;  // What servers' own units ask for; nginx, Redis, ...
  return limit * 2 < usual ? usual : limit * 2;
}

std::string cause_of(const snapshot& s, const process& p, const owner_ref& owner) {
  std::string cause =
      "Each socket, file and pipe takes a descriptor; at the limit accept(), "
      "socket() and open() fail with \"Too many open files\".";
  const auto held = close_wait_of(s, owner);
  if (p.fd_count && held * 2 >= *p.fd_count) {
    cause += fmt::format(
        " Most of them, {}, are connections that the peer closed and the program "
        "did not: that leak is the cause.",
        grouped(held));
  } else if (p.fds && p.fds->sockets * 2 >= p.fd_count.value_or(0)) {
    cause += " Most of them are sockets: look at whom they are connected to.";
  } else if (p.fds && p.fds->files * 2 >= p.fd_count.value_or(0)) {
    cause += " Most of them are files, not connections.";
  }
  return cause;
}

std::string forecast_of(const process& p) {
  const auto growth = p.fd_growth_per_second.value_or(0);
  if (growth <= 0 || !p.fd_limit || *p.fd_limit <= p.fd_count.value_or(0)) return {};
  const auto left = *p.fd_limit - p.fd_count.value_or(0);
  const auto seconds = static_cast<double>(left) / growth;
  return fmt::format("{} are left; at {} more a second they are gone in {}", grouped(left),
                     rate(growth),
                     elapsed(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000))));
}

/// At the growth of two looks the limit is two minutes away, and a third of it is used: too late to
/// be told at 80 %.
bool runs_out_soon(const process& p) {
  constexpr double soon_s = 120;
  constexpr std::uint64_t part_used = 3;
  const auto growth = p.fd_growth_per_second.value_or(0);
  const auto open = p.fd_count.value_or(0);
  const auto limit = p.fd_limit.value_or(0);
  if (growth <= 0 || limit <= open || open * part_used < limit) return false;
  return static_cast<double>(limit - open) / growth <= soon_s;
}

/// At its limit accept() fails: ", and 61 connections wait to be accepted on 0.0.0.0:80".
std::string waiting_text(const snapshot& s, const process& p, const owner_ref& owner) {
  const auto* queue = fullest_queue_of(s, owner);
  if (queue == nullptr || !is_at_descriptor_limit(p)) return {};
  const auto waiting = queue->accept_queue.value_or(0);
  return fmt::format(", and {} {} to be accepted on {}", counted(waiting, "connection"),
                     waiting == 1 ? "waits" : "wait", s.text_of(queue->local));
}

finding process_finding(const snapshot& s, std::size_t index, severity level) {
  const auto& p = s.processes[index];
  const auto owner = owner_at(index);
  const auto open = p.fd_count.value_or(0);
  const auto limit = p.fd_limit.value_or(0);
  return {.id = "fd-exhaustion",
          .severity = level,
          .title = fmt::format("{} has {} open{}", to_string(p), use_text(open, limit),
                               waiting_text(s, p, owner)),
          .subject = process_subject(s, owner),
          .evidence = proof_of(s, p, owner),
          .cause = cause_of(s, p, owner),
          .forecast = forecast_of(p),
          .remedies = {list_descriptors(s, &p), close_most(s, p, owner),
                       raise_limit(s, &p, larger_than(limit))}};
}

/// Only a program's complaint, and maybe one of the two numbers.
finding complaint_of(const snapshot& s, const message& said) {
  const process* p = s.processes.size() == 1 ? &s.processes.front() : nullptr;
  const auto who = p != nullptr && !to_string(*p).empty() ? to_string(*p)
                   : said.program.empty()                 ? std::string("a program")
                                                          : said.program;
  auto title = fmt::format("{} has run out of file descriptors", who);
  if (p != nullptr && p->fd_limit) title += fmt::format(": its limit is {}", grouped(*p->fd_limit));
  finding f{
      .id = "fd-exhaustion",
      .severity = severity::critical,
      .title = title,
      .subject = p != nullptr ? process_subject(s, owner_at(0)) : host_subject(s),
      .cause =
          "accept(), socket() or open() failed with \"Too many open files\": the "
          "process is at its limit. What its descriptors are tells a leak from a limit "
          "that is too low for the load.",
      .remedies = {list_descriptors(s, p),
                   raise_limit(s, p, larger_than(p == nullptr ? 0 : p->fd_limit.value_or(0)))}};
  f.evidence = p != nullptr ? proof_of(s, *p, owner_at(0)) : std::vector{message_evidence(said)};
  return f;
}

}  // namespace

findings fd_exhaustion(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (std::size_t i = 0; i < s.processes.size(); ++i) {
    const auto& p = s.processes[i];
    const auto level = severity_near_limit(p.fd_count.value_or(0), p.fd_limit.value_or(0));
    if (level) found.push_back(process_finding(s, i, *level));
    if (level || !runs_out_soon(p)) continue;
    auto f = process_finding(s, i, severity::warning);
    f.title += fmt::format(", {} more every second", rate(p.fd_growth_per_second.value_or(0)));
    f.certainty = likely("a load that has just begun and comes to rest below the limit",
                         "a third look: whether it grows on at the same rate");
    found.push_back(std::move(f));
  }
  std::ranges::move(full_tables_of(s), std::back_inserter(found));
  const auto* said = message_of(s, message_kind::too_many_open_files);
  if (found.empty() && said != nullptr) found.push_back(complaint_of(s, *said));
  sort_most_first(found, &finding::severity);
  if (found.size() > findings_max) found.resize(findings_max);
  return found;
}

}  // namespace waitstate::diagnosis
