#include "redis/redis_service.h"

#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "redis/redis_session.h"

namespace waitstate::sidecar {
namespace {

using client::as_value;
using client::clock;

constexpr std::chrono::milliseconds tick_every{100};

}  // namespace

/// What outlives the service while clients are there.
struct redis_service::inside {
  explicit inside(std::shared_ptr<redis_route> r) : route(std::move(r)) {}

  std::shared_ptr<redis_route> route;
  std::unordered_set<redis_session*> sessions;
  bool is_ticking = false;
  bool is_stopped = false;
};

/// However the coroutine ends.
class redis_service::listed {
 public:
  listed(std::unordered_set<redis_session*>& in, redis_session* who) : in_(in), who_(who) {
    in_.insert(who_);
  }
  ~listed() { in_.erase(who_); }
  listed(const listed&) = delete;
  listed& operator=(const listed&) = delete;

 private:
  std::unordered_set<redis_session*>& in_;
  redis_session* who_;
};

redis_service::redis_service(asio::any_io_executor executor,
                             std::shared_ptr<client::cluster> writes,
                             std::shared_ptr<client::cluster> reads, redis_route_settings how)
    : executor_(std::move(executor)),
      route_(std::make_shared<redis_route>(std::move(writes), std::move(reads), std::move(how))),
      inside_(std::make_shared<inside>(route_)) {}

redis_service::~redis_service() {
  inside_->is_stopped = true;
  route_->links.stop();
}

asio::awaitable<void> redis_service::serve(client_ptr who) {
  if (!std::exchange(inside_->is_ticking, true)) {
    route_->now = clock::now();
    asio::co_spawn(executor_, tick(inside_), asio::detached);
  }
  return serve_one(inside_, std::move(who));
}

asio::awaitable<void> redis_service::serve_one(std::shared_ptr<inside> in, client_ptr who) {
  const auto session = std::make_shared<redis_session>(std::move(who), in->route);
  const listed until_end(in->sessions, session.get());
  co_await redis_session::run(session);
}

void redis_service::drain() {
  route_->is_draining = true;
  const std::vector<redis_session*> all(inside_->sessions.begin(), inside_->sessions.end());
  for (auto* const session : all) session->drain();
}

asio::awaitable<void> redis_service::tick(std::shared_ptr<inside> in) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!in->is_stopped) {
    timer.expires_after(tick_every);
    co_await timer.async_wait(as_value);
    const auto now = in->route->now = clock::now();
    if (in->is_stopped) break;
    in->route->links.look(now);
    if (in->sessions.empty() && in->route->links.is_empty()) break;
  }
  in->is_ticking = false;
}

}  // namespace waitstate::sidecar
