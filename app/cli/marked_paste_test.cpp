#include "app/cli/marked_paste.h"

#include <string>

#include <gtest/gtest.h>

#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"

namespace waitstate::cli {
namespace {

/// Hostile words where the paste has names, values and addresses.
constexpr std::string_view payloads[] = {
    "$(touch${IFS}PWNED)", "`id`",    "x\";reboot;\"", "x';reboot;'",
    "-oProxyCommand=id",   "a&b|c>d", "{{a}}",
};

/// The row again and again, with a port of its own each time where it has an @.
std::string table(const std::string& row, int rows) {
  const auto at = row.find('@');
  std::string text;
  for (int i = 0; i < rows; ++i) {
    text += row.substr(0, at) + std::to_string(33000 + i) + row.substr(at + 1) + "\n";
  }
  return text;
}

std::string in_each_slot(const std::string& word) {
  return "net.ipv4.ip_local_reserved_ports = " + word +
         "\nnet.ipv4.ip_local_port_range = 32768 32868\nnet.ipv4.tcp_tw_reuse = " + word +
         "\nnet.core.somaxconn = " + word + "\nfs.file-max = " + word +
         "\nnet.ipv4.tcp_max_tw_buckets = " + word + "\n";
}

void expect_held(const std::string& text) {
  const auto made = paste::read(marked(text));
  if (!made) return;
  EXPECT_EQ(marked_command_of(diagnosis::diagnose(*made)), "") << text.substr(0, 400);
}

TEST(marked_paste, settings_reach_no_command_line_unless_parsed) {
  for (const auto payload : payloads) {
    const std::string word(payload);
    expect_held(in_each_slot(word) + "LISTEN 0 511 0.0.0.0:12345 0.0.0.0:*\n" +
                table("TIME-WAIT 0 0 10.0.0.1:@ 10.0.0.2:80", 100) +
                "connect() failed (99: Cannot assign requested address) while connecting to "
                "upstream, upstream: \"http://10.0.0.2:80/\"\n");
    expect_held(in_each_slot(word) +
                "bind() to 0.0.0.0:32800 failed (98: Address already in use)\n");
  }
}

TEST(marked_paste, names_reach_no_command_line) {
  for (const auto payload : payloads) {
    const std::string word(payload);
    expect_held(table("tcp 1 0 10.0.0.1:@ " + word + ":80 CLOSE_WAIT 77/" + word, 60));
    expect_held(table("tcp 0 0 10.0.0.1:@ " + word + ":6379 TIME_WAIT -", 60) +
                "nginx: connect() to " + word +
                ":6379 failed (99: Cannot assign requested address)"
                " while connecting to upstream\n");
    expect_held(table("tcp 0 1 10.0.0.1:@ " + word + ":443 SYN_SENT 5/" + word, 60));
    expect_held(table(word + " 77 root 7u IPv4 @ 0t0 TCP a:1->" + word + ":443 (CLOSE_WAIT)", 60));
  }
}

TEST(marked_paste, a_reserved_list_that_was_parsed_is_kept_in_the_command) {
  const auto made = paste::read(
      "net.ipv4.ip_local_reserved_ports = 9000-9009, 8080\n"
      "net.ipv4.ip_local_port_range = 32768 32868\n"
      "bind() to 0.0.0.0:32800 failed (98: Address already in use)\n");
  ASSERT_TRUE(made);
  std::string commands;
  for (const auto& f : diagnosis::diagnose(*made).findings) {
    for (const auto& r : f.remedies) commands += r.command + r.undo;
  }
  EXPECT_TRUE(commands.contains("ip_local_reserved_ports=\"8080,9000-9009,32800\"")) << commands;
}

}  // namespace
}  // namespace waitstate::cli
