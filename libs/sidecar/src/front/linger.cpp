#include "front/linger.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <tuple>

#include <boost/asio/buffer.hpp>

#include "waitstate/client/core/clock.h"

namespace waitstate::sidecar {
namespace {

constexpr duration linger_max = std::chrono::seconds(1);
constexpr std::size_t lingered_max = std::size_t{1} << 20;

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): see the header
asio::awaitable<void> linger(client_connection& who) {
  boost::system::error_code ignored;
  std::ignore = who.socket.shutdown(asio::socket_base::shutdown_send, ignored);
  who.deadline = client::clock::now() + linger_max;
  std::array<char, 4096> dropped;
  for (std::size_t read = 0; read < lingered_max;) {
    const auto [code, count] =
        co_await who.socket.async_read_some(asio::buffer(dropped), client::as_value);
    if (code) break;
    read += count;
  }
}

}  // namespace waitstate::sidecar
