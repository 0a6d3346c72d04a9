#include "front/loop.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace waitstate::sidecar {
namespace {

/// How late a time limit of a client may be noticed.
constexpr duration tick = std::chrono::milliseconds(100);
constexpr unsigned ticks_between_reasons = 10;

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
  return running_route::make(io_.get_executor(), of, tell_, &access_log_);
}

void loop::leave(std::shared_ptr<running_route> what) {
  what->drain();
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

asio::awaitable<void> loop::keep_house() {
  asio::steady_timer timer(io_);
  for (unsigned turn = 1;; ++turn) {
    timer.expires_after(tick);
    co_await timer.async_wait(client::as_value);
    const auto now = client::clock::now();
    for (const auto& [name, one] : routes_) one->look_after(now);
    for (const auto& one : leaving_) one->look_after(now);
    if (access_log_) access_log_.flush();
    if (turn % ticks_between_reasons == 0) {
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
