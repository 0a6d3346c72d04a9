#include "facts/spoken_setting.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(spoken_setting, is_read_from_a_sentence_that_tells) {
  struct row {
    std::string_view line, key, value;
  };
  constexpr row rows[] = {
      {"Due to errors, net.ipv4.tcp_tw_recycle was enabled.", "net.ipv4.tcp_tw_recycle", "1"},
      {"last week we turned on `tcp_tw_recycle`", "net.ipv4.tcp_tw_recycle", "1"},
      {"we have disabled tcp_timestamps everywhere", "net.ipv4.tcp_timestamps", "0"},
      {"I enabled both tcp_tw_reuse", "net.ipv4.tcp_tw_reuse", "1"},
  };
  for (const auto& [line, key, value] : rows) {
    const auto found = read_spoken_setting(line);
    ASSERT_TRUE(found.has_value()) << line;
    EXPECT_EQ(found->key, key);
    EXPECT_EQ(found->value, value);
  }
}

TEST(spoken_setting, is_not_in_advice_questions_and_names) {
  for (const std::string_view line :
       {"", "tcp_tw_recycle", "you should have tcp_tw_recycle enabled",
        "is tcp_tw_recycle enabled?", "never turn tcp_tw_recycle on",
        "tcp_tw_recycle was removed in 4.12", "if tcp_timestamps is disabled it does nothing",
        "tcp_tw_recycle on or off",
        "The article claims that clients drop with tcp_tw_recycle enabled on servers"}) {
    EXPECT_FALSE(read_spoken_setting(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
