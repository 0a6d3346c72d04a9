#include "look/socket_lister.h"

#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "look/cookie_set.h"
#include "look/descriptor_source.h"
#include "waitstate/base/text.h"

namespace waitstate::kernel {
namespace {

using tcp::state;

// INET_DIAG_INFO locks each socket: asked for all of them only where they are few.
constexpr std::uint64_t sockets_with_info_max = 20'000;
// Each costs the more the more there are (see settings_of): a second for these, a minute for 2,000.
constexpr std::uint64_t settings_in_full_max = 256;
// Some ten lines of progress a second.
constexpr std::uint64_t progress_step = 16'384;

constexpr tcp::state_set listening{state::listen};
/// Their age is worth a lock.
constexpr tcp::state_set aged{state::bound_inactive, state::close_wait, state::fin_wait_1,
                              state::fin_wait_2,     state::last_ack,   state::closing};
constexpr tcp::state_set others{state::established, state::syn_sent, state::syn_received,
                                state::time_wait};

/// Namespaces besides ours in which a process holds a socket: containers, mostly.
std::uint64_t others_with_sockets(const descriptor_scan& scan, const net_namespace& ours) {
  std::set<std::uint64_t> inodes;
  for (const auto& p : scan.processes) {
    const bool is_other = p.net_namespace != 0 && p.net_namespace != ours.inode;
    if (is_other && p.kinds.sockets > 0) inodes.insert(p.net_namespace);
  }
  return inodes.size();
}

}  // namespace

result<listing> socket_lister::run() {
  const auto namespaces = select_namespaces(options_.net_namespace);
  if (!namespaces) return failure(namespaces.error());
  if (options_.owners) {
    if (auto found = find_owners(namespaces->front()); !found) return failure(found.error());
  }
  for (const auto& ns : *namespaces) {
    if (namespaces->size() > 1) tell("reading network namespaces", visited_.size());
    auto done = list(ns, settings_wanted(ns, namespaces->size()));
    if (done) continue;
    if (namespaces->size() == 1) return failure(std::move(done).error());
    ++skipped_namespaces_;
    if (done.error().code == errc::permission) ++listed_.namespaces_refused;
    // Ours comes first: where even that cannot be read nothing can.
    if (ns.path.empty()) return failure(std::move(done).error());
  }
  if (owners_) {
    if (met_ != nullptr) followed_ = met_->flows(visited_, *owners_);
    owners_->finish(visited_);
    listed_.processes = owners_->take_processes();
    listed_.limits = owners_->take_limits();
  }
  add_limits();
  return std::move(listed_);
}

settings_of socket_lister::settings_wanted(const net_namespace& ns, std::size_t of) const {
  if (of == 1 || ns.path.empty()) return settings_of::every_namespace;
  return with_settings_ < settings_in_full_max ? settings_of::those_with_sockets
                                               : settings_of::ports_of_those;
}

result<> socket_lister::find_owners(const net_namespace& ours) {
  auto read = read_descriptors(options_.source,
                               [this](std::uint64_t done) { tell("reading descriptors", done); });
  if (!read) return failure(std::move(read).error());
  if (options_.net_namespace.empty()) others_ = others_with_sockets(read->scan, ours);
  sees_no_process_ = read->scan.processes.empty();
  owners_.emplace(std::move(read->scan));
  not_by_bpf_ = std::move(read->lost);
  return {};
}

result<> socket_lister::list(const net_namespace& ns, settings_of wanted) {
  auto view = open_view(ns, wanted);
  if (!view) return failure(std::move(view).error());
  const auto index = static_cast<std::uint32_t>(listed_.namespaces.size());
  visited_.push_back({.inode = ns.inode, .index = index, .in_full = is_whole()});
  const auto& facts = listed_.namespaces.emplace_back(std::move(view->facts));
  sinks_.enter(facts);
  if (!view->sockets) return {};
  ++(wanted == settings_of::ports_of_those ? only_ports_ : with_settings_);

  cookie_set seen;
  const auto& in_use = facts.totals.in_use;
  if (is_whole()) seen.reserve(in_use.value_or(0) + facts.totals.time_wait.value_or(0));
  if (memory_ != nullptr && owners_) memory_->reserve(in_use.value_or(0));
  auto done = list_states(*view->sockets, in_use, [&](socket_record& s) {
    if (!seen.insert(s.cookie)) return;
    s.net_namespace = index;
    take(s, ns.inode);
  });
  unchecked_ += seen.unchecked();
  return done;
}

// Directions are told from the listeners, so these come first, and ports held by bind() are walked
// before connections in the pass after them.
result<> socket_lister::list_states(sock_diag& sockets, const std::optional<std::uint64_t>& in_use,
                                    const socket_sink& sink) {
  auto with_info = aged;
  auto without = others;
  if (in_use && *in_use <= sockets_with_info_max) {
    with_info = with_info | std::exchange(without, {});
  } else if (options_.states.contains(state::established)) {
    idle_unknown_ += in_use.value_or(0);
  }
  const dump_request passes[] = {
      {.states = listening}, {.states = with_info, .with_info = true}, {.states = without}};
  for (auto pass : passes) {
    pass.states = pass.states & options_.states;
    if (pass.states.empty()) continue;
    if (auto done = dump(sockets, pass, sink); !done) return done;
  }
  return {};
}

result<> socket_lister::dump(sock_diag& sockets, const dump_request& request,
                             const socket_sink& sink) {
  const auto outcome = sockets.dump(request, sink);
  if (!outcome) return failure(outcome.error());
  unreadable_ += outcome->unreadable;
  if (outcome->incomplete) {
    incomplete_ = true;
    visited_.back().in_full = false;
  }
  return {};
}

void socket_lister::take(socket_record& s, std::uint64_t inode) {
  s.owner = owner_of(s, inode);
  if (met_ != nullptr) met_->add_age(s, inode);
  const bool is_owned = s.owner.kind == ownership::owned;
  if (memory_ != nullptr && is_owned && s.state != state::listen) {
    memory_->note(s.cookie, inode, s.owner.process);
  }
  sinks_.take(s, is_owned && owners_ ? owners_->process_of(s.owner) : nullptr);
  if (++sockets_ % progress_step == 0) tell("reading sockets", sockets_);
}

owner_ref socket_lister::owner_of(const socket_record& s, std::uint64_t inode) {
  if (!owners_) return {};
  if (met_ != nullptr && s.inode == 0) {
    if (const auto* who = met_->closer_of(s, inode)) return owners_->owner_from_before(*who, inode);
  }
  if (s.state == state::time_wait && memory_ != nullptr) {
    if (const auto* was = memory_->owner_before(s.cookie, inode)) {
      return owners_->owner_from_before(*was, inode);
    }
  }
  return owners_->owner_of(s);
}

void socket_lister::say(std::string_view id, std::string text, std::string_view hint) {
  listed_.limits.push_back(
      {.id = std::string(id), .text = std::move(text), .hint = std::string(hint)});
}

void socket_lister::add_limits() {
  if (idle_unknown_ > 0) {
    say("unknown-idle-time",
        fmt::format("how long ESTABLISHED connections are idle was not read: {} are too many to "
                    "lock one by one",
                    counted(idle_unknown_, "socket")));
  }
  if (incomplete_) {
    say("incomplete-dump",
        "the kernel lost a part of the socket list each time it was asked: "
        "counts may lack some");
  }
  if (unreadable_ > 0) {
    say("unread-messages",
        fmt::format("{} of the kernel could not be read", counted(unreadable_, "message")));
  }
  if (unchecked_ > 0) {
    say("unchecked-repeats",
        fmt::format("{} not checked for being listed twice: over {}", counted(unchecked_, "socket"),
                    grouped(cookie_set::cookies_max)));
  }
  if (skipped_namespaces_ > 0) {
    say("skipped-namespaces",
        fmt::format("{} could not be entered", counted(skipped_namespaces_, "network namespace")),
        listed_.namespaces_refused > 0 ? "run as root" : "");
  }
  if (only_ports_ > 0) {
    say("unread-settings",
        fmt::format("of {} only the settings that ports are chosen by were read: more than {} hold "
                    "sockets",
                    counted(only_ports_, "network namespace"), grouped(settings_in_full_max)),
        "waitstate diagnose --netns NAME for one of them");
  }
  if (not_by_bpf_) listed_.limits.push_back(*std::move(not_by_bpf_));
  if (sees_no_process_) {
    say("no-processes", "no process is to be seen in /proc: owners and descriptors are not known",
        "mount -t proc proc /proc");
  }
  if (others_ > 0) {
    say("other-namespaces",
        fmt::format("{} with sockets {} not looked at", counted(others_, "other network namespace"),
                    others_ == 1 ? "was" : "were"),
        "waitstate diagnose --netns all");
  }
}

}  // namespace waitstate::kernel
