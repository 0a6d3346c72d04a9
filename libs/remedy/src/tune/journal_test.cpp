#include "waitstate/remedy/tune/journal.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::remedy {
namespace {

tune_journal sample() {
  return {
      .boot_id = "6f1c",
      .net_namespace_inode = 4'026'531'840,
      .settings = {{.key = "net.ipv4.ip_local_port_range",
                    .before = "32768\t60999",
                    .written = {"10240 65535"}},
                   {.key = "net.ipv4.ip_local_reserved_ports", .before = "", .written = {"8080"}}},
      .file = journal_file{.path = "/etc/sysctl.d/99-waitstate.conf",
                           .before = std::string("\xff\x00\n#\xc3\xa9", 6),
                           .mode_before = 0644,
                           .written = {"a = 1\n"}}};
}

TEST(journal, is_read_back_as_it_was_whatever_bytes_it_holds) {
  auto journal = sample();
  auto read = parse_journal(to_text(journal));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, journal);
  journal.file->before.reset();
  read = parse_journal(to_text(journal));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, journal);
  journal.file.reset();
  read = parse_journal(to_text(journal));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, journal);
}

TEST(journal, nothing_else_is_taken_for_one) {
  const auto whole = to_text(sample());
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
    EXPECT_FALSE(parse_journal(whole.substr(0, length))) << length;
  }
  constexpr std::array others{"[]",
                              "{}",
                              "null",
                              R"({"waitstate_tune": 2})",
                              R"({"waitstate_tune": 1, "boot_id": "", "net_namespace_inode": -1})",
                              R"({"waitstate_tune": 1, "boot_id": "a", "net_namespace_inode": 1,
                                  "settings": [{"key": "a"}]})"};
  for (const auto* other : others) {
    const auto read = parse_journal(other);
    ASSERT_FALSE(read) << other;
    EXPECT_EQ(read.error().code, errc::corrupt);
  }
}

TEST(journal, names_nothing_that_a_tuning_would_not_have_changed) {
  const auto refused = [](const auto& change) {
    auto journal = sample();
    change(journal);
    const auto read = parse_journal(to_text(journal));
    return !read && read.error().code == errc::corrupt;
  };
  EXPECT_TRUE(refused([](tune_journal& j) { j.settings[0].key = "kernel.core_pattern"; }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.settings[0].key = "tcp_tw_reuse"; }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.settings[0].before = "1\n2"; }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.settings[0].before.assign(5'000, '1'); }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.file->path = "sysctl.d/99-waitstate.conf"; }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.file->path = "/etc/cron.d/99-other"; }));
  EXPECT_TRUE(refused([](tune_journal& j) { j.file->mode_before = 04755; }));
}

TEST(journal, a_second_tuning_keeps_what_was_before_the_first) {
  tune_journal later{
      .boot_id = "7",
      .net_namespace_inode = 5,
      .settings = {{.key = "net.ipv4.ip_local_port_range",
                    .before = "10240\t65535",
                    .written = {"20000 65535"}},
                   {.key = "net.ipv4.tcp_tw_reuse", .before = "2", .written = {"1"}}},
      .file = journal_file{
          .path = "/etc/sysctl.d/99-waitstate.conf", .before = "a = 1\n", .written = {"b = 2\n"}}};
  const auto both = merged(sample(), later);
  ASSERT_EQ(both.settings.size(), 3U);
  EXPECT_EQ(both.settings[0].before, "32768\t60999");
  EXPECT_EQ(both.settings[0].written, (std::vector<std::string>{"10240 65535", "20000 65535"}));
  EXPECT_EQ(both.settings[2].before, "2");
  ASSERT_TRUE(both.file);
  EXPECT_EQ(both.file->before, sample().file->before);
  EXPECT_EQ(both.file->written, (std::vector<std::string>{"a = 1\n", "b = 2\n"}));
}

}  // namespace
}  // namespace waitstate::remedy
