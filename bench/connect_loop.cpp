// Connects to itself over loopback and closes, as fast as it can: what a tracer of connections
// costs shows here if anywhere. Usage: waitstate_connect_loop SECONDS; prints connections a second.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "waitstate/base/fd.h"

namespace {

using waitstate::fd;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

fd tcp_socket() {
  fd made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) fail("socket");
  return made;
}

sockaddr* of(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

int main(int count, char** words) {
  const double seconds = count > 1 ? std::atof(words[1]) : 1;
  sockaddr_in server{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const auto listener = tcp_socket();
  if (::bind(listener.get(), of(server), sizeof(server)) != 0) fail("bind");
  if (::listen(listener.get(), 128) != 0) fail("listen");
  socklen_t size = sizeof(server);
  if (::getsockname(listener.get(), of(server), &size) != 0) fail("getsockname");

  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(clock::now() - began).count(); };
  std::uint64_t made = 0;
  while (passed() < seconds) {
    for (int i = 0; i < 64; ++i) {
      auto client = tcp_socket();
      if (::connect(client.get(), of(server), sizeof(server)) != 0) fail("connect");
      const fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted) fail("accept");
      // The side that connected closes first, and its port is taken again (tcp_tw_reuse).
      client = {};
      ++made;
    }
  }
  std::printf("%.0f\n", static_cast<double>(made) / passed());
}
