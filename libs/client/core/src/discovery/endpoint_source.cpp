#include "waitstate/client/core/endpoint_source.h"

#include <algorithm>
#include <utility>

namespace waitstate::client {
namespace {

class fixed_list final : public endpoint_source {
 public:
  explicit fixed_list(std::vector<weighted_endpoint> endpoints) { publish(std::move(endpoints)); }

  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
};

}  // namespace

endpoint_set endpoint_source::current() const {
  const std::scoped_lock held(lock_);
  return set_;
}

void endpoint_source::subscribe(std::weak_ptr<void> alive, subscriber notify) {
  const std::scoped_lock in_turn(telling_);
  notify(current());
  subscribers_.emplace_back(std::move(alive), std::move(notify));
}

void endpoint_source::publish(std::vector<weighted_endpoint> endpoints,
                              std::optional<error> trouble) {
  std::ranges::sort(endpoints, {}, &weighted_endpoint::at);
  const auto twice = std::ranges::unique(endpoints, {}, &weighted_endpoint::at);
  endpoints.erase(twice.begin(), twice.end());
  const std::scoped_lock in_turn(telling_);
  {
    const std::scoped_lock held(lock_);
    const bool is_same = set_.generation > 0 && set_.endpoints == endpoints;
    const auto text = [](const std::optional<error>& e) { return e ? e->what : std::string(); };
    const bool is_told = set_.state == source_state::ok && text(set_.why) == text(trouble);
    if (is_same && is_told) return;
    if (!is_same) ++set_.generation;
    set_.endpoints = std::move(endpoints);
    set_.state = source_state::ok;
    set_.why = std::move(trouble);
  }
  tell_all();
}

void endpoint_source::publish_failure(error why) {
  const std::scoped_lock in_turn(telling_);
  {
    const std::scoped_lock held(lock_);
    const bool was_known = set_.generation > 0;
    set_.state = was_known ? source_state::stale : source_state::pending;
    set_.why = std::move(why);
  }
  tell_all();
}

void endpoint_source::tell_all() {
  const auto set = current();
  std::erase_if(subscribers_, [](const auto& s) { return s.first.expired(); });
  // A copy, as a subscriber may subscribe another.
  const auto subscribers = subscribers_;
  for (const auto& [alive, notify] : subscribers) {
    if (const auto listener = alive.lock()) notify(set);
  }
}

std::shared_ptr<endpoint_source> static_source(std::vector<weighted_endpoint> endpoints) {
  return std::make_shared<fixed_list>(std::move(endpoints));
}

}  // namespace waitstate::client
