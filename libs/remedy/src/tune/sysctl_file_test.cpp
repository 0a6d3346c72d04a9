#include "waitstate/remedy/tune/sysctl_file.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::remedy {
namespace {

struct line_case {
  const char* text;
  const char* key;    ///< nullptr: not read.
  const char* value;  ///< nullptr: none.
  bool may_fail = false;
  bool is_pattern = false;
};

TEST(sysctl_file, reads_a_line_as_the_tools_do) {
  constexpr std::array cases{
      line_case{"net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse", "1"},
      line_case{"  net/ipv4/tcp_tw_reuse\t=\t1 ", "net.ipv4.tcp_tw_reuse", "1"},
      line_case{"-net.ipv4.tcp_tw_recycle = 0", "net.ipv4.tcp_tw_recycle", "0", true},
      line_case{"net.ipv4.ip_local_port_range = 1024 65535", "net.ipv4.ip_local_port_range",
                "1024 65535"},
      line_case{"kernel.core_pattern = |/bin/x = %p", "kernel.core_pattern", "|/bin/x = %p"},
      line_case{"net.ipv4.ip_local_reserved_ports =", "net.ipv4.ip_local_reserved_ports", ""},
      line_case{"net.ipv4.conf.eth0/100.forwarding = 1", "net.ipv4.conf.eth0/100.forwarding", "1"},
      line_case{"net/ipv4/conf/eth0.100/forwarding = 1", "net.ipv4.conf.eth0/100.forwarding", "1"},
      line_case{"net.ipv4.conf.*.rp_filter = 2", "net.ipv4.conf.*.rp_filter", "2", false, true},
      line_case{"-net.ipv4.conf.lo.rp_filter", "net.ipv4.conf.lo.rp_filter", nullptr, true},
      line_case{"net.ipv4.tcp_tw_reuse", nullptr, nullptr},
      line_case{"net.ipv4.tcp_tw_reuse 1", nullptr, nullptr},
      line_case{"= 1", nullptr, nullptr},
      line_case{"- = 1", nullptr, nullptr},
      line_case{"sysctl -w net.ipv4.tcp_tw_reuse=1", nullptr, nullptr}};
  for (const auto& c : cases) {
    const auto read = parse_sysctl(c.text);
    EXPECT_EQ(read.lines.size(), c.key == nullptr ? 0U : 1U) << c.text;
    EXPECT_EQ(read.unread.size(), c.key == nullptr ? 1U : 0U) << c.text;
    if (c.key == nullptr || read.lines.empty()) continue;
    const auto& line = read.lines.front();
    EXPECT_EQ(line.key, c.key) << c.text;
    EXPECT_EQ(line.value.has_value(), c.value != nullptr) << c.text;
    if (c.value != nullptr && line.value) EXPECT_EQ(*line.value, c.value);
    EXPECT_EQ(line.may_fail, c.may_fail) << c.text;
    EXPECT_EQ(line.is_pattern, c.is_pattern) << c.text;
    const auto again = parse_sysctl(to_string(line));
    ASSERT_EQ(again.lines.size(), 1U) << to_string(line);
    EXPECT_EQ(again.lines.front(), line);
  }
}

TEST(sysctl_file, comments_and_empty_lines_say_nothing) {
  const auto read = parse_sysctl("# a=1\n; b=2\n\n   \n  # c = 3\r\nd = 4\r\n");
  ASSERT_EQ(read.lines.size(), 1U);
  EXPECT_EQ(read.lines.front().number, 6U);
  EXPECT_EQ(read.lines.front().value, "4");
  EXPECT_TRUE(read.unread.empty());
}

TEST(sysctl_file, lines_past_the_bound_are_counted) {
  const auto read = parse_sysctl("a.b=1\na.b=2\na.b=3\n", 2);
  EXPECT_EQ(read.lines.size(), 2U);
  EXPECT_EQ(read.past_bound, 1U);
}

std::vector<sysctl_file> files_of(const std::vector<const char*>& texts) {
  std::vector<sysctl_file> files;
  for (const auto* text : texts) {
    files.push_back({.path = std::to_string(files.size()), .said = parse_sysctl(text)});
  }
  return files;
}

TEST(sysctl_file, the_last_line_with_the_name_holds) {
  const auto files = files_of({"net.a.b = 1\nnet.a.b = 2", "# nothing", "net/a/b = 3"});
  const auto set = set_at_boot(files, "net.a.b");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->value, "3");
  EXPECT_EQ(set->path, "2");
  EXPECT_EQ(set->line, 1U);
  EXPECT_EQ(lines_about(files, "net.a.b").size(), 3U);
  EXPECT_FALSE(set_at_boot(files, "net.a.c"));
}

TEST(sysctl_file, a_name_comes_before_any_pattern) {
  const auto files = files_of({"net.a.b = 1", "net.a.* = 2\nnet.? = 3"});
  EXPECT_EQ(set_at_boot(files, "net.a.b")->value, "1");
  EXPECT_EQ(set_at_boot(files, "net.a.c")->value, "2");
  EXPECT_TRUE(set_at_boot(files, "net.a.c")->by_pattern);
  EXPECT_FALSE(set_at_boot(files, "net.a.c.d")) << "a star does not cross a dot";
}

TEST(sysctl_file, a_line_can_keep_a_key_from_patterns) {
  const auto files = files_of({"net.a.* = 2", "-net.a.b"});
  EXPECT_FALSE(set_at_boot(files, "net.a.b"));
  EXPECT_EQ(set_at_boot(files, "net.a.c")->value, "2");
  EXPECT_EQ(set_at_boot(files_of({"-net.a.b", "net.a.b = 5"}), "net.a.b")->value, "5");
}

}  // namespace
}  // namespace waitstate::remedy
