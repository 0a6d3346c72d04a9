#include "reading/host_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(host_parts, a_prompt_names_its_host) {
  struct row {
    std::string_view line, host;
  };
  constexpr row rows[] = {
      {"root@web1:/srv# ss -tan", "web1"},
      {"[root@db-2 ~]# netstat -tan", "db-2"},
      {"me@a.example.com ~ $ ss -s", "a.example.com"},
      {"ubuntu@ip-10-0-0-7:~$ sudo ss -tanp", "ip-10-0-0-7"},
      {"$ ssh root@web1 ss -tan", ""},
      {"# mail me@web1 and ask", ""},
      {"mail to me@web1 please", ""},
      {"tcp 0 0 10.0.0.7:80 10.0.0.8:55123 ESTABLISHED", ""},
      {"@web1# ss", ""},
  };
  for (const auto& [line, host] : rows) EXPECT_EQ(host_of_prompt(line), host) << line;
}

TEST(host_parts, each_command_is_of_the_host_above_it) {
  const auto parts = parts_by_host(
      "on the client:\nroot@web1:~# ss -tan\nrow 1\n\nroot@db1:~# ss -tan\r\nrow 2\r\nroot@web1:~# "
      "ss -s\nrow 3\n");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].host, "web1");
  EXPECT_EQ(parts[0].text,
            "on the client:\nroot@web1:~# ss -tan\nrow 1\n\nroot@web1:~# ss -s\nrow 3\n");
  EXPECT_EQ(parts[1].host, "db1");
  EXPECT_EQ(parts[1].text, "root@db1:~# ss -tan\r\nrow 2\r\n");
}

TEST(host_parts, one_host_is_no_part) {
  EXPECT_TRUE(parts_by_host("root@web1:~# ss -tan\nrow\nroot@web1:/# ss -s\n").empty());
  EXPECT_TRUE(parts_by_host("").empty());
}

TEST(host_parts, hosts_are_bounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "root@h" + std::to_string(i) + ":~# ss -tan\nrow\n";
  const auto parts = parts_by_host(text);
  EXPECT_EQ(parts.size(), 16U);
  std::size_t bytes = 0;
  for (const auto& p : parts) bytes += p.text.size();
  EXPECT_EQ(bytes, text.size());
}

}  // namespace
}  // namespace waitstate::paste
