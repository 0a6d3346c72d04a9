#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

message failed_on(std::uint16_t port) {
  auto m = said(message_kind::address_in_use_on_listen, "bind: address already in use");
  if (port != 0) m.endpoint = endpoint_of("0.0.0.0", port);
  return m;
}

TEST(listen_port_in_use, asks_who_has_the_port) {
  auto s = host();
  s.messages.push_back(failed_on(8080));
  const auto found = listen_port_in_use(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "a service cannot listen on port 8080: it is in use");
  EXPECT_TRUE(mentions(found[0], "sport = :8080"));
}

TEST(listen_port_in_use, names_the_program_that_listens) {
  auto s = host();
  s.messages.push_back(failed_on(8080));
  put_listener(s, "0.0.0.0", 8080, 0, 128, add_process(s, 77, "old-copy"));
  EXPECT_EQ(listen_port_in_use(s).at(0).title,
            "a service cannot listen on port 8080: old-copy (pid 77) listens there");
}

TEST(listen_port_in_use, counts_what_waits_on_the_port) {
  auto s = host();
  s.messages.push_back(failed_on(8080));
  put(s, on(tcp::state::time_wait, 8080, "10.0.9.9", 16));
  const auto found = listen_port_in_use(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.contains("TIME-WAIT"));
  EXPECT_TRUE(mentions(found[0], "SO_REUSEADDR"));
}

TEST(listen_port_in_use, speaks_the_language_of_the_system) {
  for (const auto& [os, word] : {std::pair{os_family::windows, "netstat -ano | findstr :8080"},
                                 std::pair{os_family::macos, "lsof -nP -iTCP:8080"},
                                 std::pair{os_family::freebsd, "sockstat -46 -p 8080"}}) {
    auto s = paste(os);
    s.messages.push_back(failed_on(8080));
    EXPECT_TRUE(mentions(listen_port_in_use(s).at(0), word)) << word;
  }
}

TEST(listen_port_in_use, leaves_a_port_of_the_range_to_its_own_finding) {
  auto s = host();
  s.messages.push_back(failed_on(40'000));
  EXPECT_TRUE(listen_port_in_use(s).empty());
  EXPECT_FALSE(listen_port_in_ephemeral_range(s).empty());
}

TEST(listen_port_in_use, that_windows_keeps_for_others_asks_for_the_excluded_ranges) {
  auto m = said(message_kind::port_not_permitted, "bind: 10013");
  m.endpoint = endpoint_of("0.0.0.0", 50'051);
  auto s = paste(os_family::windows);
  s.messages.push_back(m);
  const auto found = listen_port_in_use(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "a service cannot listen on port 50051: Windows keeps it for somebody else");
  EXPECT_TRUE(mentions(found[0], "excludedportrange"));
  EXPECT_TRUE(listen_port_in_ephemeral_range(s).empty());
  auto elsewhere = paste(os_family::linux_kernel);
  elsewhere.messages.push_back(m);
  EXPECT_TRUE(listen_port_in_use(elsewhere).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
