#include "waitstate/netlab/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace waitstate::netlab {
namespace {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

socket_address address_of(const where& w) {
  socket_address a;
  if (w.address.find(':') != w.address.npos) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&a.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(w.port);
    ::inet_pton(AF_INET6, w.address.c_str(), &v6->sin6_addr);
    a.size = sizeof(*v6);
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&a.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(w.port);
    ::inet_pton(AF_INET, w.address.c_str(), &v4->sin_addr);
    a.size = sizeof(*v4);
  }
  return a;
}

void check(bool ok, const char* step) {
  if (!ok) throw std::system_error(errno, std::generic_category(), step);
}

fd new_socket(const socket_address& for_address) {
  fd s(::socket(for_address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  check(static_cast<bool>(s), "socket");
  return s;
}

}  // namespace

fd listen_on(const where& at, int backlog) {
  const auto address = address_of(at);
  fd listener = new_socket(address);
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  check(::bind(listener.get(), address.get(), address.size) == 0, "bind");
  check(::listen(listener.get(), backlog) == 0, "listen");
  return listener;
}

fd accept_from(const fd& listener) {
  fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  check(static_cast<bool>(connection), "accept");
  return connection;
}

fd connect_to(const where& to) {
  const auto address = address_of(to);
  fd connection = new_socket(address);
  check(::connect(connection.get(), address.get(), address.size) == 0, "connect");
  return connection;
}

fd connect_from(const std::string& from, const where& to) {
  const auto source = address_of({from, 0});
  const auto address = address_of(to);
  fd connection = new_socket(address);
  check(::bind(connection.get(), source.get(), source.size) == 0, "bind");
  check(::connect(connection.get(), address.get(), address.size) == 0, "connect");
  return connection;
}

fd connect_from(const where& from, const where& to) {
  const auto source = address_of(from);
  const auto address = address_of(to);
  fd connection = new_socket(address);
  const int on = 1;
  ::setsockopt(connection.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  check(::bind(connection.get(), source.get(), source.size) == 0, "bind");
  check(::connect(connection.get(), address.get(), address.size) == 0, "connect");
  return connection;
}

void wait_for_end(const fd& connection) {
  pollfd ended{.fd = connection.get(), .events = POLLRDHUP, .revents = 0};
  check(::poll(&ended, 1, 10'000) == 1, "wait for the peer's FIN");
}

void send_bytes(const fd& connection, std::size_t count) {
  const std::vector<char> bytes(count, 'x');
  const auto sent = ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  check(sent == static_cast<ssize_t>(count), "send");
}

void read_bytes(const fd& connection, std::size_t count) {
  std::vector<char> bytes(count);
  const auto got = ::recv(connection.get(), bytes.data(), count, MSG_WAITALL);
  check(got == static_cast<ssize_t>(count), "recv");
}

void read_to_end(const fd& connection) {
  std::array<char, 4096> bytes{};
  while (::read(connection.get(), bytes.data(), bytes.size()) > 0) {
  }
}

void serve_all(const fd& listener, const std::function<void(fd)>& serve) {
  for (;;) serve(accept_from(listener));
}

}  // namespace waitstate::netlab
