#include "waitstate/client/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>

namespace waitstate::client {
namespace {

using generic_endpoint = asio::generic::stream_protocol::endpoint;

/// Ends what a socket does when the time has come; shared with the timer's handler.
class alarm_clock {
 public:
  alarm_clock(connection::socket& socket, time_point at) : timer_(socket.get_executor(), at) {
    timer_.async_wait([this, &socket, alive = std::weak_ptr(alive_)](const auto& code) {
      if (code || alive.expired()) return;
      rang_ = true;
      boost::system::error_code ignored;
      socket.cancel(ignored);
    });
  }

  [[nodiscard]] bool rang() const { return rang_; }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  bool rang_ = false;
  asio::steady_timer timer_;
};

task<std::vector<generic_endpoint>> resolve(asio::any_io_executor executor, endpoint to) {
  std::vector<generic_endpoint> found;
  if (to.is_unix()) {
    found.emplace_back(asio::local::stream_protocol::endpoint(to.host));
    co_return found;
  }
  boost::system::error_code not_numeric;
  const auto numeric = asio::ip::make_address(to.host, not_numeric);
  if (!not_numeric) {
    found.emplace_back(asio::ip::tcp::endpoint(numeric, to.port));
    co_return found;
  }
  asio::ip::tcp::resolver resolver(executor);
  const auto [code, results] =
      co_await resolver.async_resolve(to.host, std::to_string(to.port), as_value);
  if (code) co_return failure(from_code(code, fmt::format("resolve '{}'", to.host)));
  for (const auto& entry : results) found.emplace_back(entry.endpoint());
  co_return found;
}

void set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

void apply(const dial_settings& settings, int socket) {
  if (settings.no_delay) set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  if (settings.keep_alive) {
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(settings.keep_alive_idle.count()));
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(settings.keep_alive_interval.count()));
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, settings.keep_alive_probes);
  }
  if (settings.user_timeout.count() > 0) {
    set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(settings.user_timeout.count()));
  }
}

result<> bind_source(connection::socket& socket, const std::string& address) {
  boost::system::error_code code;
  const auto source = asio::ip::make_address(address, code);
  if (code) return failure(from_code(code, fmt::format("source address '{}'", address)));
  // Without it bind() takes a port for all destinations at once.
  set(socket.native_handle(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  socket.bind(generic_endpoint(asio::ip::tcp::endpoint(source, 0)), code);
  if (code) return failure(from_code(code, fmt::format("bind to source address '{}'", address)));
  return {};
}

task<> shake_hands(connection_ptr made, dial_settings settings) {
  auto& stream = made->start_tls(*settings.tls);
  const auto& host = settings.tls_host.empty() ? made->remote().host : settings.tls_host;
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
  SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  const auto [code] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_value);
  if (code) co_return failure(from_code(code, fmt::format("TLS with '{}'", host)));
  co_return result<>{};
}

}  // namespace

result<std::shared_ptr<asio::ssl::context>> verifying_tls() {
  boost::system::error_code code;
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->set_default_verify_paths(code);
  if (!code) context->set_verify_mode(asio::ssl::verify_peer, code);
  if (code) return failure(from_code(code, "load the system's certificates"));
  return context;
}

task<connection_ptr> dial(asio::any_io_executor executor, endpoint to, dial_settings settings,
                          std::uint64_t turn, time_point deadline) {
  const auto action = fmt::format("connect {}", to_string(to));
  auto addresses = co_await resolve(executor, to);
  if (!addresses) co_return failure(std::move(addresses).error());

  error last{.code = errc::unavailable, .what = action + ": no address", .hint = {}};
  for (const auto& address : *addresses) {
    connection::socket socket(executor);
    boost::system::error_code code;
    socket.open(address.protocol(), code);
    if (code) co_return failure(from_code(code, action));
    if (!to.is_unix()) apply(settings, socket.native_handle());
    if (!to.is_unix() && !settings.source_addresses.empty()) {
      const auto& source = settings.source_addresses[turn % settings.source_addresses.size()];
      if (auto bound = bind_source(socket, source); !bound) co_return failure(bound.error());
    }
    auto made = std::make_shared<connection>(std::move(socket), to);
    const alarm_clock alarm(made->plain(), deadline);
    const auto [refused] = co_await made->plain().async_connect(address, as_value);
    result<> secured;
    if (!refused && settings.tls) secured = co_await shake_hands(made, settings);
    if (!refused && secured) co_return made;
    last = refused ? from_code(refused, action) : std::move(secured).error();
    if (alarm.rang()) {
      last = {.code = errc::unavailable, .what = action + ": timed out", .hint = {}};
      break;
    }
  }
  co_return failure(std::move(last));
}

}  // namespace waitstate::client
