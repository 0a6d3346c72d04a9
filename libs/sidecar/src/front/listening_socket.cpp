#include "front/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

constexpr int backlog = 4'096;  // the kernel takes somaxconn where that is less

failure cannot(const client::endpoint& at) {
  auto e = from_errno(errno, fmt::format("listen on {}", client::to_string(at)));
  if (e.cause == std::errc::address_in_use) {
    e.hint = at.is_unix() ? "another program listens there"
                          : fmt::format("ss -tlnp sport = :{}  shows who does", at.port);
  }
  if (e.cause == std::errc::address_not_available) e.hint = "ip address  shows what this host has";
  return failure(std::move(e));
}

void set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

result<sockaddr_un> path_of(const client::endpoint& at) {
  sockaddr_un path{};
  path.sun_family = AF_UNIX;
  if (at.host.size() >= sizeof path.sun_path) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("listen on {}: the path has over {} bytes",
                                        client::to_string(at), sizeof path.sun_path - 1),
                    .hint = "a shorter one, as /run/api.sock"});
  }
  std::memcpy(path.sun_path, at.host.c_str(), at.host.size() + 1);
  return path;
}

/// Takes away what a sidecar that has ended left: a socket that refuses.
void remove_stale(const sockaddr_un& path) {
  struct stat about{};
  if (::lstat(path.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return;
  const fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* const to = reinterpret_cast<const sockaddr*>(&path);
  if (::connect(probe.get(), to, sizeof path) != 0 && errno == ECONNREFUSED)
    ::unlink(path.sun_path);
}

result<fd> open_unix(const client::endpoint& at) {
  const auto path = path_of(at);
  if (!path) return failure(path.error());
  fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return cannot(at);
  remove_stale(*path);
  // Nobody can connect between bind() and chmod(): nobody listens yet.
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*path), sizeof *path) != 0 ||
      ::chmod(path->sun_path, 0660) != 0 || ::listen(socket.get(), backlog) != 0) {
    return cannot(at);
  }
  return socket;
}

struct address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

address address_of(const client::endpoint& at) {
  address made;
  auto& v4 = reinterpret_cast<sockaddr_in&>(made.bytes);
  if (::inet_pton(AF_INET, at.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(at.port);
    made.size = sizeof v4;
    return made;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(made.bytes);
  if (::inet_pton(AF_INET6, at.host.c_str(), &v6.sin6_addr) != 1) return made;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(at.port);
  made.size = sizeof v6;
  return made;
}

}  // namespace

result<fd> open_listener(const client::endpoint& at, bool is_shared) {
  if (at.is_unix()) return open_unix(at);
  const auto to = address_of(at);
  if (to.size == 0) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("listen on {}: it is no address", client::to_string(at)),
                    .hint = "127.0.0.1:8080"});
  }
  fd socket(::socket(to.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return cannot(at);
  set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (is_shared) set(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (to.bytes.ss_family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&to.bytes), to.size) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return cannot(at);
  }
  return socket;
}

}  // namespace waitstate::sidecar
