#include "judgement/undirected_close_wait.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

undirected_cause cause_in(const snapshot& s) {
  return undirected_of(s, stuck_ports_of(s), steady_growth_of(s)).front().cause;
}

TEST(undirected_close_wait, comes_to_nothing_live_or_where_it_does_not_stand_out) {
  auto s = paste();
  put(s, counts(state::close_wait, 99));
  put(s, counts(state::established, 100));
  EXPECT_EQ(cause_in(s), undirected_cause::none);
  put(s, counts(state::close_wait, 1));
  EXPECT_EQ(cause_in(s), undirected_cause::client);
  s.source = source_kind::live;
  EXPECT_EQ(cause_in(s), undirected_cause::none);
}

TEST(undirected_close_wait, beside_a_listener_is_a_servers) {
  auto s = paste();
  put(s, counts(state::close_wait, 200));
  put_listener(s, "0.0.0.0", 80, 0, 128);
  EXPECT_EQ(cause_in(s), undirected_cause::server);
}

TEST(undirected_close_wait, half_of_which_wait_in_a_queue_is_the_queues) {
  for (const std::uint64_t queue : {99U, 100U}) {
    auto s = paste();
    put(s, counts(state::close_wait, 200));
    put_listener(s, "0.0.0.0", 80, queue, 50);
    EXPECT_EQ(cause_in(s), queue < 100 ? undirected_cause::server : undirected_cause::accept_queue);
  }
}

TEST(undirected_close_wait, beside_handshakes_that_wait_is_a_stall) {
  struct row {
    std::uint64_t handshakes;
    std::uint64_t close_wait;
    bool is_stall;
  };
  constexpr std::array rows{row{9, 500, false}, row{10, 500, true}, row{10, 1'000, true},
                            row{10, 1'001, false}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, counts(state::close_wait, r.close_wait));
    put(s, counts(state::syn_received, r.handshakes));
    put_listener(s, "0.0.0.0", 80, 0, 128);
    EXPECT_EQ(cause_in(s) == undirected_cause::stalled, r.is_stall)
        << r.handshakes << " beside " << r.close_wait;
  }
}

TEST(undirected_close_wait, grows_steadily_when_five_looks_differ_by_about_the_same) {
  struct row {
    std::vector<std::uint64_t> values;
    bool expected;
  };
  const std::array rows{row{{10, 20, 30, 40, 50}, true}, row{{10, 20, 30, 40}, false},
                        row{{10, 20, 30, 30, 40}, false},
                        row{{10, 20, 30, 40, 80}, true},    // four times the least
                        row{{10, 20, 30, 40, 81}, false}};  // and one more
  for (const auto& r : rows) {
    auto s = paste();
    s.series.push_back({.state = state::close_wait, .values = r.values});
    EXPECT_EQ(steady_growth_of(s).has_value(), r.expected) << (&r - rows.data());
    s.series.front().state = state::time_wait;
    EXPECT_FALSE(steady_growth_of(s));
  }
}

TEST(undirected_close_wait, is_one_for_each_program_that_is_named) {
  auto s = paste();
  put(s, counts(state::close_wait, 30).of(add_process(s, 1, "worker")));
  put(s, counts(state::close_wait, 30).of(add_process(s, 2, "worker")));
  EXPECT_EQ(undirected_of(s, {}, {}).size(), 1U) << "workers of one program";
  put(s, counts(state::close_wait, 90).of(add_process(s, 3, "other")));
  const auto all = undirected_of(s, {}, {});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].close_wait.count, 90U);
  EXPECT_EQ(all[1].close_wait.count, 60U);
}

TEST(undirected_close_wait, more_than_a_client_has_ports_are_a_server_s) {
  struct row {
    std::uint64_t close_wait, established;
    undirected_cause cause;
  };
  constexpr row rows[] = {
      {65'535, 100, undirected_cause::client},      {65'536, 0, undirected_cause::server},
      {65'536, 16'385, undirected_cause::server},   {65'536, 16'384, undirected_cause::stalled},
      {480'000, 76'000, undirected_cause::stalled},
  };
  for (const auto& r : rows) {
    auto s = paste();
    put(s, counts(state::close_wait, r.close_wait));
    if (r.established > 0) put(s, counts(state::established, r.established));
    EXPECT_EQ(cause_in(s), r.cause) << r.close_wait;
  }
}

TEST(undirected_close_wait, of_a_program_that_only_serves_is_a_servers) {
  for (const auto& [program, cause] : {std::pair{"dockerd", undirected_cause::server},
                                       std::pair{"java", undirected_cause::client}}) {
    auto s = paste();
    put(s, counts(tcp::state::close_wait, 14'306).of(add_process(s, 0, program)));
    const auto all = undirected_of(s, {}, std::nullopt);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].cause, cause) << program;
  }
}

TEST(undirected_close_wait, of_a_program_that_is_said_to_hang_is_a_stall) {
  struct row {
    std::uint64_t close_wait;
    std::uint64_t open;
    undirected_cause cause;
  };
  constexpr std::array rows{row{100, 25, undirected_cause::stalled},
                            row{100, 26, undirected_cause::client},
                            row{99, 0, undirected_cause::none}};
  for (const auto& r : rows) {
    auto s = paste();
    s.hanging = "it just hung";
    put(s, counts(state::close_wait, r.close_wait));
    put(s, counts(state::established, r.open));
    if (r.close_wait < 100) put(s, counts(state::established, 100));
    EXPECT_EQ(cause_in(s), r.cause) << r.close_wait << " beside " << r.open;
  }
}

TEST(undirected_close_wait, is_of_the_side_that_opens_nearly_all_connections) {
  auto s = paste();
  put(s, counts(state::close_wait, 200));
  s.namespaces[0].counters = {{"Tcp.ActiveOpens", 100}, {"Tcp.PassiveOpens", 2'001}};
  EXPECT_EQ(cause_in(s), undirected_cause::server);
  s.namespaces[0].counters["Tcp.PassiveOpens"] = 2'000;
  EXPECT_EQ(cause_in(s), undirected_cause::client);
  put_listener(s, "0.0.0.0", 80, 0, 128);
  EXPECT_EQ(cause_in(s), undirected_cause::server);
  s.namespaces[0].counters = {{"Tcp.ActiveOpens", 2'001}, {"Tcp.PassiveOpens", 100}};
  EXPECT_EQ(cause_in(s), undirected_cause::client);
}

}  // namespace
}  // namespace waitstate::diagnosis
