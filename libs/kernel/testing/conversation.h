#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

inline sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

/// A listener on a free port of 127.0.0.1, one connection to it that nobody accepts.
struct conversation {
  fd listening{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  fd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  conversation() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listening.get(), generic(address), size), 0);
    EXPECT_EQ(::listen(listening.get(), 7), 0);
    EXPECT_EQ(::getsockname(listening.get(), generic(address), &size), 0);
    port = ntohs(address.sin_port);
    EXPECT_EQ(::connect(client.get(), generic(address), size), 0);
  }
};

inline const listener* listener_at(const snapshot& s, std::uint16_t port) {
  const auto found =
      std::ranges::find_if(s.listeners, [&](const listener& l) { return l.local.port == port; });
  return found == s.listeners.end() ? nullptr : &*found;
}

inline const socket_group* group_at(const snapshot& s, direction d, std::uint16_t port) {
  const auto found = std::ranges::find_if(s.groups, [&](const socket_group& g) {
    return g.key.direction == d && (g.key.local.port == port || g.key.remote.port == port);
  });
  return found == s.groups.end() ? nullptr : &*found;
}

}  // namespace waitstate::kernel
