#include "redis_role_monitor.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration between_rounds_min = 50ms;

std::vector<weighted_endpoint> of_equal_weight(const std::vector<endpoint>& list) {
  std::vector<weighted_endpoint> weighted;
  weighted.reserve(list.size());
  for (const auto& at : list) weighted.push_back({.at = at});
  return weighted;
}

}  // namespace

struct redis_role_monitor::round {
  std::size_t unanswered = 0;  // in turn_
  std::shared_ptr<one_shot<bool>> over;
};

result<std::shared_ptr<redis_role_monitor>> redis_role_monitor::make(
    const asio::any_io_executor& executor, const redis_settings& settings, pool_settings pool) {
  auto question = make_request({{"ROLE"}});
  if (!question) return failure(std::move(question).error());
  std::shared_ptr<redis_role_monitor> made(
      new redis_role_monitor(executor, settings, *std::move(question)));
  pool.limits = {.connections_max = 1, .waiters_max = 16, .idle_time_max = {}};
  pool.dial.connect_time_max = settings.role_time_max;
  pool.redial_max = settings.role_interval;
  pool.leak_report_after = {};
  pool.events = {};
  const auto unlimited = std::make_shared<capacity>();
  for (const auto& at : settings.endpoints) {
    auto connections = pool::make(executor, at, pool, unlimited);
    if (!connections) return failure(std::move(connections).error());
    made->pools_.push_back(*std::move(connections));
    made->servers_.push_back({.at = at, .role = {}});
    made->why_.emplace_back("not asked yet");
  }
  return made;
}

redis_role_monitor::redis_role_monitor(const asio::any_io_executor& executor,
                                       const redis_settings& settings, redis_request_ptr question)
    : turn_(asio::make_strand(executor)),
      interval_(settings.role_interval),
      time_max_(settings.role_time_max),
      limits_(settings.limits),
      question_(std::move(question)),
      doubt_(std::make_shared<one_shot<bool>>(executor)) {}

asio::awaitable<void> redis_role_monitor::run() {
  const auto self = shared_from_this();
  for (const auto& p : pools_) asio::co_spawn(turn_, p->run(), asio::detached);
  asio::steady_timer pause(turn_);
  while (!stopped_) {
    pause.expires_after(between_rounds_min);
    const auto next = clock::now() + interval_;
    std::shared_ptr<one_shot<bool>> doubt;
    {
      const std::scoped_lock held(lock_);
      doubt = doubt_ = std::make_shared<one_shot<bool>>(turn_);
      waiting_.insert(waiting_.end(), waiting_next_.begin(), waiting_next_.end());
      waiting_next_.clear();
    }
    co_await asio::co_spawn(turn_, ask_all(self), asio::use_awaitable);
    co_await one_shot<bool>::take(doubt, next);
    if (!stopped_) co_await pause.async_wait(as_value);
  }
}

void redis_role_monitor::stop() {
  stopped_ = true;
  for (const auto& p : pools_) p->stop();
  ask_now();
  wake_all();
}

void redis_role_monitor::ask_now() {
  const std::scoped_lock held(lock_);
  doubt_->give(true);
}

asio::awaitable<bool> redis_role_monitor::asked(std::shared_ptr<redis_role_monitor> self,
                                                time_point deadline) {
  const auto told = std::make_shared<one_shot<bool>>(co_await asio::this_coro::executor);
  {
    const std::scoped_lock held(self->lock_);
    if (self->stopped_) co_return false;
    self->waiting_next_.push_back(told);
    self->doubt_->give(true);
  }
  const auto was_told = co_await one_shot<bool>::take(told, deadline);
  co_return was_told.has_value() && !self->stopped_;
}

void redis_role_monitor::wake_all() {
  std::vector<std::shared_ptr<one_shot<bool>>> woken;
  {
    const std::scoped_lock held(lock_);
    woken.swap(waiting_);
    if (stopped_) woken.insert(woken.end(), waiting_next_.begin(), waiting_next_.end());
  }
  for (const auto& w : woken) w->give(true);
}

asio::awaitable<void> redis_role_monitor::ask_all(std::shared_ptr<redis_role_monitor> self) {
  const auto all = std::make_shared<round>();
  all->unanswered = self->pools_.size();
  all->over = std::make_shared<one_shot<bool>>(self->turn_);
  for (std::size_t i = 0; i < self->pools_.size(); ++i) {
    asio::co_spawn(self->turn_, ask_one(self, i, all), asio::detached);
  }
  co_await one_shot<bool>::take(all->over, time_point::max());
  self->is_first_round_over_ = true;
  self->decide();
  self->wake_all();
}

asio::awaitable<void> redis_role_monitor::ask_one(std::shared_ptr<redis_role_monitor> self,
                                                  std::size_t which, std::shared_ptr<round> of) {
  auto got = co_await ask(self, which);
  if (got) {
    self->servers_[which].role = *got;
    self->why_[which] = "is a replica";
  } else {
    self->servers_[which].role.reset();
    self->why_[which] = got.error().what;
  }
  if (self->is_first_round_over_) self->decide();
  if (--of->unanswered == 0) of->over->give(true);
}

task<redis_role> redis_role_monitor::ask(std::shared_ptr<redis_role_monitor> self,
                                         std::size_t which) {
  const auto deadline = clock::now() + self->time_max_;
  const acquire_options options{.deadline = deadline};
  auto over = co_await self->pools_[which]->acquire(options);
  if (!over) co_return failure(std::move(over).error());
  (*over)->set_deadline(deadline);
  const auto progress = std::make_shared<redis_progress>();
  auto replies = co_await exchange(over->shared(), self->question_, self->limits_, progress);
  if (!replies) co_return failure(std::move(replies).error());
  if (is_at_boundary(**over)) over->keep();
  co_return parse_redis_role(replies->front());
}

void redis_role_monitor::decide() {
  if (stopped_) return;
  auto roles = decide_redis_roles(servers_, is_primary_);
  const bool is_another = roles.primary && roles.primary != is_primary_;
  if (roles.primary) {
    is_primary_ = roles.primary;
    primary_->publish({{.at = *roles.primary}});
  } else {
    primary_->publish_failure(why_no_primary());
  }
  if (roles.replicas) {
    replicas_->publish(of_equal_weight(*roles.replicas));
  } else {
    replicas_->publish_failure(why_no_primary());
  }
  if (is_another) wake_all();
}

error redis_role_monitor::why_no_primary() const {
  std::string all = "no server says that it is the primary";
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    all += fmt::format("{} {}: {}", i == 0 ? ":" : ";", to_string(servers_[i].at), why_[i]);
  }
  return {.code = errc::unavailable, .what = std::move(all), .hint = {}};
}

}  // namespace waitstate::client
