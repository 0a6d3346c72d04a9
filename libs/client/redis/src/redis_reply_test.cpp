#include "waitstate/client/redis/redis_reply.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

redis_reply an_error(std::string text) {
  return {.kind = redis_kind::error, .text = std::move(text)};
}

TEST(redis_reply, is_one_line_for_people) {
  redis_reply list{.kind = redis_kind::array};
  list.elements = {{},
                   {.kind = redis_kind::integer, .number = -3},
                   {.kind = redis_kind::string, .text = "a\"b\r\n"},
                   {.kind = redis_kind::status, .text = "OK"},
                   an_error("ERR no"),
                   {.kind = redis_kind::array}};
  EXPECT_EQ(to_string(list), R"([(nil), -3, "a\"b\x0d\x0a", OK, (error) ERR no, []])");
  EXPECT_EQ(to_string(list, 5), "[(nil...");
}

TEST(redis_reply, shows_nothing_that_a_terminal_obeys) {
  const auto shown = to_string(an_error("ERR \x1b[31m evil\nLOG forged \xc2\x9b\xff"));
  EXPECT_EQ(shown, R"((error) ERR \x1b[31m evil\x0aLOG forged \xc2\x9b\xff)");
  const redis_reply status{.kind = redis_kind::status, .text = "a\"b\x7f"};
  EXPECT_EQ(to_string(status), R"(a"b\x7f)");
}

TEST(redis_reply, names_the_code_of_an_error) {
  EXPECT_EQ(an_error("WRONGTYPE Operation against a key").error_code(), "WRONGTYPE");
  EXPECT_EQ(an_error("ERR").error_code(), "ERR");
  EXPECT_EQ((redis_reply{.kind = redis_kind::status, .text = "LOADING"}).error_code(), "");
}

TEST(redis_reply, tells_refusals_from_answers) {
  EXPECT_TRUE(is_refusal(an_error("LOADING Redis is loading the dataset in memory")));
  EXPECT_TRUE(is_refusal(an_error("READONLY You can't write against a read only replica.")));
  EXPECT_TRUE(is_refusal(an_error("MASTERDOWN Link with MASTER is down")));
  EXPECT_TRUE(is_refusal(an_error("CLUSTERDOWN The cluster is down")));
  EXPECT_FALSE(is_refusal(an_error("ERR LOADING")));
  EXPECT_FALSE(is_refusal(an_error("WRONGTYPE ...")));
  EXPECT_FALSE(is_refusal({.kind = redis_kind::string, .text = "LOADING"}));
}

}  // namespace
}  // namespace waitstate::client
