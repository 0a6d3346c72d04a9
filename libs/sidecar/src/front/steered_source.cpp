#include "front/steered_source.h"

namespace waitstate::sidecar {

using client::endpoint;

client::asio::awaitable<void> steered_source::run() {
  const auto self = shared_from_this();
  of_->subscribe(self, [this](const client::endpoint_set&) { publish_rest(); });
  co_await of_->run();
}

void steered_source::publish_rest() {
  // One after the other, so that the last word is that of the last change.
  const std::scoped_lock in_order(publishing_);
  auto set = of_->current();
  const auto out = taken_out();
  if (set.state != client::source_state::pending) {
    std::erase_if(set.endpoints, [&](const auto& one) { return out.contains(one.at); });
    publish(std::move(set.endpoints),
            set.state == client::source_state::ok ? set.why : std::nullopt);
  }
  if (set.state != client::source_state::ok && set.why) publish_failure(*std::move(set.why));
}

void steered_source::take_out(const endpoint& server) {
  {
    const std::scoped_lock hold(lock_);
    out_.insert(server);
  }
  publish_rest();
}

bool steered_source::put_back(const endpoint& server) {
  bool was_out = false;
  {
    const std::scoped_lock hold(lock_);
    was_out = out_.erase(server) > 0;
  }
  publish_rest();
  return was_out;
}

std::set<endpoint> steered_source::taken_out() const {
  const std::scoped_lock hold(lock_);
  return out_;
}

}  // namespace waitstate::sidecar
