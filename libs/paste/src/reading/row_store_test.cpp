#include "reading/row_store.h"

#include <gtest/gtest.h>

#include "rows/formats.h"

namespace waitstate::paste {
namespace {

using tcp::state;

socket_record record(state s, std::string_view local, std::string_view remote) {
  return {.flow = {.local = *tcp::parse_endpoint(local), .remote = *tcp::parse_endpoint(remote)},
          .state = s};
}

direction told(const row_store& rows, std::size_t index) {
  return rows.rows()[index].told;
}

constexpr tcp::port_range linux_range;
const format& ss = format_named("ss");
const format& netstat = format_named("netstat of Linux");
const format& netstat_of_windows = format_named("netstat of Windows");
const format& lsof = format_named("lsof");

TEST(row_store, tells_directions_from_listeners_first) {
  row_store rows;
  rows.add(record(state::established, "10.0.0.1:43434", "10.0.0.2:80"), ss, {});
  rows.add(record(state::listen, "0.0.0.0:43434", "0.0.0.0:0"), ss, {});
  rows.tell_directions(linux_range);
  EXPECT_EQ(told(rows, 0), direction::inbound);
}

TEST(row_store, takes_an_endpoint_that_many_rows_share_for_the_service) {
  row_store rows;
  // By the range alone the first would be outbound: its remote port is not ephemeral.
  for (const auto* remote : {"1.1.1.1:12654", "1.1.1.2:34518", "1.1.1.3:42610"}) {
    rows.add(record(state::close_wait, "10.0.0.1:43434", remote), netstat, {});
  }
  for (const auto* local : {"[::1]:50515", "[::1]:50529", "[::1]:50532"}) {
    rows.add(record(state::time_wait, local, "[::1]:50051"), netstat_of_windows, {});
  }
  rows.tell_directions(linux_range);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(told(rows, i), direction::inbound);
  for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(told(rows, i), direction::outbound);
}

TEST(row_store, falls_back_to_range_services_and_handshakes) {
  row_store rows;
  rows.add(record(state::time_wait, "10.0.0.1:40000", "10.0.0.2:3306"), ss, {});
  rows.add(record(state::time_wait, "10.0.0.1:8080", "10.0.0.2:40000"), ss, {});
  rows.add(record(state::syn_sent, "10.0.0.1:80", "10.0.0.2:40001"), ss, {});
  rows.add(record(state::syn_received, "10.0.0.1:40002", "10.0.0.9:5"), ss, {});
  rows.add(record(state::established, "10.0.0.1:0", "10.0.0.2:443"), lsof, {});
  rows.add(record(state::established, "10.0.0.1:50001", "10.0.0.2:50002"), ss, {});
  rows.tell_directions(linux_range);
  EXPECT_EQ(told(rows, 0), direction::outbound);
  EXPECT_EQ(told(rows, 1), direction::inbound);
  EXPECT_EQ(told(rows, 2), direction::outbound);
  EXPECT_EQ(told(rows, 3), direction::inbound);
  EXPECT_EQ(told(rows, 4), direction::outbound);
  EXPECT_EQ(told(rows, 5), direction::unknown);
}

TEST(row_store, takes_the_end_with_the_name_of_a_service_for_it) {
  row_store rows;
  rows.add(record(state::close_wait, "10.0.0.1:0", "10.0.0.2:53606"), lsof,
           {.told_by_names = direction::inbound});
  rows.add(record(state::close_wait, "10.0.0.1:33000", "10.0.0.2:0"), lsof,
           {.told_by_names = direction::outbound});
  rows.add(record(state::close_wait, "10.0.0.1:40000", "10.0.0.2:443"), lsof,
           {.told_by_names = direction::inbound});
  rows.tell_directions(linux_range);
  EXPECT_EQ(told(rows, 0), direction::inbound);
  EXPECT_EQ(told(rows, 1), direction::outbound);
  EXPECT_EQ(told(rows, 2), direction::outbound) << "a port that is known says more";
}

TEST(row_store, tells_nobody_from_hidden) {
  const auto owners = [](bool some_hidden, ownership first) {
    row_store rows;
    auto owned = record(state::established, "10.0.0.1:1", "10.0.0.2:2");
    owned.owner.kind = first;
    auto empty = record(state::established, "10.0.0.1:3", "10.0.0.2:4");
    empty.owner.kind = ownership::hidden;
    auto gone = record(state::time_wait, "10.0.0.1:5", "10.0.0.2:6");
    gone.owner.kind = ownership::hidden;
    rows.add(owned, netstat, {});
    rows.add(empty, netstat, {});
    rows.add(gone, netstat, {});
    rows.tell_owners(some_hidden);
    return std::pair{rows.rows()[1].record.owner.kind, rows.rows()[2].record.owner.kind};
  };
  EXPECT_EQ(owners(false, ownership::owned), std::pair(ownership::none, ownership::none));
  EXPECT_EQ(owners(true, ownership::owned), std::pair(ownership::hidden, ownership::none));
  EXPECT_EQ(owners(false, ownership::hidden), std::pair(ownership::hidden, ownership::none));
}

TEST(row_store, knows_from_a_command_that_its_rows_show_owners) {
  row_store rows;
  rows.add(record(state::established, "10.0.0.1:3", "10.0.0.2:4"), ss, {});
  rows.owners_are_shown("netstat");
  rows.tell_owners(false);
  EXPECT_EQ(rows.rows()[0].record.owner.kind, ownership::unknown);
  rows.owners_are_shown("ss");
  rows.tell_owners(false);
  EXPECT_EQ(rows.rows()[0].record.owner.kind, ownership::none);
}

TEST(row_store, tells_the_systems_whose_rows_it_has) {
  row_store rows;
  EXPECT_FALSE(rows.has_rows_of(os_family::linux_kernel));
  rows.add(record(state::time_wait, "10.0.0.1:1", "10.0.0.2:2"), netstat, {});
  rows.add(record(state::time_wait, "10.0.0.1:1", "10.0.0.2:3"), lsof, {});
  EXPECT_TRUE(rows.has_rows_of(os_family::linux_kernel));
  EXPECT_FALSE(rows.has_rows_of(os_family::windows));
  rows.add(record(state::time_wait, "10.0.0.1:1", "10.0.0.2:4"), netstat_of_windows, {});
  EXPECT_TRUE(rows.has_rows_of(os_family::windows));
}

TEST(row_store, knows_nothing_of_owners_without_a_column) {
  row_store rows;
  rows.add(record(state::time_wait, "10.0.0.1:1", "10.0.0.2:2"), ss, {});
  rows.tell_owners(false);
  EXPECT_EQ(rows.rows()[0].record.owner.kind, ownership::unknown);
}

socket_timer timer_after(const format& f, bool asked, socket_record other) {
  row_store rows;
  rows.add({.state = tcp::state::established}, f, {});
  rows.add(other, f, {});
  rows.end_block(asked);
  return rows.rows()[0].record.timer;
}

TEST(row_store, knows_that_a_timer_which_ss_would_show_does_not_run) {
  const socket_record waiting{.state = tcp::state::time_wait, .timer = socket_timer::time_wait};
  const socket_record kept{.state = tcp::state::established, .timer = socket_timer::keepalive};
  EXPECT_EQ(timer_after(ss, true, waiting), socket_timer::none);
  EXPECT_EQ(timer_after(ss, false, waiting), socket_timer::unknown);
  EXPECT_EQ(timer_after(ss, false, kept), socket_timer::none);
  EXPECT_EQ(timer_after(netstat, true, kept), socket_timer::unknown);
}

TEST(row_store, keeps_timers_of_one_block_from_another) {
  row_store rows;
  rows.add({.state = tcp::state::established}, ss, {});
  rows.end_block(false);
  rows.add({.state = tcp::state::established}, ss, {});
  rows.end_block(true);
  EXPECT_EQ(rows.rows()[0].record.timer, socket_timer::unknown);
  EXPECT_EQ(rows.rows()[1].record.timer, socket_timer::none);
}

TEST(row_store, takes_a_port_of_the_range_with_a_service_at_the_other_end_for_a_clients) {
  row_store rows;
  // One local port serves three destinations: Linux does that.
  for (const auto* remote : {"20.0.0.1:443", "20.0.1.1:443", "20.0.2.1:443"}) {
    rows.add(record(state::close_wait, "10.0.0.1:32768", remote), netstat, {});
  }
  rows.tell_directions(linux_range);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(told(rows, i), direction::outbound);
}

TEST(row_store, counts_a_socket_once_however_often_it_is_named) {
  row_store rows;
  auto shared = record(state::close_wait, "10.0.0.1:47870", "192.0.2.2:443");
  shared.inode = 973438718;
  EXPECT_TRUE(rows.add(shared, lsof, {}));
  EXPECT_FALSE(rows.add(shared, lsof, {}));
  shared.inode = 974286877;
  EXPECT_TRUE(rows.add(shared, lsof, {}));
  const auto seen = record(state::time_wait, "10.0.0.1:40000", "10.0.0.2:80");
  EXPECT_TRUE(rows.add(seen, ss, {}));
  EXPECT_FALSE(rows.add(seen, ss, {}));
  const auto masked = record(state::time_wait, "0.0.0.0:40000", "10.0.0.2:80");
  EXPECT_TRUE(rows.add(masked, ss, {}));
  EXPECT_TRUE(rows.add(masked, ss, {}));
  EXPECT_EQ(rows.repeated(), 2U);
}

TEST(row_store, rows_of_ss_and_lsof_of_one_socket_are_one_with_the_owner_of_either) {
  row_store rows;
  auto shown = record(state::close_wait, "10.0.0.1:40000", "10.0.0.2:443");
  EXPECT_TRUE(rows.add(shown, ss, {}));
  shown.inode = 9'000;
  shown.owner = {.kind = ownership::owned, .process = 3};
  EXPECT_TRUE(rows.add(shown, lsof, {}));   // Another descriptor,
  EXPECT_FALSE(rows.add(shown, lsof, {}));  // the same again.
  EXPECT_EQ(rows.repeated(), 2U);
  rows.tell_owners(false);
  ASSERT_EQ(rows.rows().size(), 1U);
  EXPECT_EQ(rows.rows()[0].record.owner.process, 3U);
}

TEST(row_store, tells_open_connections_that_grew_from_look_to_look) {
  const auto looks = [](int before, int again, int added) {
    row_store rows;
    const auto add = [&](int first, int count) {
      for (int i = first; i < first + count; ++i) {
        const auto local = "10.0.0.1:" + std::to_string(40'000 + i);
        rows.add(record(state::established, local.c_str(), "10.0.0.9:5432"), ss, {});
      }
    };
    rows.begin_look();
    add(0, before);
    rows.begin_look();
    add(0, again);
    add(before, added);
    rows.tell_directions(linux_range);
    return rows.growth();
  };
  const auto grown = looks(40, 40, 60);
  ASSERT_TRUE(grown.has_value());
  EXPECT_EQ(grown->values, (std::vector<std::uint64_t>{40, 100}));
  EXPECT_EQ(grown->port, 5432);
  EXPECT_FALSE(looks(40, 20, 60));  // Half of them went.
  EXPECT_FALSE(looks(10, 10, 60));
  EXPECT_FALSE(looks(40, 40, 0));
}

TEST(row_store, one_look_that_names_the_sockets_of_forks_twice_is_no_growth) {
  row_store rows;
  rows.begin_look();
  for (int again = 0; again < 2; ++again) {
    for (int i = 0; i < 60; ++i) {
      const auto local = "10.0.0.1:" + std::to_string(40'000 + i);
      rows.add(record(state::established, local.c_str(), "10.0.0.9:5432"), lsof, {});
    }
  }
  rows.tell_directions(linux_range);
  EXPECT_FALSE(rows.growth());
}

TEST(row_store, a_port_that_old_windows_lists_as_listening_is_its_clients) {
  row_store rows;
  rows.add(record(state::listen, "0.0.0.0:3172", "0.0.0.0:0"), netstat_of_windows, {});
  rows.add(record(state::listen, "0.0.0.0:3389", "0.0.0.0:0"), netstat_of_windows, {});
  rows.add(record(state::close_wait, "10.0.0.1:3172", "72.14.207.99:443"), netstat_of_windows, {});
  rows.add(record(state::established, "10.0.0.1:3389", "10.0.0.2:50000"), netstat_of_windows, {});
  rows.tell_directions(linux_range);
  EXPECT_EQ(told(rows, 2), direction::outbound);
  EXPECT_EQ(told(rows, 3), direction::inbound);
}

}  // namespace
}  // namespace waitstate::paste
