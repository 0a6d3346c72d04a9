#include "waitstate/client/core/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/first_connect.h"
#include "net/name_lookups.h"
#include "net/server_addresses.h"
#include "net/tls.h"

namespace waitstate::client {
namespace {

/// Ends what a connection does when the time has come. By shutdown(2), as the timer may run on
/// another thread than whoever uses the socket.
class alarm_clock {
 public:
  alarm_clock(const asio::any_io_executor& executor, const connection_ptr& what, time_point at)
      : timer_(executor, at) {
    timer_.async_wait([weak = std::weak_ptr(what)](const auto& code) {
      if (code) return;
      if (const auto late = weak.lock()) late->shut_down("timed out", errc::timed_out);
    });
  }

 private:
  asio::steady_timer timer_;
};

task<std::vector<socket_address>> resolve(endpoint to, time_point deadline,
                                          std::shared_ptr<server_addresses> known) {
  auto found = known->listed();
  if (!found.empty()) co_return found;
  if (auto numeric = address_of(to)) {
    found.push_back(*std::move(numeric));
    co_return found;
  }
  auto addresses = co_await name_lookups::look_up(name_lookups::of_the_system(), to.host, deadline);
  if (!addresses) co_return failure(std::move(addresses).error());
  for (const auto& address : *addresses) {
    found.emplace_back(asio::ip::tcp::endpoint(address, to.port));
  }
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

/// The source address whose turn it is among those of a family; nothing when there is none.
result<std::optional<asio::ip::address>> choose_source(const std::vector<std::string>& addresses,
                                                       int family, std::uint64_t turn) {
  std::vector<asio::ip::address> fitting;
  for (const auto& address : addresses) {
    boost::system::error_code code;
    const auto source = asio::ip::make_address(address, code);
    if (code) return failure(from_code(code, fmt::format("source address '{}'", address)));
    if (source.is_v6() == (family == AF_INET6)) fitting.push_back(source);
  }
  if (fitting.empty()) return std::nullopt;
  return fitting[turn % fitting.size()];
}

result<> bind_source(connection::socket& socket, const asio::ip::address& source) {
  boost::system::error_code code;
  // Without it bind() takes a port for all destinations at once.
  set(socket.native_handle(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  std::ignore = socket.bind(socket_address(asio::ip::tcp::endpoint(source, 0)), code);
  if (code) {
    return failure(from_code(code, fmt::format("bind to source address '{}'", source.to_string())));
  }
  return {};
}

/// A socket for `address`, with its settings, not connected yet.
result<connection_ptr> prepare(const asio::any_io_executor& executor, const endpoint& to,
                               const socket_address& address, const dial_settings& settings,
                               std::uint64_t turn) {
  connection::socket socket(executor);
  boost::system::error_code code;
  std::ignore = socket.open(address.protocol(), code);
  if (code) return failure(from_code(code, fmt::format("connect {}", to_string(to))));
  if (!to.is_unix()) {
    apply(settings, socket.native_handle());
    const auto source = choose_source(settings.source_addresses, address.protocol().family(), turn);
    if (!source) return failure(source.error());
    if (*source) {
      if (auto bound = bind_source(socket, **source); !bound) return failure(bound.error());
    }
  }
  auto made = std::make_shared<connection>(std::move(socket), to);
  made->set_address(address);
  return made;
}

/// All source addresses come to meet all addresses of the server.
std::uint64_t turn_of_addresses(std::uint64_t turn, const dial_settings& settings) {
  return turn / std::max<std::uint64_t>(settings.source_addresses.size(), 1);
}

/// Of a connection that is of no use to anybody: its end leaves no TIME-WAIT here. A server that
/// was told why the handshake failed has that to read still.
void reset_at_the_end(connection& useless) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(useless.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

error at(call_phase phase, error why) {
  why.phase = phase;
  return why;
}

/// Of a name it says which of its addresses is spoken of.
std::string connect_to(const endpoint& to, const socket_address* address) {
  auto text = fmt::format("connect {}", to_string(to));
  if (address == nullptr || address_of(to)) return text;
  const auto found = endpoint_of(*address);
  return found ? fmt::format("{} ({})", text, to_string(*found)) : text;
}

/// What tells whether anybody listens there.
std::string hint_for(const endpoint& to, const error& why) {
  if (why.code != errc::refused || to.is_unix()) return {};
  return fmt::format("ss -ltn 'sport = :{}'  # where the server should be", to.port);
}

}  // namespace

bool is_own_shortage(const error& why) {
  for (const auto code :
       {std::errc::too_many_files_open, std::errc::too_many_files_open_in_system,
        std::errc::no_buffer_space, std::errc::not_enough_memory, std::errc::address_not_available,
        std::errc::address_in_use, std::errc::resource_unavailable_try_again}) {
    if (why.cause == code) return true;
  }
  return false;
}

task<connection_ptr> dial(asio::any_io_executor executor, endpoint to, dial_settings settings,
                          std::uint64_t turn, time_point deadline,
                          std::shared_ptr<tls_sessions> sessions,
                          std::shared_ptr<server_addresses> known) {
  if (!known) known = std::make_shared<server_addresses>();
  if (settings.tls_files) settings.tls = settings.tls_files->current();
  const auto began = clock::now();
  auto addresses = co_await resolve(to, deadline, known);
  const auto resolved = clock::now();
  if (!addresses) co_return failure(at(call_phase::resolve, std::move(addresses).error()));

  const describe_connect action = [&](const auto* address) { return connect_to(to, address); };
  const make_socket make = [&](const socket_address& address) {
    return prepare(executor, to, address, settings, turn);
  };
  const auto order = known->in_order(*addresses, turn_of_addresses(turn, settings), resolved);
  auto left = order;
  error last{.code = errc::unavailable, .what = action(nullptr) + ": no address", .hint = {}};
  while (!left.empty()) {
    auto first = co_await connect_first(executor, &left, make, action, deadline);
    if (!first) {
      auto why = at(call_phase::connect, std::move(first).error());
      if (why.hint.empty()) why.hint = hint_for(to, why);
      co_return failure(std::move(why));
    }
    const auto made = *std::move(first);
    const auto connected = clock::now();
    known->answered(made->address(), order, connected);
    // An address where nobody speaks must leave time for the others.
    const auto share =
        std::max(deadline - connected, duration(0)) / static_cast<duration::rep>(left.size() + 1);
    const alarm_clock alarm(executor, made, connected + share);
    result<> secured;
    if (settings.before_tls) secured = co_await settings.before_tls(made);
    if (secured && settings.tls) secured = co_await shake_hands(made, settings, sessions);
    if (secured && !made->is_shut_down()) {
      made->made_in() = {.resolve = resolved - began,
                         .connect = connected - resolved,
                         .tls = settings.tls ? clock::now() - connected : duration(0)};
      co_return made;
    }
    known->failed(made->address(), clock::now());
    reset_at_the_end(*made);
    if (!secured) last = at(call_phase::tls, std::move(secured).error());
    if (made->is_shut_down()) {
      last = at(call_phase::tls, {.code = errc::timed_out,
                                  .what = fmt::format("TLS with {}: timed out", to_string(to)),
                                  .hint = {}});
    }
  }
  co_return failure(std::move(last));
}

}  // namespace waitstate::client
