#include "waitstate/kernel/look.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

sockaddr* generic(sockaddr_in& address) {
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

const listener* listener_at(const snapshot& s, std::uint16_t port) {
  const auto found =
      std::ranges::find_if(s.listeners, [&](const listener& l) { return l.local.port == port; });
  return found == s.listeners.end() ? nullptr : &*found;
}

const socket_group* group_at(const snapshot& s, direction d, std::uint16_t port) {
  const auto found = std::ranges::find_if(s.groups, [&](const socket_group& g) {
    return g.key.direction == d && (g.key.local.port == port || g.key.remote.port == port);
  });
  return found == s.groups.end() ? nullptr : &*found;
}

TEST(look, finds_the_sockets_of_this_process_with_their_owner_and_direction) {
  const conversation talk;
  std::uint64_t told = 0;
  const auto seen = look({.progress = [&](std::string_view, std::uint64_t) { ++told; }});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(seen->source, source_kind::live);
  EXPECT_GT(told, 0U);

  const auto* const listening = listener_at(*seen, talk.port);
  ASSERT_NE(listening, nullptr);
  ASSERT_NE(seen->owner_of(listening->owner), nullptr);
  EXPECT_EQ(seen->owner_of(listening->owner)->pid, ::getpid());
  EXPECT_EQ(listening->accept_queue, 1U);
  EXPECT_EQ(listening->backlog, 7U);

  const auto* const outbound = group_at(*seen, direction::outbound, talk.port);
  ASSERT_NE(outbound, nullptr);
  EXPECT_EQ(outbound->count, 1U);
  EXPECT_EQ(outbound->key.owner, listening->owner);
  EXPECT_EQ(outbound->no_port_option_off, 1U);
  EXPECT_EQ(outbound->age.known(), 1U);

  const auto* const inbound = group_at(*seen, direction::inbound, talk.port);
  ASSERT_NE(inbound, nullptr);
  EXPECT_EQ(inbound->key.owner.kind, ownership::none) << "nobody accepted it";
}

TEST(look, counts_a_port_that_is_only_bound_as_taken) {
  const fd bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(bound.get(), generic(address), size), 0);
  ASSERT_EQ(::getsockname(bound.get(), generic(address), &size), 0);

  const auto seen = look({.owners = false});
  ASSERT_TRUE(seen) << seen.error().what;
  if (seen->host.version() < kernel_version{.major = 6, .minor = 8}) return;  // not listed there
  EXPECT_TRUE(seen->namespaces[0].bound_ports.contains(ntohs(address.sin_port)));
  EXPECT_GE(seen->states().of(tcp::state::bound_inactive), 1U);
}

TEST(look, leaves_owners_unknown_when_not_asked_for) {
  const conversation talk;
  const auto seen = look({.owners = false});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_TRUE(seen->processes.empty());
  EXPECT_EQ(listener_at(*seen, talk.port)->owner.kind, ownership::unknown);
  EXPECT_EQ(group_at(*seen, direction::inbound, talk.port)->key.owner.kind, ownership::unknown);
}

TEST(look, says_what_host_and_namespace_it_is_of) {
  const auto seen = look({.owners = false});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->host.os, os_family::linux_kernel);
  ASSERT_EQ(seen->namespaces.size(), 1U);
  EXPECT_NE(seen->namespaces[0].inode, 0U);
  EXPECT_TRUE(seen->namespaces[0].ephemeral_range());
}

TEST(look, two_looks_give_growth_and_the_owner_of_a_time_wait) {
  conversation talk;
  bool closed = false;
  const auto seen =
      look({.interval = std::chrono::milliseconds(1),
            .progress = [&](std::string_view what, std::uint64_t) {
              // Between the looks: the client closes first, then the server side.
              if (closed || what != "waiting for the second look") return;
              talk.client = fd();
              const fd accepted(::accept4(talk.listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
              closed = true;
            }});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_TRUE(seen->interval);
  ASSERT_TRUE(closed);
  const auto* const gone = group_at(*seen, direction::outbound, talk.port);
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->key.state, tcp::state::time_wait);
  ASSERT_NE(seen->owner_of(gone->key.owner), nullptr);
  EXPECT_EQ(seen->owner_of(gone->key.owner)->pid, ::getpid());
  EXPECT_GT(gone->growth_per_second.value_or(0), 0.0);
}

TEST(look, fails_on_a_namespace_that_is_not_there) {
  const auto seen = look({.net_namespace = "no such namespace"});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, errc::not_found);
}

}  // namespace
}  // namespace waitstate::kernel
