#include "front/running_route.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "front/upstream.h"
#include "http/http_service.h"
#include "redis/redis_service.h"
#include "tcp/tcp_service.h"

namespace waitstate::sidecar {
namespace {

/// While a route drains, a client that was silent for so long is not about to send something.
constexpr duration surely_idle = std::chrono::seconds(1);

std::string host_for(const route& of) {
  const auto& fixed = of.servers.fixed;
  return fixed.empty() || fixed.front().is_unix() ? "localhost" : client::to_string(fixed.front());
}

redis_route_settings redis_settings_of(const route& of) {
  constexpr duration unreachable_max = std::chrono::seconds(2);
  return {.client_password = of.redis.client_password,
          .upstream = {.user = of.redis.username, .password = of.redis.password},
          .database = static_cast<int>(of.redis.database),
          .call_time_max = of.time_max,
          .unreachable_max = std::min<duration>(unreachable_max, of.time_max),
          .pin_idle_max = of.pinned_idle_max,
          .link_idle_max = of.idle_time_max,
          .link_lifetime_max = of.lifetime_max};
}

std::unique_ptr<service> make_service(const route& of,
                                      const std::shared_ptr<client::cluster>& servers) {
  switch (of.speaks) {
    case protocol::http:
      return std::make_unique<http_service>(
          servers, http_service_settings{.host = host_for(of),
                                         .time_max = of.time_max,
                                         .client_idle_max = of.client_idle_max,
                                         .pinned_idle_max = of.pinned_idle_max,
                                         .explain = of.explain});
    case protocol::redis:
      return std::make_unique<redis_service>(servers->executor(), servers, nullptr,
                                             redis_settings_of(of));
    case protocol::tcp: break;
  }
  return std::make_unique<tcp_service>(servers, of.connect_time_max,
                                       tunnel_settings{.idle_max = of.pinned_idle_max});
}

/// Its reads fail from now on, and the coroutine that serves it ends.
void shut(client_connection& who) {
  boost::system::error_code ignored;
  who.socket.shutdown(asio::socket_base::shutdown_both, ignored);
}

}  // namespace

running_route::running_route(asio::any_io_executor executor, route of, teller tell)
    : executor_(std::move(executor)), of_(std::move(of)), tell_(std::move(tell)) {}

result<std::shared_ptr<running_route>> running_route::make(asio::any_io_executor executor, route of,
                                                           teller tell) {
  const std::shared_ptr<running_route> made(
      new running_route(std::move(executor), std::move(of), std::move(tell)));
  auto servers = make_upstream(made->executor_, made->of_);
  if (!servers) return failure(std::move(servers).error());
  made->servers_ = *std::move(servers);
  made->service_ = make_service(made->of_, made->servers_);
  asio::co_spawn(made->executor_, made->servers_->run(), asio::detached);
  return made;
}

void running_route::listen(std::vector<fd> listeners) {
  for (const auto& one : fronts_) one->close();
  fronts_.clear();
  for (auto& socket : listeners) {
    const std::weak_ptr<running_route> self = weak_from_this();
    fronts_.push_back(std::make_shared<front>(
        executor_, std::move(socket),
        [self](client_ptr who) {
          if (const auto alive = self.lock()) alive->take(std::move(who));
        },
        [self](const error& e) {
          if (const auto alive = self.lock()) {
            alive->tell_(fmt::format("route '{}': {}", alive->of_.name, e.what));
          }
        }));
    asio::co_spawn(executor_, fronts_.back()->run(), asio::detached);
  }
}

void running_route::take(client_ptr who) {
  ++accepted_;
  if (clients_.size() >= of_.clients_max) {
    if (refused_++ == 0) {
      tell_(
          fmt::format("route '{}': {} clients are connected, as many as clients_max allows; "
                      "others are refused",
                      of_.name, clients_.size()));
    }
    return;
  }
  who->number = accepted_;
  who->since = client::clock::now();
  clients_.emplace(who->number, who);
  asio::co_spawn(executor_, serve(std::move(who)), asio::detached);
}

asio::awaitable<void> running_route::serve(client_ptr who) {
  const auto self = shared_from_this();
  co_await service_->serve(who);
  // Its destructor would undo a linger option that was set for a reset.
  boost::system::error_code ignored;
  who->socket.close(ignored);
  clients_.erase(who->number);
}

void running_route::drain() {
  is_draining_ = true;
  for (const auto& one : fronts_) one->close();
  fronts_.clear();
  service_->drain();
}

void running_route::look_after(time_point now) {
  for (const auto& [number, who] : clients_) {
    const bool is_let_go =
        is_draining_ && who->is_idle && now - who->idle_since(of_.client_idle_max) > surely_idle;
    if (now > who->deadline || is_let_go) shut(*who);
  }
}

void running_route::end_clients() {
  for (const auto& [number, who] : clients_) shut(*who);
}

void running_route::stop() {
  servers_->stop();
}

route_status running_route::status() const {
  route_status s{
      .of = of_, .is_draining = is_draining_, .accepted = accepted_, .refused = refused_};
  const auto now = client::clock::now();
  s.clients.reserve(clients_.size());
  for (const auto& [number, who] : clients_) {
    s.clients.push_back({.number = number,
                         .pid = who->pid,
                         .port = who->port,
                         .age = now - who->since,
                         .is_idle = who->is_idle,
                         .requests = who->requests,
                         .pinned = who->pinned});
  }
  for (const auto& f : service_->figures()) {
    s.figures.push_back({.name = std::string(f.name),
                         .label = std::string(f.label),
                         .value = std::string(f.value),
                         .count = f.count});
  }
  s.servers.push_back(servers_->metrics());
  s.leases = servers_->leases();
  return s;
}

}  // namespace waitstate::sidecar
