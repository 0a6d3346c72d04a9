#include "redis/redis_commands.h"

#include <vector>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using enum redis_use;

redis_use use_of_words(std::vector<std::string_view> words) {
  return use_of(words);
}

TEST(redis_commands, knows_reads_and_takes_what_it_does_not_know_for_a_write) {
  EXPECT_EQ(use_of_words({"get", "a"}), read);
  EXPECT_EQ(use_of_words({"ZUNION"}), read);
  EXPECT_EQ(use_of_words({"BITCOUNT"}), read);
  EXPECT_EQ(use_of_words({"SET", "a", "b"}), write);
  EXPECT_EQ(use_of_words({"GETDEL", "a"}), write);
  EXPECT_EQ(use_of_words({"EVAL", "x", "0"}), write);
  EXPECT_EQ(use_of_words({"FROBNICATE"}), write);
  EXPECT_EQ(use_of_words({""}), write);
  EXPECT_EQ(use_of_words({}), write);
  EXPECT_EQ(use_of_words({std::string_view("GET\0", 4)}), write);
  EXPECT_EQ(use_of_words({"A_NAME_THAT_IS_LONGER_THAN_ANY_OTHER"}), write);
}

TEST(redis_commands, knows_what_needs_a_connection_of_its_own) {
  EXPECT_EQ(use_of_words({"BLPOP", "a", "0"}), apart);
  EXPECT_EQ(use_of_words({"XREAD", "STREAMS", "s", "0"}), read);
  EXPECT_EQ(use_of_words({"XREAD", "COUNT", "1", "block", "0", "STREAMS", "s", "$"}), apart);
  EXPECT_EQ(use_of_words({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"}), write);
  EXPECT_EQ(use_of_words({"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "BLOCK", "1"}), apart);
  EXPECT_EQ(use_of_words({"XREAD", "COUNT", "1", "STREAMS", "BLOCK", "0"}), read);
  EXPECT_EQ(use_of_words({"XREADGROUP", "GROUP", "streams", "c", "BLOCK", "1", "STREAMS"}), apart);
  std::vector<std::string_view> far{"XREAD"};
  for (int i = 0; i < 7; ++i) far.insert(far.end(), {"COUNT", "1"});
  EXPECT_EQ(use_of_words(far), read);
  far.emplace_back("COUNT");
  EXPECT_EQ(use_of_words(far), apart);
  EXPECT_EQ(use_of_words({"SCRIPT", "LOAD", "x"}), write);
  EXPECT_EQ(use_of_words({"script", "kill"}), apart);
  EXPECT_EQ(use_of_words({"FUNCTION", "KILL"}), apart);
  EXPECT_EQ(use_of_words({"multi"}), multi);
  EXPECT_EQ(use_of_words({"WATCH", "a"}), watch);
  EXPECT_EQ(use_of_words({"EXEC"}), ends_multi);
  EXPECT_EQ(use_of_words({"SUBSCRIBE", "a"}), tunnel);
  EXPECT_EQ(use_of_words({"CLIENT", "TRACKING", "ON"}), tunnel);
}

TEST(redis_commands, refuses_what_reaches_others_on_the_same_connection) {
  for (const std::vector<std::string_view>& words :
       {std::vector<std::string_view>{"WAIT", "1", "0"},
        {"CLIENT", "KILL", "ID", "3"},
        {"CLIENT", "PAUSE", "1000"},
        {"READONLY"},
        {"PSYNC", "?", "-1"}}) {
    EXPECT_EQ(use_of(words), refused) << words.front();
    EXPECT_FALSE(why_refused(words).empty());
  }
  EXPECT_EQ(use_of_words({"post", "/"}), hostile);
  EXPECT_EQ(use_of_words({"Host:", "x"}), hostile);
  EXPECT_EQ(use_of_words({"CLIENT", "setinfo", "LIB-NAME", "x"}), client);
  EXPECT_EQ(use_of_words({"CLIENT", "LIST"}), write);
  EXPECT_EQ(use_of_words({"CLIENT"}), write);
}

}  // namespace
}  // namespace waitstate::sidecar
