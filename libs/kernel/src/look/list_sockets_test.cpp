#include "waitstate/kernel/list_sockets.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conversation.h"

namespace waitstate::kernel {
namespace {

/// What a test keeps of a listed socket.
struct kept {
  socket_record record;
  std::optional<std::int32_t> pid;
  waitstate::direction direction;
  std::uint64_t net_namespace;
};

/// Those with this port on either side.
std::vector<kept> list_at(std::uint16_t port, const list_options& options,
                          listing* whole = nullptr) {
  std::vector<kept> found;
  auto listed = list_sockets(options, [&](const listed_socket& s) {
    const auto& flow = s.record.flow;
    if (flow.local.port != port && flow.remote.port != port) return;
    found.push_back({.record = s.record,
                     .pid = s.owner == nullptr ? std::nullopt : std::optional(s.owner->pid),
                     .direction = s.direction,
                     .net_namespace = s.net_namespace.inode});
  });
  EXPECT_TRUE(listed) << listed.error().what;
  if (listed && whole != nullptr) *whole = *std::move(listed);
  return found;
}

TEST(list_sockets, hands_over_each_socket_with_its_owner_and_direction) {
  const conversation talk;
  listing whole;
  const auto found = list_at(talk.port, {}, &whole);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].record.state, tcp::state::listen) << "listeners come first";
  ASSERT_EQ(whole.namespaces.size(), 1U);
  for (const auto& s : found) {
    EXPECT_EQ(s.net_namespace, whole.namespaces[0].inode);
    EXPECT_NE(s.record.cookie, 0U);
    const bool is_client = s.record.flow.remote.port == talk.port;
    EXPECT_EQ(s.direction, is_client ? direction::outbound : direction::inbound);
    const bool is_accepted =
        s.record.flow.local.port != talk.port || s.record.state == tcp::state::listen;
    EXPECT_EQ(s.pid, is_accepted ? std::optional(::getpid()) : std::nullopt);
    if (s.pid) EXPECT_EQ(whole.processes[s.record.owner.process].pid, ::getpid());
  }
}

TEST(list_sockets, gives_only_the_states_asked_for_and_still_tells_directions) {
  const conversation talk;
  const auto found = list_at(talk.port, {.selected = {.states = {tcp::state::established}}});
  ASSERT_EQ(found.size(), 2U);
  for (const auto& s : found) {
    EXPECT_EQ(s.record.state, tcp::state::established);
    EXPECT_NE(s.direction, direction::unknown);
  }
  EXPECT_TRUE(list_at(talk.port, {.selected = {.states = {tcp::state::close_wait}}}).empty());
}

TEST(list_sockets, gives_only_what_is_selected) {
  const conversation talk;
  const auto pid = std::to_string(::getpid());
  const auto count = [&](const std::string& words) {
    return list_at(talk.port, {.selected = parse_selector(words).value()}).size();
  };
  EXPECT_EQ(count("process:" + pid), 2U);
  EXPECT_EQ(count("process:" + pid + " direction:outbound"), 1U);
  EXPECT_EQ(count("direction:inbound unread:none"), 1U);
  EXPECT_EQ(count("peer:127.0.0.0/8 local-port:" + std::to_string(talk.port)), 1U);
  EXPECT_EQ(count("older:1h"), 0U);
}

TEST(list_sockets, counts_no_ghosts_where_it_lists_a_part) {
  const conversation talk;
  listing whole;
  (void)list_at(talk.port, {.selected = {.states = {tcp::state::listen}}}, &whole);
  for (const auto& p : whole.processes) EXPECT_FALSE(p.ghost_sockets);
}

TEST(list_sockets, leaves_owners_unknown_when_not_asked_for) {
  const conversation talk;
  listing whole;
  for (const auto& s : list_at(talk.port, {.owners = false}, &whole)) {
    EXPECT_EQ(s.record.owner.kind, ownership::unknown);
    EXPECT_EQ(s.pid, std::nullopt);
  }
  EXPECT_TRUE(whole.processes.empty());
}

TEST(list_sockets, fails_on_a_namespace_that_is_not_there) {
  const auto listed = list_sockets({.net_namespace = "no such namespace"}, [](const auto&) {});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, errc::not_found);
}

}  // namespace
}  // namespace waitstate::kernel
