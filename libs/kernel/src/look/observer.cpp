#include "waitstate/kernel/observer.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "look/owner_memory.h"
#include "look/socket_lister.h"
#include "proc/host.h"
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

result<snapshot> picture(const look_options& options, owner_memory* memory) {
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
  auto listing = socket_lister(listed, sinks, memory).run();
  if (!listing) return failure(std::move(listing).error());
  for (auto& p : listing->processes) builder.add_process(std::move(p));
  for (auto& l : listing->limits) builder.add_limit(std::move(l));
  auto seen = builder.finish(std::chrono::system_clock::now());
  seen.namespaces_refused = listing->namespaces_refused;
  return seen;
}

}  // namespace

struct observer::state {
  look_options options;
  owner_memory owners;
  std::optional<earlier> before;

  [[nodiscard]] snapshot compared(snapshot seen, clock::time_point started) const;
};

snapshot observer::state::compared(snapshot seen, clock::time_point started) const {
  if (!before) return seen;
  const auto elapsed = std::chrono::round<std::chrono::milliseconds>(started - before->started);
  return with_rates(before->seen, std::move(seen), std::max(elapsed, std::chrono::milliseconds(1)));
}

observer::observer(look_options options)
    : state_(std::make_unique<state>(state{.options = std::move(options)})) {}
observer::~observer() = default;
observer::observer(observer&&) noexcept = default;
observer& observer::operator=(observer&&) noexcept = default;

result<snapshot> observer::look() {
  const auto started = clock::now();
  auto seen = picture(state_->options, &state_->owners);
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
  auto seen = picture(state_->options, state_->before ? &state_->owners : nullptr);
  if (!seen) return seen;
  return state_->compared(*std::move(seen), started);
}

}  // namespace waitstate::kernel
