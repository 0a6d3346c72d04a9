#include "netlink/inet_diag_message.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "inet_diag_writer.h"

namespace waitstate::kernel {
namespace {

constexpr std::uint32_t sequence = 7;

tcp::endpoint at(std::string_view address, std::uint16_t port) {
  return {.address = *tcp::parse_address(address), .port = port};
}

socket_record leaked_socket() {
  return {.flow = {.local = at("10.0.0.1", 40000), .remote = at("10.0.0.2", 5432)},
          .state = tcp::state::close_wait,
          .cookie = 0x100002002,
          .cgroup_id = 4711,
          .inode = 9001,
          .uid = 33,
          .receive_queue = 1,
          .send_queue = 0,
          .timer = socket_timer::keepalive,
          .timer_ms = 7'199'000,
          .retransmits = 3,
          .last_data_ms = 3012,
          .last_ack_ms = 2012,
          .data_segments_sent = 17,
          .bytes_received = 4'097,
          .shut_for_reading = true,
          .bind_address_no_port = false};
}

struct reading {
  datagram_summary summary;
  std::vector<socket_record> sockets;
};

reading read(std::span<const std::byte> bytes) {
  reading r;
  r.summary =
      read_inet_diag(bytes, sequence, [&](const socket_record& s) { r.sockets.push_back(s); });
  return r;
}

TEST(inet_diag_message, reads_every_field_of_a_socket) {
  inet_diag_writer writer(sequence);
  writer.add(leaked_socket());
  const auto [summary, sockets] = read(writer.bytes());
  EXPECT_EQ(summary, (datagram_summary{.sockets = 1}));
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_TRUE(same_on_the_wire(sockets[0], leaked_socket()));
  EXPECT_EQ(to_string(sockets[0].flow.remote), "10.0.0.2:5432");
  EXPECT_EQ(sockets[0].owner.kind, ownership::unknown);
}

TEST(inet_diag_message, reads_ipv6_and_folds_mapped_addresses) {
  auto plain = leaked_socket();
  plain.flow = {.local = at("fe80::1", 1), .remote = at("2001:db8::2", 2)};
  auto mixed = leaked_socket();
  mixed.flow = {.local = at("::", 1), .remote = at("10.0.0.2", 2)};  // written as ::ffff:10.0.0.2
  inet_diag_writer writer(sequence);
  writer.add(plain);
  writer.add(mixed);
  const auto [summary, sockets] = read(writer.bytes());
  ASSERT_EQ(sockets.size(), 2U);
  EXPECT_EQ(to_string(sockets[0].flow.remote), "[2001:db8::2]:2");
  EXPECT_EQ(to_string(sockets[1].flow.remote), "10.0.0.2:2");
}

TEST(inet_diag_message, knows_the_timer_of_time_wait_and_takes_no_uid_from_it) {
  const socket_record closed{.flow = leaked_socket().flow,
                             .state = tcp::state::time_wait,
                             .cookie = 5,
                             .uid = 0,
                             .timer = socket_timer::time_wait,
                             .timer_ms = 59'900};
  inet_diag_writer writer(sequence);
  writer.add(closed);
  const auto [summary, sockets] = read(writer.bytes());
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_EQ(sockets[0].timer, socket_timer::time_wait);
  EXPECT_EQ(sockets[0].timer_ms, 59'900U);
  EXPECT_EQ(sockets[0].uid, std::nullopt);
  EXPECT_EQ(sockets[0].bind_address_no_port, std::nullopt);
}

TEST(inet_diag_message, tells_a_bound_socket_from_a_dead_connection) {
  auto bound = leaked_socket();
  bound.state = tcp::state::closed;
  auto dead = bound;
  bound.flow.remote = at("0.0.0.0", 0);
  inet_diag_writer writer(sequence);
  writer.add(bound);
  writer.add(dead);
  const auto sockets = read(writer.bytes()).sockets;
  ASSERT_EQ(sockets.size(), 2U);
  EXPECT_EQ(sockets[0].state, tcp::state::bound_inactive);
  EXPECT_EQ(sockets[1].state, tcp::state::closed);
}

TEST(inet_diag_message, has_no_time_left_where_no_timer_runs) {
  auto s = leaked_socket();
  s.timer = socket_timer::none;
  s.timer_ms = 12345;
  inet_diag_writer writer(sequence);
  writer.add(s);
  EXPECT_EQ(read(writer.bytes()).sockets.at(0).timer_ms, 0U);
}

TEST(inet_diag_message, tolerates_the_short_tcp_info_of_old_kernels) {
  struct {
    std::size_t info_size;
    std::optional<std::uint32_t> data;
    std::optional<std::uint32_t> ack;
  } const cases[] = {{0, {}, {}}, {55, {}, {}}, {56, 3012, {}}, {59, 3012, {}}, {60, 3012, 2012}};
  for (const auto& c : cases) {
    inet_diag_writer writer(sequence);
    writer.add(leaked_socket(), c.info_size);
    const auto s = read(writer.bytes()).sockets.at(0);
    EXPECT_EQ(s.last_data_ms, c.data) << c.info_size;
    EXPECT_EQ(s.last_ack_ms, c.ack) << c.info_size;
  }
}

TEST(inet_diag_message, ends_at_done_and_reports_what_the_kernel_says) {
  inet_diag_writer done(sequence);
  done.add_done();
  done.add(leaked_socket());
  EXPECT_EQ(read(done.bytes()).summary, (datagram_summary{.done = true}));

  inet_diag_writer failed(sequence);
  failed.add_error(-EPERM);
  EXPECT_EQ(read(failed.bytes()).summary, (datagram_summary{.done = true, .error = EPERM}));

  inet_diag_writer failed_late(sequence);
  failed_late.add_done(-EAGAIN);
  EXPECT_EQ(read(failed_late.bytes()).summary, (datagram_summary{.done = true, .error = EAGAIN}));
}

TEST(inet_diag_message, says_when_something_is_missing) {
  inet_diag_writer overrun(sequence);
  overrun.add_message(NLMSG_OVERRUN, 0, {});
  EXPECT_TRUE(read(overrun.bytes()).summary.incomplete);

  inet_diag_writer interrupted(sequence);
  interrupted.add_message(NLMSG_NOOP, NLM_F_DUMP_INTR, {});
  EXPECT_TRUE(read(interrupted.bytes()).summary.incomplete);
}

TEST(inet_diag_message, passes_over_the_leftovers_of_another_request) {
  inet_diag_writer other(sequence + 1);
  other.add(leaked_socket());
  other.add_done();
  EXPECT_EQ(read(other.bytes()).summary, datagram_summary{});
}

TEST(inet_diag_message, keeps_what_came_before_a_cut_anywhere) {
  inet_diag_writer writer(sequence);
  writer.add(leaked_socket());
  const auto first = writer.bytes().size();
  writer.add(leaked_socket());
  for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
    const std::vector<std::byte> cut(writer.bytes().begin(),
                                     writer.bytes().begin() + static_cast<std::ptrdiff_t>(size));
    const auto [summary, sockets] = read(cut);
    EXPECT_EQ(sockets.size(), size < first ? 0U : 1U) << size;
    EXPECT_EQ(summary.incomplete, size != 0 && size != first) << size;
  }
}

TEST(inet_diag_message, counts_messages_it_cannot_read) {
  inet_diag_writer writer(sequence);
  writer.add_message(20, 0, std::vector<std::byte>(71));  // one byte short
  writer.add_message(20, 0, std::vector<std::byte>(72));  // no such family
  auto bad_state = leaked_socket();
  bad_state.state = static_cast<tcp::state>(14);
  writer.add(bad_state);
  writer.add(leaked_socket());
  EXPECT_EQ(read(writer.bytes()).summary, (datagram_summary{.sockets = 1, .unreadable = 3}));
}

TEST(inet_diag_message, of_a_connect_the_times_since_the_host_started_are_none_of_its_own) {
  auto s = leaked_socket();
  s.state = tcp::state::syn_sent;
  inet_diag_writer writer(sequence);
  writer.add(s);
  const auto sent = read(writer.bytes()).sockets.at(0);
  EXPECT_FALSE(sent.last_data_ms);
  EXPECT_FALSE(sent.last_ack_ms);
}

}  // namespace
}  // namespace waitstate::kernel
