#include "front/loop.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace waitstate::sidecar {
namespace {

/// How late a time limit of a client may be noticed.
constexpr duration tick = std::chrono::milliseconds(100);
/// How often it looks where nobody is there; and why connections were opened, in any case.
constexpr duration idle_tick = std::chrono::seconds(1);

}  // namespace

loop::loop(running_route::teller tell) : tell_(std::move(tell)) {
  asio::co_spawn(io_, keep_house(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

loop::~loop() {
  io_.stop();
  thread_.join();
  for (const auto& one : routes()) one->stop();
}

result<std::shared_ptr<running_route>> loop::prepare(const route& of) {
  return running_route::make(
      io_.get_executor(), of,
      {.tell = tell_, .log = &access_log_, .client_came = [this] { end_rest(); }});
}

void loop::leave(std::shared_ptr<running_route> what) {
  what->drain();
  end_rest();
  leaving_.push_back(std::move(what));
}

void loop::install(std::shared_ptr<running_route> ready, std::vector<fd> listeners) {
  auto& place = routes_[ready->of().name];
  ready->listen(std::move(listeners));
  std::swap(place, ready);
  if (ready) leave(std::move(ready));
}

void loop::drain(const std::string& name) {
  const auto found = routes_.find(name);
  if (found == routes_.end()) return;
  leave(std::move(found->second));
  routes_.erase(found);
}

void loop::drain_all() {
  for (auto& [name, one] : routes_) leave(std::move(one));
  routes_.clear();
}

void loop::end_draining() {
  for (const auto& one : leaving_) one->end_clients();
}

std::size_t loop::draining_clients() const {
  std::size_t all = 0;
  for (const auto& one : leaving_) all += one->clients();
  return all;
}

std::vector<std::shared_ptr<running_route>> loop::routes() const {
  std::vector<std::shared_ptr<running_route>> all;
  all.reserve(routes_.size() + leaving_.size());
  for (const auto& [name, one] : routes_) all.push_back(one);
  all.insert(all.end(), leaving_.begin(), leaving_.end());
  return all;
}

void loop::end_rest() {
  if (std::exchange(is_resting_, false)) next_look_.cancel();
}

bool loop::is_busy() const {
  const auto has_clients = [](const auto& one) { return one.second->clients() > 0; };
  return !leaving_.empty() || access_log_.has_waiting() ||
         std::ranges::any_of(routes_, has_clients);
}

asio::awaitable<void> loop::keep_house() {
  time_point learned{};
  for (;;) {
    is_resting_ = !is_busy();
    next_look_.expires_after(is_resting_ ? idle_tick : tick);
    co_await next_look_.async_wait(client::as_value);
    const auto now = client::clock::now();
    for (const auto& [name, one] : routes_) one->look_after(now);
    for (const auto& one : leaving_) one->look_after(now);
    if (access_log_) access_log_.flush();
    if (now - learned >= idle_tick) {
      learned = now;
      for (const auto& [name, one] : routes_) one->learn_reasons();
    }
    std::erase_if(leaving_, [](const auto& one) {
      if (one->clients() > 0) return false;
      one->stop();
      return true;
    });
  }
}

}  // namespace waitstate::sidecar
