#include "tests/integration/tcp_gate.h"

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace waitstate::integration_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using client::as_value;

namespace {

using socket_ptr = std::shared_ptr<tcp::socket>;

void end(tcp::socket& s) {
  boost::system::error_code ignored;
  s.shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<void> pump(socket_ptr from, socket_ptr to) {
  std::array<char, 16'384> bytes{};
  for (;;) {
    const auto [code, size] = co_await from->async_read_some(asio::buffer(bytes), as_value);
    if (code) break;
    const auto part = asio::buffer(bytes, size);
    const auto [failed, written] = co_await asio::async_write(*to, part, as_value);
    if (failed) break;
  }
  end(*from);
  end(*to);
}

asio::awaitable<void> pump_one_packet(socket_ptr from, socket_ptr to) {
  std::vector<unsigned char> packet(4);
  auto whole = asio::buffer(packet);
  const auto [code, size] = co_await asio::async_read(*from, whole, as_value);
  if (code) co_return;
  const std::size_t length = std::size_t{packet[2]} << 8 | packet[3];
  packet.resize(4 + length);
  auto body = asio::buffer(packet.data() + 4, length);
  const auto [body_code, body_size] = co_await asio::async_read(*from, body, as_value);
  if (body_code) co_return;
  whole = asio::buffer(packet);
  co_await asio::async_write(*to, whole, as_value);
}

}  // namespace

// In the thread of io_, but for the flags.
struct tcp_gate::state {
  state(asio::any_io_executor executor, std::uint16_t port)
      : acceptor(executor, {asio::ip::address_v4::loopback(), 0}), to(port) {}

  static asio::awaitable<void> run(std::shared_ptr<state> self) {
    for (;;) {
      auto [code, accepted] = co_await self->acceptor.async_accept(as_value);
      if (code) co_return;
      if (self->is_closed) continue;
      auto client = std::make_shared<tcp::socket>(std::move(accepted));
      asio::co_spawn(self->acceptor.get_executor(), serve(self, client), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<state> self, socket_ptr client) {
    auto server = std::make_shared<tcp::socket>(self->acceptor.get_executor());
    const tcp::endpoint at(asio::ip::address_v4::loopback(), self->to);
    const auto [code] = co_await server->async_connect(at, as_value);
    if (code) co_return;
    self->open.push_back(client);
    self->open.push_back(server);
    asio::co_spawn(self->acceptor.get_executor(), pump(client, server), asio::detached);
    if (self->is_first_only) {
      co_await pump_one_packet(server, client);
    } else {
      co_await pump(server, client);
    }
  }

  void end_all() {
    for (const auto& one : open) end(*one);
    open.clear();
  }

  tcp::acceptor acceptor;
  const std::uint16_t to;
  std::vector<socket_ptr> open;
  std::atomic<bool> is_closed{false};
  std::atomic<bool> is_first_only{false};
};

tcp_gate::tcp_gate(std::uint16_t to) : state_(std::make_shared<state>(io_.executor(), to)) {
  port_ = state_->acceptor.local_endpoint().port();
  io_.spawn(state::run(state_));
}

tcp_gate::~tcp_gate() {
  io_.stop();
  state_.reset();
}

void tcp_gate::close() {
  state_->is_closed = true;
  asio::post(io_.executor(), [kept = state_] { kept->end_all(); });
}

void tcp_gate::open() {
  state_->is_closed = false;
}

void tcp_gate::pass_only_the_first_answer(bool is_on) {
  state_->is_first_only = is_on;
}

}  // namespace waitstate::integration_test
