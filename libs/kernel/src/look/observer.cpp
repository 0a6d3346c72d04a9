#include "waitstate/kernel/observer.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "look/followed_look.h"
#include "look/owner_memory.h"
#include "look/socket_lister.h"
#include "proc/host.h"
#include "trace/follower.h"
#include "waitstate/base/text.h"
#include "waitstate/snapshot/rates.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::kernel {
namespace {

using clock = std::chrono::steady_clock;

/// Of a look, what the next one is compared with.
struct earlier {
  clock::time_point started;
  snapshot seen;
};

snapshot comparable(const snapshot& s) {
  snapshot kept;
  kept.namespaces = s.namespaces;
  kept.processes = s.processes;
  kept.groups = s.groups;
  return kept;
}

limit not_followed(error why) {
  return {.id = "not-followed",
          .text = fmt::format("who opens and closes connections was not followed: {}", why.what),
          .hint = std::move(why.hint)};
}

limit followed_since(const followed_connections& f) {
  auto text = fmt::format(
      "who opened and closed connections was followed for {}: of what ended "
      "before that it is not known",
      elapsed(f.watched));
  if (f.not_counted > 0) text += fmt::format("; {} found no room", counted(f.not_counted, "event"));
  return {.id = "followed-since",
          .text = std::move(text),
          .hint = "--interval 60s for every TIME-WAIT"};
}

/// Is there anything in the snapshot whose closer could be known and is not?
bool lacks_closers(const snapshot& s) {
  return std::ranges::any_of(s.groups, [](const socket_group& g) {
    return g.key.state == tcp::state::time_wait && g.key.owner.kind != ownership::owned;
  });
}

result<snapshot> picture(const look_options& options, owner_memory* memory, followed_look* met) {
  snapshot_builder builder;
  builder.set_source(source_kind::live, "sock_diag");
  builder.host() = read_host();
  const lister_options listed{.net_namespace = options.net_namespace,
                              .owners = options.owners,
                              .source = options.source,
                              .progress = options.progress};
  const lister_sinks sinks{.enter =
                               [&](const network_namespace& ns) {
                                 add_conntrack(builder.host(), ns);
                                 builder.add_namespace(ns);
                               },
                           .take = [&](const socket_record& s, const process*) { builder.add(s); }};
  socket_lister lister(listed, sinks, memory, met);
  auto listing = lister.run();
  if (!listing) return failure(std::move(listing).error());
  for (auto& p : listing->processes) builder.add_process(std::move(p));
  for (auto& l : listing->limits) builder.add_limit(std::move(l));
  auto seen = builder.finish(std::chrono::system_clock::now());
  seen.namespaces_refused = listing->namespaces_refused;
  seen.followed = lister.take_followed();
  if (seen.followed && (seen.followed->not_counted > 0 || lacks_closers(seen))) {
    seen.limits.push_back(followed_since(*seen.followed));
  }
  return seen;
}

}  // namespace

struct observer::state {
  look_options options;
  owner_memory owners;
  std::optional<earlier> before;
  std::optional<follower> following;
  std::optional<limit> why_not;  ///< Nothing is followed.

  [[nodiscard]] result<> follow();
  [[nodiscard]] std::optional<followed_look> met();
  [[nodiscard]] snapshot compared(snapshot seen, clock::time_point started) const;
};

/// Before the first socket is read, so that none is missed.
result<> observer::state::follow() {
  const bool wanted = options.follows && options.owners && options.source != kernel_source::netlink;
  if (!wanted || following || why_not) return {};
  auto started = follower::start(options.net_namespace);
  if (started) {
    following.emplace(*std::move(started));
  } else if (options.source == kernel_source::bpf) {
    return failure(std::move(started).error());
  } else {
    why_not = not_followed(std::move(started).error());
  }
  return {};
}

/// What was followed since the look before.
std::optional<followed_look> observer::state::met() {
  if (!before || !following) return std::nullopt;
  auto taken = following->take();
  if (taken) return followed_look(*std::move(taken));
  why_not = not_followed(std::move(taken).error());
  following.reset();
  return std::nullopt;
}

snapshot observer::state::compared(snapshot seen, clock::time_point started) const {
  if (!before) return seen;
  if (why_not) seen.limits.push_back(*why_not);
  const auto elapsed = std::chrono::round<std::chrono::milliseconds>(started - before->started);
  return with_rates(before->seen, std::move(seen), std::max(elapsed, std::chrono::milliseconds(1)));
}

observer::observer(look_options options)
    : state_(std::make_unique<state>(state{.options = std::move(options)})) {}
observer::~observer() = default;
observer::observer(observer&&) noexcept = default;
observer& observer::operator=(observer&&) noexcept = default;

result<snapshot> observer::look() {
  if (auto ready = state_->follow(); !ready) return failure(std::move(ready).error());
  const auto started = clock::now();
  auto met = state_->met();
  auto seen = picture(state_->options, &state_->owners, met ? &*met : nullptr);
  if (!seen) {
    state_->owners.drop();
    return seen;
  }
  auto kept = comparable(*seen);
  state_->owners.turn(seen->processes);
  auto now = state_->compared(*std::move(seen), started);
  state_->before = earlier{.started = started, .seen = std::move(kept)};
  return now;
}

result<snapshot> observer::last_look() && {
  const auto started = clock::now();
  state_->owners.close();
  auto met = state_->met();
  auto seen =
      picture(state_->options, state_->before ? &state_->owners : nullptr, met ? &*met : nullptr);
  if (!seen) return seen;
  return state_->compared(*std::move(seen), started);
}

}  // namespace waitstate::kernel
