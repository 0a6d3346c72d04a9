// Clients that send one request on each connection, as scripts do: eight at a time, as fast as they
// are answered. Usage: waitstate_http_once_loop PORT|SOCKET SECONDS; prints how many were answered
// with 200, and how many not.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "waitstate/base/fd.h"

namespace {

using waitstate::fd;

struct server {
  sockaddr_storage address{};
  socklen_t size = 0;
};

template <typename Address>
server server_of(const Address& address) {
  server made;
  std::memcpy(&made.address, &address, sizeof address);
  made.size = sizeof address;
  return made;
}

server named(std::string_view word) {
  if (!word.starts_with('/')) {
    const auto port = static_cast<std::uint16_t>(std::atoi(word.data()));
    return server_of(sockaddr_in{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}});
  }
  sockaddr_un path{.sun_family = AF_UNIX, .sun_path = {}};
  word.copy(path.sun_path, std::min(word.size(), sizeof(path.sun_path) - 1));
  return server_of(path);
}

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

/// Connected, and the request is written; none: that failed.
fd ask(const server& whom) {
  fd made(::socket(whom.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) return made;
  const auto* address = reinterpret_cast<const sockaddr*>(&whom.address);
  if (::connect(made.get(), address, whom.size) != 0) return {};
  if (::send(made.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  return made;
}

bool is_answered(const fd& client) {
  constexpr std::string_view good = "HTTP/1.1 200 ";
  std::array<char, 16384> bytes;
  std::size_t there = 0;
  bool is_good = false;
  while (client) {
    const auto count = ::recv(client.get(), bytes.data() + there, bytes.size() - there, 0);
    if (count < 0) return false;
    if (count == 0) return is_good;
    there += static_cast<std::size_t>(count);
    is_good = is_good || std::string_view(bytes.data(), there).starts_with(good);
    if (is_good) there = 0;
    if (there == bytes.size()) return false;
  }
  return false;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const auto whom = named(words[1]);
  const double seconds = std::atof(words[2]);
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(clock::now() - began).count(); };
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  while (passed() < seconds) {
    std::array<fd, 8> clients;
    for (auto& client : clients) client = ask(whom);
    for (const auto& client : clients) ++(is_answered(client) ? answered : failed);
  }
  std::printf("%llu %llu\n", static_cast<unsigned long long>(answered),
              static_cast<unsigned long long>(failed));
}
