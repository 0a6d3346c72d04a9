#include "waitstate/kernel/look.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "conversation.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

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

TEST(look, fails_on_a_namespace_that_is_not_there) {
  const auto seen = look({.net_namespace = "no such namespace"});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, errc::not_found);
}

}  // namespace
}  // namespace waitstate::kernel
