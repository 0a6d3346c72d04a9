#include "waitstate/client/core/cluster_lease.h"

#include <utility>

#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

cluster_lease::cluster_lease(std::shared_ptr<cluster> from, std::uint64_t member, bool is_alive,
                             time_point now)
    : from_(std::move(from)), member_(member), is_alive_(is_alive), began_(now) {}

cluster_lease::~cluster_lease() {
  report(call_outcome::unknown);
}

cluster_lease::cluster_lease(cluster_lease&& other) noexcept
    : from_(std::move(other.from_)),
      member_(other.member_),
      is_alive_(other.is_alive_),
      to_(std::move(other.to_)),
      over_(std::move(other.over_)),
      began_(other.began_) {}

cluster_lease& cluster_lease::operator=(cluster_lease&& other) noexcept {
  if (this == &other) return *this;
  report(call_outcome::unknown);
  from_ = std::move(other.from_);
  member_ = other.member_;
  is_alive_ = other.is_alive_;
  to_ = std::move(other.to_);
  over_ = std::move(other.over_);
  began_ = other.began_;
  return *this;
}

void cluster_lease::report(call_outcome outcome, std::optional<duration> latency) {
  if (from_) end(outcome, latency, clock::now());
}

void cluster_lease::end(call_outcome outcome, std::optional<duration> latency, time_point now) {
  const auto from = std::exchange(from_, nullptr);
  if (!from) return;
  if (!latency && outcome != call_outcome::unknown) latency = now - began_;
  from->end(member_, is_alive_, outcome, latency, now);
}

void cluster_lease::done(bool is_well) {
  if (is_well && over_) over_.keep();
  give_back(is_well ? call_outcome::ok : call_outcome::failed);
}

void cluster_lease::give_back(call_outcome outcome) {
  give_back(outcome, clock::now());
}

void cluster_lease::give_back(call_outcome outcome, time_point now) {
  end(outcome, {}, now);
  over_.give_back(now);
}

}  // namespace waitstate::client
