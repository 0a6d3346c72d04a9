#include "tcp/tunnel.h"

#include <array>
#include <memory>
#include <tuple>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace waitstate::sidecar {
namespace {

using client::as_value;
using client::connection_ptr;

/// What both directions share; lives until both are over.
struct tunnel {
  client_connection* who;
  connection_ptr server;
  tunnel_settings settings;
  asio::steady_timer server_ended;  ///< Cancelled when the direction to the client is over.
  bool has_server_ended = false;
  bool is_up_over = false;
  time_point last_moved{};

  void moved() {
    last_moved = client::clock::now();
    if (settings.idle_max.count() > 0) who->deadline = last_moved + settings.idle_max;
  }
};

using bytes = std::array<char, std::size_t{16} << 10>;

/// From the client to the server. Its end is not passed on: see tunnel_settings.
asio::awaitable<void> carry_up(std::shared_ptr<tunnel> t, std::string first) {
  const auto buffer = std::make_unique_for_overwrite<bytes>();
  const auto [broken, sent] = co_await asio::async_write(*t->server, asio::buffer(first), as_value);
  while (!broken) {
    const auto [code, count] =
        co_await t->who->socket.async_read_some(asio::buffer(*buffer), as_value);
    if (code == asio::error::eof) t->who->has_ended = true;
    if (code) break;
    t->moved();
    const auto [failed, written] =
        co_await asio::async_write(*t->server, asio::buffer(buffer->data(), count), as_value);
    if (failed) break;
  }
  t->last_moved = client::clock::now();
  while (!t->has_server_ended &&
         client::clock::now() - t->last_moved < t->settings.server_end_max) {
    t->server_ended.expires_at(t->last_moved + t->settings.server_end_max);
    co_await t->server_ended.async_wait(as_value);
  }
  t->server->close_with(client::close_how::reset);
  // Its read ends by this; a shutdown would send a FIN before the reset, and the server's FIN in
  // answer to it makes a TIME-WAIT of ours.
  t->is_up_over = true;
  boost::system::error_code ignored;
  std::ignore = t->server->plain().cancel(ignored);
}

}  // namespace

asio::awaitable<void> run_tunnel(client_connection* who, connection_ptr server,
                                 tunnel_settings settings, std::string first) {
  auto executor = co_await asio::this_coro::executor;
  const auto t =
      std::make_shared<tunnel>(who, std::move(server), settings, asio::steady_timer(executor));
  t->server->set_deadline(time_point::max());
  t->moved();
  auto up_is_over = std::make_shared<asio::steady_timer>(executor, time_point::max());
  asio::co_spawn(executor, carry_up(t, std::move(first)), [up_is_over](const std::exception_ptr&) {
    up_is_over->expires_at(time_point::min());
  });
  {
    const auto buffer = std::make_unique_for_overwrite<bytes>();
    while (!t->is_up_over) {
      const auto [code, count] =
          co_await t->server->async_read_some(asio::buffer(*buffer), as_value);
      if (code) break;
      t->moved();
      const auto [failed, written] =
          co_await asio::async_write(who->socket, asio::buffer(buffer->data(), count), as_value);
      if (failed) break;
    }
  }
  // The server has ended: the client is told so, and has nobody to speak to any more.
  who->end_operations();
  t->has_server_ended = true;
  t->server_ended.cancel();
  co_await up_is_over->async_wait(as_value);
}

}  // namespace waitstate::sidecar
