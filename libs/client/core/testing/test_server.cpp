#include "test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace waitstate::client {

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

test_server::test_server(behaviour serve, std::uint16_t port)
    : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  const int yes = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  socklen_t size = sizeof(at);
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(listener_.get(), address, size) != 0) throw std::runtime_error("bind to loopback");
  ::listen(listener_.get(), 1024);
  ::getsockname(listener_.get(), address, &size);
  port_ = ntohs(at.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

test_server::~test_server() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  accepting_.join();
  for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  for (auto& thread : serving_) thread.join();
  for (const int socket : open_) ::close(socket);
}

void test_server::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++accepted_;
    open_.push_back(socket);
    serving_.emplace_back([this, socket] {
      serve_(socket);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

void test_server::read_to_end(int socket) {
  std::array<char, 4096> bytes{};
  while (::read(socket, bytes.data(), bytes.size()) > 0) {
  }
}

void test_server::echo(int socket) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const auto got = ::read(socket, bytes.data(), bytes.size());
    if (got <= 0 ||
        ::send(socket, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
      return;
  }
}

void test_server::half_close(int socket) {
  ::shutdown(socket, SHUT_WR);
  read_to_end(socket);
}

}  // namespace waitstate::client
