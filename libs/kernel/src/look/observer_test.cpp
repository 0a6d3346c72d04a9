#include "waitstate/kernel/observer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include <gtest/gtest.h>

#include "conversation.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

/// The client closes first, then the server side.
void end(conversation& talk) {
  talk.client = fd();
  const fd accepted(::accept4(talk.listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

void expect_our_time_wait(const snapshot& s, std::uint16_t port) {
  const auto* const gone = group_at(s, direction::outbound, port);
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->key.state, tcp::state::time_wait);
  ASSERT_NE(s.owner_of(gone->key.owner), nullptr);
  EXPECT_EQ(s.owner_of(gone->key.owner)->pid, ::getpid());
}

TEST(observer, gives_growth_and_the_owner_of_a_time_wait_from_the_second_look_on) {
  conversation talk;
  observer watching({});
  const auto first = watching.look();
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_FALSE(first->interval);

  end(talk);
  const auto second = watching.look();
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_TRUE(second->interval);
  expect_our_time_wait(*second, talk.port);
  EXPECT_GT(group_at(*second, direction::outbound, talk.port)->growth_per_second.value_or(0), 0.0);

  const auto third = watching.look();
  ASSERT_TRUE(third) << third.error().what;
  expect_our_time_wait(*third, talk.port);
  EXPECT_EQ(group_at(*third, direction::outbound, talk.port)->growth_per_second.value_or(-1), 0.0);

  const auto last = std::move(watching).last_look();
  ASSERT_TRUE(last) << last.error().what;
  expect_our_time_wait(*last, talk.port);
}

TEST(observer, leaves_owners_unknown_when_not_asked_for) {
  conversation talk;
  observer watching({.owners = false});
  ASSERT_TRUE(watching.look());
  end(talk);
  const auto second = watching.look();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->processes.empty());
  ASSERT_NE(group_at(*second, direction::outbound, talk.port), nullptr);
  EXPECT_EQ(group_at(*second, direction::outbound, talk.port)->key.owner.kind, ownership::unknown);
}

TEST(observer, fails_on_a_namespace_that_is_not_there) {
  observer watching({.net_namespace = "no such namespace"});
  EXPECT_EQ(watching.look().error().code, errc::not_found);
  EXPECT_EQ(std::move(watching).last_look().error().code, errc::not_found);
}

}  // namespace
}  // namespace waitstate::kernel
