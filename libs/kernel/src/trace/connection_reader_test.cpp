#include "trace/connection_reader.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include <gtest/gtest.h>

#include "bpf/connection_record.h"

namespace waitstate::kernel {
namespace {

const std::chrono::system_clock::time_point boot{std::chrono::hours(1)};

connection_record plain() {
  connection_record r{.ended_ns = 2'000'000'000,
                      .life_ns = 1'500'000,
                      .sent = 10,
                      .received = 20,
                      .opener = 12,
                      .closer = 13,
                      .net_namespace = 7,
                      .family = AF_INET,
                      .first_fin = first_fin_of_ours,
                      .is_followed = 1,
                      .is_established = 1,
                      .local_port = htons(4000),
                      .remote_port = htons(80)};
  ::inet_pton(AF_INET, "10.0.0.1", &r.local);
  ::inet_pton(AF_INET, "10.0.0.2", &r.remote);
  std::memcpy(&r.opener_name, "curl", 5);
  std::memcpy(&r.closer_name, "fifteen-letters", 16);
  return r;
}

ended_connection read(const connection_record& r) {
  return read_connection(std::as_bytes(std::span(&r, 1)), boot).value_or(ended_connection{});
}

TEST(connection_reader, takes_all_that_a_record_says) {
  const auto c = read(plain());
  EXPECT_EQ(c.ended, boot + std::chrono::seconds(2));
  EXPECT_EQ(to_string(c.flow.local), "10.0.0.1:4000");
  EXPECT_EQ(to_string(c.flow.remote), "10.0.0.2:80");
  EXPECT_EQ(c.net_namespace, 7U);
  EXPECT_EQ(c.direction, direction::outbound);
  EXPECT_EQ(c.ending, connection_ending::closed);
  EXPECT_EQ(c.closed_first, first_closer::local);
  EXPECT_EQ(c.opener, (traced_process{.pid = 12, .name = "curl"}));
  EXPECT_EQ(c.closer, (traced_process{.pid = 13, .name = "fifteen-letters"}));
  EXPECT_EQ(c.life, std::chrono::microseconds(1500));
  EXPECT_EQ(c.bytes_sent, 10U);
  EXPECT_EQ(c.bytes_received, 20U);
}

TEST(connection_reader, knows_nothing_of_a_beginning_that_was_not_seen) {
  auto r = plain();
  r.is_followed = 0;
  r.life_ns = 0;
  r.opener = 0;
  const auto c = read(r);
  EXPECT_EQ(c.direction, direction::unknown);
  EXPECT_FALSE(c.life);
  EXPECT_FALSE(c.opener);
}

TEST(connection_reader, says_how_it_ended) {
  const struct {
    connection_end_record end;
    unsigned error;
    bool is_established;
    unsigned char retransmits;
    unsigned char probes;
    connection_ending means;
  } cases[] = {
      {end_by_fins, 0, true, 0, 0, connection_ending::closed},
      {end_by_peer, ECONNRESET, true, 0, 0, connection_ending::reset_by_peer},
      {end_by_peer, EPIPE, true, 0, 0, connection_ending::reset_by_peer},
      {end_by_peer, ECONNREFUSED, false, 0, 0, connection_ending::refused},
      {end_by_unread, 0, true, 0, 0, connection_ending::unread_data},
      {end_with_listener, 0, true, 0, 0, connection_ending::never_accepted},
      {end_by_linger, 0, true, 0, 0, connection_ending::linger_zero},
      {end_by_time, ETIMEDOUT, false, 6, 0, connection_ending::connect_timed_out},
      {end_by_time, ETIMEDOUT, true, 5, 0, connection_ending::not_acknowledged},
      {end_by_time, ETIMEDOUT, true, 0, 3, connection_ending::not_alive},
      {end_by_time, ETIMEDOUT, true, 0, 0, connection_ending::not_acknowledged},
      {end_by_kill, ECONNABORTED, true, 0, 0, connection_ending::killed},
      {end_by_error, EHOSTUNREACH, true, 0, 0, connection_ending::network_error},
      {end_before_start, 0, false, 0, 0, connection_ending::given_up},
      {end_without_port, 0, false, 0, 0, connection_ending::no_port},
  };
  for (const auto& c : cases) {
    auto r = plain();
    r.end = static_cast<unsigned char>(c.end);
    r.error = c.error;
    r.is_established = c.is_established ? 1 : 0;
    r.retransmits = c.retransmits;
    r.probes = c.probes;
    r.unread = 5;
    EXPECT_EQ(read(r).ending, c.means) << to_string(c.means);
    EXPECT_EQ(read(r).bytes_unread, c.means == connection_ending::unread_data ? 5U : 0U);
  }
}

TEST(connection_reader, takes_no_bytes_of_another_size) {
  const auto r = plain();
  EXPECT_FALSE(read_connection(std::as_bytes(std::span(&r, 1)).first(sizeof(r) - 1), boot));
}

}  // namespace
}  // namespace waitstate::kernel
