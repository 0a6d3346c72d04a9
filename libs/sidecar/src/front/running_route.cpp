#include "front/running_route.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "front/client_name.h"
#include "front/upstream.h"
#include "http/http_service.h"
#include "redis/redis_service.h"
#include "tcp/tcp_service.h"
#include "thrift/thrift_callers.h"
#include "thrift/thrift_service.h"

namespace waitstate::sidecar {
namespace {

/// While a route drains, a client that was silent for so long is not about to send something.
constexpr duration surely_idle = std::chrono::seconds(1);

std::string host_for(const route& of) {
  if (!of.host.empty()) return of.host;
  const auto& fixed = of.servers.fixed;
  return fixed.empty() || fixed.front().is_unix() ? "localhost" : client::to_string(fixed.front());
}

/// What a client says for Host that was given the front's address for the server's.
std::vector<std::string> own_hosts(const route& of) {
  std::vector<std::string> all;
  for (const auto& front : of.listen) {
    if (!front.inherited.empty() || front.at.is_unix()) continue;
    all.push_back(client::to_string(front.at));
    all.push_back(fmt::format("localhost:{}", front.at.port));
    if (front.at.port == 80) all.insert(all.end(), {front.at.host, "localhost"});
  }
  return all;
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

thrift_service_settings thrift_settings_of(const route& of) {
  const auto& how = of.thrift;
  return {.name = of.name,
          .message_max = how.message_max,
          .oneway = {how.oneway.begin(), how.oneway.end()},
          .idempotent = {how.idempotent.begin(), how.idempotent.end()},
          .time_max = of.time_max,
          .client_idle_max = of.client_idle_max};
}

std::unique_ptr<service> make_service(const route& of,
                                      const std::shared_ptr<client::cluster>& servers,
                                      log_file* log) {
  switch (of.speaks) {
    case protocol::http:
      return std::make_unique<http_service>(
          servers,
          http_service_settings{.name = of.name,
                                .host = host_for(of),
                                .own_hosts = own_hosts(of),
                                .forces_host = !of.host.empty(),
                                .time_max = of.time_max,
                                .client_idle_max = of.client_idle_max,
                                .pinned_idle_max = of.pinned_idle_max,
                                .explain = of.explain},
          log);
    case protocol::redis:
      return std::make_unique<redis_service>(servers->executor(), servers, nullptr,
                                             redis_settings_of(of));
    case protocol::thrift:
      return std::make_unique<thrift_service>(make_thrift_caller(servers, of.thrift),
                                              thrift_settings_of(of), log);
    case protocol::tcp: break;
  }
  return std::make_unique<tcp_service>(servers, of.connect_time_max,
                                       tunnel_settings{.idle_max = of.pinned_idle_max});
}

/// Its reads fail from now on, and the coroutine that serves it ends.
void shut(client_connection& who) {
  boost::system::error_code ignored;
  std::ignore = who.socket.shutdown(asio::socket_base::shutdown_both, ignored);
}

}  // namespace

running_route::running_route(asio::any_io_executor executor, route of, surroundings within)
    : executor_(std::move(executor)), of_(std::move(of)), within_(std::move(within)) {}

result<std::shared_ptr<running_route>> running_route::make(asio::any_io_executor executor, route of,
                                                           surroundings within) {
  std::shared_ptr<running_route> made(
      new running_route(std::move(executor), std::move(of), std::move(within)));
  auto servers = make_upstream(made->executor_, made->of_);
  if (!servers) return failure(std::move(servers).error());
  made->source_ = std::move(servers->source);
  made->servers_ = std::move(servers->servers);
  made->service_ = make_service(made->of_, made->servers_, made->within_.log);
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
            alive->within_.tell(fmt::format("route '{}': {}", alive->of_.name, e.what));
          }
        }));
    asio::co_spawn(executor_, fronts_.back()->run(), asio::detached);
  }
}

void running_route::take(client_ptr who) {
  ++accepted_;
  if (clients_.size() >= of_.clients_max) {
    if (refused_++ == 0) {
      within_.tell(
          fmt::format("route '{}': {} clients are connected, as many as clients_max allows; "
                      "others are refused",
                      of_.name, clients_.size()));
    }
    return;
  }
  if (clients_.empty()) within_.client_came();
  who->number = accepted_;
  who->since = client::clock::now();
  clients_.emplace(who->number, who);
  asio::co_spawn(executor_, serve(std::move(who)), asio::detached);
}

/// The kernel sends the FIN of a close() a moment before nobody holds the socket any more.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): serve() outlives it
asio::awaitable<bool> running_route::is_let_go(client_connection& who) {
  constexpr duration moment = std::chrono::milliseconds(1);
  const int socket = who.socket.native_handle();
  const auto at_once = far_end_.of(socket);
  if (at_once != far_end::state::held) co_return at_once == far_end::state::let_go;
  asio::steady_timer timer(executor_, moment);
  co_await timer.async_wait(client::as_value);
  co_return far_end_.of(socket) == far_end::state::let_go;
}

asio::awaitable<void> running_route::serve(client_ptr who) {
  const auto self = shared_from_this();
  try {
    co_await service_->serve(who);
  } catch (const std::exception& e) {  // memory, say: this client's end and nobody else's
    within_.tell(fmt::format("route '{}': a client was dropped: {}", of_.name, e.what()));
  }
  // Its destructor would undo a linger option that was set for a reset.
  boost::system::error_code ignored;
  // One that closed first would keep its port in TIME-WAIT.
  if (who->has_ended && co_await is_let_go(*who)) far_end::reset(who->socket.native_handle());
  std::ignore = who->socket.close(ignored);
  clients_.erase(who->number);
}

void running_route::drain() {
  for (const auto& one : fronts_) {
    one->take_waiting();
    one->close();
  }
  is_draining_ = true;
  fronts_.clear();
  service_->drain();
}

void running_route::look_after(time_point now) {
  for (const auto& [number, who] : clients_) {
    const bool is_let_go =
        is_draining_ && who->is_idle && now - who->idle_since(of_.client_idle_max) > surely_idle;
    if (now > who->deadline && !who->pinned.empty()) reclaim(*who);
    if (now > who->deadline || is_let_go) shut(*who);
  }
}

void running_route::reclaim(client_connection& who) {
  ++reclaimed_;
  within_.tell(fmt::format("route '{}': {} was silent for too long and loses its connection to {}",
                           of_.name, client_name(who.pid, who.port),
                           std::exchange(who.pinned, {})));
}

void running_route::learn_reasons() {
  const auto m = servers_->metrics();
  pool_totals now{.opened = m.gone.dials - m.gone.dial_failures};
  for (const auto& server : m.endpoints) {
    now.opened += server.counts.dials - server.counts.dial_failures;
    now.closed_by_server += server.closes.after;
    now.closed_by_us += server.closes.first + server.closes.by_reset;
  }
  now.irregular = service_->connections_not_kept();
  reasons_.update(now);
}

void running_route::take_out(const client::endpoint& server, bool and_end) {
  source_->take_out(server);
  if (!and_end) return;
  for (const auto& lease : servers_->leases()) {
    if (lease.to == server) servers_->reclaim(server, lease.id);
  }
}

bool running_route::put_back(const client::endpoint& server) {
  return source_->put_back(server);
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
  for (const auto r : all_opening_reasons) {
    s.figures.push_back({.name = "connections_opened_total",
                         .label = "reason",
                         .value = std::string(to_string(r)),
                         .count = reasons_.count(r)});
  }
  s.figures.push_back({.name = "connections_reclaimed_total", .count = reclaimed_});
  s.servers.push_back(servers_->metrics());
  s.taken_out = source_->taken_out();
  s.leases = servers_->leases();
  return s;
}

}  // namespace waitstate::sidecar
