#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(listen_backlog_too_small, a_syn_flood_line_names_the_port) {
  auto s = paste(os_family::linux_kernel);
  auto line = said(message_kind::syn_flood, "TCP: Possible SYN flooding on port 1443.");
  line.endpoint = tcp::endpoint{.address = {}, .port = 1443};
  s.messages.push_back(line);
  const auto found = listen_backlog_too_small(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_TRUE(found[0].title.starts_with("the queue of port 1443 overflowed"));
  EXPECT_TRUE(mentions(found[0], "net.core.somaxconn"));
}

TEST(listen_backlog_too_small, an_overflow_with_drained_queues_beside_it) {
  auto s = paste(os_family::freebsd);
  auto line = said(message_kind::listen_overflow, "sonewconn: Listen queue overflow");
  line.queued = 1;
  s.messages.push_back(line);
  put_listener(s, "0.0.0.0", 443, 0, 128);
  const auto found = listen_backlog_too_small(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "with 1 waiting"));
  EXPECT_TRUE(mentions(found[0], "kern.ipc.soacceptqueue"));
  EXPECT_FALSE(mentions(found[0], "net.core.somaxconn"));
}

TEST(listen_backlog_too_small, is_quiet_where_the_queue_stands_full) {
  auto s = paste(os_family::freebsd);
  s.messages.push_back(said(message_kind::listen_overflow, "sonewconn: Listen queue overflow"));
  put_listener(s, "0.0.0.0", 110, 48, 32);
  EXPECT_TRUE(listen_backlog_too_small(s).empty());
}

TEST(listen_backlog_too_small, live_overflows_warn_and_old_ones_are_info) {
  auto s = host();
  s.namespaces[0].counters = {{"TcpExt.ListenOverflows", 500}, {"Tcp.PassiveOpens", 9'000}};
  EXPECT_EQ(listen_backlog_too_small(s).at(0).severity, severity::info);
  s.namespaces[0].counter_rates = {{"TcpExt.ListenOverflows", 3.5}};
  const auto found = listen_backlog_too_small(s);
  EXPECT_EQ(found.at(0).severity, severity::warning);
  EXPECT_EQ(found[0].title, "accept queues overflow 3.5 times a second");
}

TEST(listen_backlog_too_small, a_queue_that_is_full_of_what_came_just_now) {
  for (const auto& [queue, told] : {std::pair{6U, true}, {5U, false}}) {
    auto s = host();
    put_listener(s, "0.0.0.0", 8000, queue, 5, add_process(s, 3, "python3"));
    put(s, on(tcp::state::established, 8000, "9.9.9.9", queue).of_nobody().aged(200));
    const auto found = listen_backlog_too_small(s);
    ASSERT_EQ(!found.empty(), told) << queue;
    EXPECT_TRUE(accept_queue_stuck(s).empty());
    if (!told) continue;
    EXPECT_EQ(found[0].severity, severity::warning);
    EXPECT_EQ(
        found[0].title,
        "the accept queue of 0.0.0.0:8000 is full: 6 wait where 5 may, none for a second yet");
    EXPECT_EQ(found[0].subject.pid, 3);
  }
}

TEST(listen_backlog_too_small, pasted_overflows_are_held_against_all_connections_since_boot) {
  struct row {
    std::uint64_t overflows;
    std::string_view against;
    std::uint64_t connections;
    std::optional<severity> level;
  };
  constexpr row rows[] = {
      {9'107, "Tcp.PassiveOpens", 54'155'042, severity::info},
      {9'107, "Tcp.PassiveOpens", 5'415'504, severity::warning},
      {6'350, "TcpExt.TW", 2'022'698'730, severity::info},
      {6'350, "TcpExt.TW", 2'022'698, severity::warning},
      {6'350, "Tcp.OutRsts", 2'022'698'730, severity::warning},
      {99, "Tcp.PassiveOpens", 100, std::nullopt},
  };
  for (const auto& [overflows, against, connections, level] : rows) {
    auto s = paste(os_family::linux_kernel);
    s.namespaces[0].counters["TcpExt.ListenOverflows"] = overflows;
    s.namespaces[0].counters[std::string(against)] = connections;
    const auto found = listen_backlog_too_small(s);
    EXPECT_EQ(found.empty() ? std::nullopt : std::optional(found[0].severity), level)
        << overflows << " of " << connections;
  }
}

TEST(listen_backlog_too_small, a_few_overflows_in_a_busy_life_are_nothing) {
  auto s = host();
  s.namespaces[0].counters = {{"TcpExt.ListenOverflows", 500}, {"Tcp.PassiveOpens", 9'000'000}};
  EXPECT_TRUE(listen_backlog_too_small(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
