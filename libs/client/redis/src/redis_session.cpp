#include "waitstate/client/redis/redis_session.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "redis_exchange.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration background_reset_max = 1s;
constexpr int messages_before_reset_max = 100'000;  // of subscriptions, still under way

error session_is_over() {
  return {.code = errc::unavailable, .what = "redis: the session is over", .hint = {}};
}

}  // namespace

struct redis_session::state {
  cluster_lease over;
  asio::any_io_executor executor;
  redis_request_ptr greeting;
  redis_limits limits;
  bool is_stateful = false;
  bool is_broken = false;
};

redis_session::redis_session(cluster_lease over, asio::any_io_executor executor,
                             redis_request_ptr greeting, const redis_limits& limits)
    : state_(std::make_shared<state>()) {
  state_->over = std::move(over);
  state_->executor = std::move(executor);
  state_->greeting = std::move(greeting);
  state_->limits = limits;
}

redis_session::~redis_session() {
  leave();
}

redis_session& redis_session::operator=(redis_session&& other) noexcept {
  if (this == &other) return *this;
  leave();
  state_ = std::move(other.state_);
  return *this;
}

void redis_session::leave() {
  const auto s = std::exchange(state_, nullptr);
  if (!s) return;
  // Also for one that needs no reset: an operation that was given up may still be ending.
  asio::co_spawn(s->executor, finish_in_background(s), asio::detached);
}

asio::awaitable<void> redis_session::finish_in_background(state_ptr s) {
  co_await finish(s, clock::now() + background_reset_max);
}

const endpoint& redis_session::to() const {
  return state_->over.to();
}

task<redis_reply> redis_session::command(redis_command what, time_limit deadline) {
  return execute_one(state_, std::move(what), deadline);
}

task<std::vector<redis_reply>> redis_session::pipeline(std::vector<redis_command> commands,
                                                       time_limit deadline) {
  return execute(state_, std::move(commands), deadline);
}

task<redis_reply> redis_session::receive(time_limit deadline) {
  return receive_one(state_, deadline);
}

task<> redis_session::end(time_limit deadline) {
  return finish(std::exchange(state_, nullptr), deadline);
}

task<redis_reply> redis_session::execute_one(state_ptr s, redis_command what, time_limit deadline) {
  std::vector<redis_command> commands;
  commands.push_back(std::move(what));
  auto replies = co_await execute(s, std::move(commands), deadline);
  if (!replies) co_return failure(std::move(replies).error());
  co_return std::move(replies->front());
}

task<std::vector<redis_reply>> redis_session::execute(state_ptr s,
                                                      std::vector<redis_command> commands,
                                                      time_limit deadline) {
  if (!s || s->is_broken) co_return failure(session_is_over());
  if (deadline.is_over()) {
    co_return failure({.code = errc::timed_out,
                       .what = "redis: the deadline was over before anything was sent",
                       .hint = {}});
  }
  auto request = make_request(commands);
  if (!request) co_return failure(std::move(request).error());
  for (const auto& c : commands) {
    if (classify(c) == redis_command_kind::stateful) s->is_stateful = true;
  }
  const auto over = s->over.over().shared();
  const auto progress = std::make_shared<redis_progress>();
  // Broken until it has ended well: the coroutine may be dropped in between.
  s->is_broken = true;
  over->set_deadline(deadline);
  auto replies = co_await exchange(over, *request, s->limits, progress);
  over->set_deadline(time_point::max());
  s->is_broken = !replies.has_value();
  co_return replies;
}

task<redis_reply> redis_session::receive_one(state_ptr s, time_limit deadline) {
  if (!s || s->is_broken) co_return failure(session_is_over());
  const auto over = s->over.over().shared();
  s->is_broken = true;
  over->set_deadline(deadline);
  auto got = co_await waitstate::client::receive(over, s->limits);
  over->set_deadline(time_point::max());
  s->is_broken = !got.has_value();
  co_return got;
}

task<> redis_session::reset(state_ptr s) {
  const auto over = s->over.over().shared();
  std::vector<redis_command> commands;
  commands.push_back({"RESET"});
  auto request = make_request(commands);
  const auto progress = std::make_shared<redis_progress>();
  auto replies = co_await exchange(over, *request, s->limits, progress);
  if (!replies) co_return failure(std::move(replies).error());
  auto last = std::move(replies->front());
  for (int i = 0; !last.is_status("RESET") && i < messages_before_reset_max; ++i) {
    if (last.is_error()) break;
    auto next = co_await waitstate::client::receive(over, s->limits);
    if (!next) co_return failure(std::move(next).error());
    last = *std::move(next);
  }
  if (!last.is_status("RESET")) {
    co_return failure(
        {.code = errc::unsupported,
         .what = fmt::format("redis {}: RESET: {}", to_string(over->remote()), to_string(last)),
         .hint = "Redis 6.2 and later know RESET; the connection was closed"});
  }
  auto greeted = co_await greet(over, s->greeting, s->limits);
  co_return greeted;
}

task<> redis_session::finish(state_ptr s, time_limit deadline) {
  if (!s) co_return failure(session_is_over());
  result<> clean;
  if (s->is_broken) {
    clean = failure(session_is_over());
  } else if (s->is_stateful) {
    s->over->set_deadline(deadline);
    clean = co_await reset(s);
  }
  if (clean && is_at_boundary(*s->over)) s->over.over().keep();
  // How long a session lasts says nothing about the server.
  s->over.give_back(s->is_broken ? call_outcome::failed : call_outcome::unknown);
  co_return clean;
}

}  // namespace waitstate::client
