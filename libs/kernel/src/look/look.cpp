#include "waitstate/kernel/look.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "look/cookie_set.h"
#include "look/netns.h"
#include "look/socket_owners.h"
#include "netlink/sock_diag.h"
#include "proc/host.h"
#include "waitstate/base/text.h"
#include "waitstate/snapshot/rates.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::kernel {
namespace {

using clock = std::chrono::steady_clock;
using tcp::state;

// INET_DIAG_INFO locks each socket: asked for all of them only where they are few.
constexpr std::uint64_t sockets_with_info_max = 20'000;
constexpr std::uint64_t progress_step = 16'384;

struct picture {
  snapshot seen;
  clock::time_point started;
  cookie_owners owners;  ///< Index into seen.processes; empty where no second look follows.
};

/// Older kernels count cookies per namespace.
std::uint64_t host_wide(std::uint64_t cookie, std::uint64_t net_namespace) {
  return cookie ^ (net_namespace * 0x9e3779b97f4a7c15ULL);
}

/// Namespaces besides ours in which a process holds a socket: containers, mostly.
std::uint64_t others_with_sockets(const descriptor_scan& scan, const net_namespace& ours) {
  std::set<std::uint64_t> others;
  for (const auto& p : scan.processes) {
    const bool is_other = p.net_namespace != 0 && p.net_namespace != ours.inode;
    if (is_other && p.kinds.sockets > 0) others.insert(p.net_namespace);
  }
  return others.size();
}

/// One look: every namespace in turn, into one builder.
class looker {
 public:
  looker(const look_options& options, picture* before) : options_(options), before_(before) {}

  [[nodiscard]] result<picture> run();

 private:
  [[nodiscard]] result<> visit(const net_namespace& ns);
  [[nodiscard]] result<> dump(namespace_view& view, std::uint32_t index);
  [[nodiscard]] result<> dump_states(sock_diag& sockets, const dump_request& request,
                                     const socket_sink& sink);
  void take(const socket_record& s, std::uint64_t inode);
  [[nodiscard]] owner_ref owner_of(const socket_record& s, std::uint64_t inode);
  void add_limits();
  /// For a second look, which is to know whose its TIME-WAIT sockets were.
  [[nodiscard]] bool remembers_owners() const {
    return options_.interval.count() > 0 && options_.owners && before_ == nullptr;
  }
  void tell(std::string_view what, std::uint64_t done) const {
    if (options_.progress) options_.progress(what, done);
  }

  const look_options& options_;
  picture* before_;
  snapshot_builder builder_;
  std::optional<socket_owners> owners_;
  cookie_owners alive_;
  std::vector<socket_owners::visited> visited_;
  std::uint64_t sockets_ = 0;
  std::uint64_t idle_unknown_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t unchecked_ = 0;
  bool incomplete_ = false;
  std::uint64_t others_ = 0;  ///< Namespaces that hold sockets and were not asked for.
  std::uint64_t skipped_namespaces_ = 0;
  std::uint64_t refused_namespaces_ = 0;
};

result<picture> looker::run() {
  const auto started = clock::now();
  const auto namespaces = select_namespaces(options_.net_namespace);
  if (!namespaces) return failure(namespaces.error());
  builder_.set_source(source_kind::live, "sock_diag");
  builder_.host() = read_host();
  if (options_.owners) {
    auto scan = scan_descriptors([this](std::uint64_t done) { tell("reading descriptors", done); });
    if (options_.net_namespace.empty()) others_ = others_with_sockets(scan, namespaces->front());
    owners_.emplace(std::move(scan), builder_);
  }
  for (const auto& ns : *namespaces) {
    auto done = visit(ns);
    if (done) continue;
    if (namespaces->size() == 1) return failure(std::move(done).error());
    ++skipped_namespaces_;
    if (done.error().code == errc::permission) ++refused_namespaces_;
    // Ours comes first: where even that cannot be read nothing can.
    if (ns.path.empty()) return failure(std::move(done).error());
  }
  if (owners_) owners_->finish(visited_);
  add_limits();
  auto seen = builder_.finish(std::chrono::system_clock::now());
  seen.namespaces_refused = refused_namespaces_;
  return picture{.seen = std::move(seen), .started = started, .owners = std::move(alive_)};
}

result<> looker::visit(const net_namespace& ns) {
  auto view = open_view(ns);
  if (!view) return failure(std::move(view).error());
  add_conntrack(builder_.host(), view->facts);
  const auto index = builder_.add_namespace(view->facts);
  visited_.push_back({.inode = ns.inode, .index = index});
  return dump(*view, index);
}

result<> looker::dump(namespace_view& view, std::uint32_t index) {
  const auto& totals = view.facts.totals;
  cookie_set seen;
  seen.reserve(totals.in_use.value_or(0) + totals.time_wait.value_or(0));
  if (remembers_owners()) alive_.reserve(totals.in_use.value_or(0));
  const auto inode = view.facts.inode;
  const socket_sink sink = [&](const socket_record& s) {
    if (!seen.insert(s.cookie)) return;
    auto here = s;
    here.net_namespace = index;
    take(here, inode);
  };
  // Directions are told from the listeners, so these come first, and ports held by bind() are
  // walked before connections in the pass after them.
  const auto listeners = states_mask({state::listen});
  auto aged = states_mask({state::bound_inactive, state::close_wait, state::fin_wait_1,
                           state::fin_wait_2, state::last_ack, state::closing});
  auto others =
      states_mask({state::established, state::syn_sent, state::syn_received, state::time_wait});
  const auto in_use = totals.in_use;
  if (in_use && *in_use <= sockets_with_info_max) {
    aged |= std::exchange(others, 0);
  } else {
    idle_unknown_ += in_use.value_or(0);
  }

  if (auto done = dump_states(view.sockets, {.states = listeners}, sink); !done) return done;
  if (auto done = dump_states(view.sockets, {.states = aged, .with_info = true}, sink); !done) {
    return done;
  }
  if (others != 0) {
    if (auto done = dump_states(view.sockets, {.states = others}, sink); !done) return done;
  }
  unchecked_ += seen.unchecked();
  return {};
}

result<> looker::dump_states(sock_diag& sockets, const dump_request& request,
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

void looker::take(const socket_record& s, std::uint64_t inode) {
  auto owned = s;
  owned.owner = owner_of(s, inode);
  if (remembers_owners() && s.state != state::listen && owned.owner.kind == ownership::owned) {
    alive_.insert(host_wide(s.cookie, inode), owned.owner.process);
  }
  builder_.add(owned);
  if (++sockets_ % progress_step == 0) tell("reading sockets", sockets_);
}

owner_ref looker::owner_of(const socket_record& s, std::uint64_t inode) {
  if (!owners_) return {};
  if (s.state == state::time_wait && before_ != nullptr) {
    if (const auto was = before_->owners.find(host_wide(s.cookie, inode))) {
      return owners_->owner_from_before(before_->seen.processes[*was], inode);
    }
  }
  return owners_->owner_of(s);
}

void looker::add_limits() {
  const auto say = [this](std::string_view id, std::string text, std::string_view hint = {}) {
    builder_.add_limit({.id = std::string(id), .text = std::move(text), .hint = std::string(hint)});
  };
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
        refused_namespaces_ > 0 ? "run as root" : "");
  }
  if (others_ > 0) {
    say("other-namespaces",
        fmt::format("{} with sockets {} not looked at", counted(others_, "other network namespace"),
                    others_ == 1 ? "was" : "were"),
        "waitstate diagnose --netns all");
  }
}

void wait_until(clock::time_point when, const look_options& options) {
  using namespace std::chrono_literals;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - clock::now());
    const auto done = options.interval - std::clamp(left, 0ms, options.interval);
    if (options.progress) {
      options.progress("waiting for the second look", static_cast<std::uint64_t>(done.count()));
    }
    if (left <= 0ms) return;
    std::this_thread::sleep_for(std::min<clock::duration>(left, 100ms));
  }
}

}  // namespace

result<snapshot> look(const look_options& options) {
  auto first = looker(options, nullptr).run();
  if (!first) return failure(std::move(first).error());
  if (options.interval.count() <= 0) return std::move(first->seen);

  wait_until(first->started + options.interval, options);
  auto second = looker(options, &*first).run();
  if (!second) return failure(std::move(second).error());
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(second->started - first->started);
  return with_rates(first->seen, std::move(second->seen), std::max(elapsed, options.interval));
}

}  // namespace waitstate::kernel
