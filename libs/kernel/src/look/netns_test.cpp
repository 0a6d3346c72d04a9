#include "look/netns.h"

#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(netns, nothing_named_means_our_own) {
  const auto own = select_namespaces("");
  ASSERT_TRUE(own);
  ASSERT_EQ(own->size(), 1U);
  EXPECT_EQ(own->front().path, "");
  EXPECT_NE(own->front().inode, 0U);
}

TEST(netns, our_own_pid_leads_to_our_own_namespace_without_entering_it) {
  const auto by_pid = select_namespaces(std::to_string(::getpid()));
  ASSERT_TRUE(by_pid) << by_pid.error().what;
  EXPECT_EQ(by_pid->front().inode, select_namespaces("")->front().inode);
  EXPECT_EQ(by_pid->front().path, "");
}

TEST(netns, all_has_each_namespace_once_and_ours_first) {
  const auto all = select_namespaces("all");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->front().inode, select_namespaces("")->front().inode);
  for (std::size_t i = 0; i < all->size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE((*all)[i].inode, (*all)[j].inode);
  }
}

TEST(netns, says_which_name_there_is_none_of) {
  const auto unknown = select_namespaces("no such namespace");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::not_found);
  EXPECT_EQ(unknown.error().what, "netns 'no such namespace': No such file or directory");
  EXPECT_EQ(unknown.error().hint, "'ip netns' lists the names; a pid or 'all' will do too");

  EXPECT_EQ(select_namespaces("al").error().hint, "did you mean 'all'?");
  EXPECT_EQ(select_namespaces("2147483646").error().what,
            "netns '2147483646': there is no such process");
}

TEST(netns, refuses_a_path_instead_of_a_name) {
  EXPECT_FALSE(select_namespaces("../netns"));
  EXPECT_FALSE(select_namespaces(".."));
  EXPECT_FALSE(select_namespaces("-1"));
}

TEST(netns, a_view_of_our_own_lists_sockets_and_settings) {
  auto view = open_view(select_namespaces("")->front());
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_TRUE(view->facts.ephemeral_range());
  const auto outcome =
      view->sockets->dump({.states = {tcp::state::listen}},
                          [](const socket_record& s) { EXPECT_EQ(s.state, tcp::state::listen); });
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_FALSE(outcome->incomplete);
}

TEST(netns, a_namespace_that_has_gone_is_not_found) {
  const auto view = open_view({.path = "/proc/0/ns/net", .name = "blue", .inode = 1});
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, errc::not_found);
  EXPECT_EQ(view.error().what, "netns 'blue': No such file or directory");
}

}  // namespace
}  // namespace waitstate::kernel
