#include "redis_parser.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

/// What a parser makes of these bytes, fed all at once: replies, an error, what is left open.
std::string parsed(std::string_view bytes, const redis_limits& limits = {}) {
  redis_parser parser(limits);
  parser.feed(bytes);
  std::string all;
  for (;;) {
    const auto next = parser.next();
    if (!next) return all + "! " + next.error().what;
    if (!*next) return all + (parser.is_at_boundary() ? "" : "...");
    all += to_string(**next) + ";";
  }
}

TEST(redis_parser, reads_every_kind) {
  EXPECT_EQ(parsed("+OK\r\n-ERR no\r\n:-42\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n"),
            "OK;(error) ERR no;-42;\"a\\x0d\\x0a\";(nil);(nil);\"\";[];");
  EXPECT_EQ(parsed("*3\r\n:1\r\n*2\r\n+a\r\n*1\r\n$1\r\nb\r\n*2\r\n$-1\r\n-E\r\n"),
            "[1, [a, [\"b\"]], [(nil), (error) E]];");
}

TEST(redis_parser, takes_bytes_as_they_come) {
  const std::string_view bytes = "*2\r\n$5\r\nhello\r\n*1\r\n:7\r\n";
  redis_parser parser;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto before = parser.next();
    ASSERT_TRUE(before);
    EXPECT_FALSE(*before) << i;
    EXPECT_EQ(parser.is_at_boundary(), i == 0) << i;
    parser.feed(bytes.substr(i, 1));
  }
  EXPECT_EQ(to_string(parser.next().value().value()), "[\"hello\", [7]]");
  EXPECT_TRUE(parser.is_at_boundary());
}

TEST(redis_parser, sees_bytes_past_the_last_reply) {
  EXPECT_EQ(parsed("+OK\r\n$"), "OK;...");
  EXPECT_EQ(parsed("+OK\r\n+"), "OK;...");
}

TEST(redis_parser, refuses_what_is_not_resp2) {
  EXPECT_EQ(parsed("HTTP/1.1 400 Bad Request\r\n"),
            "! Protocol error, got \"H\" as reply type byte");
  EXPECT_EQ(parsed("+OK\r\n%1\r\n"), "OK;! Protocol error, got \"%\" as reply type byte");
  EXPECT_EQ(parsed("*-7\r\n"), "! Multi-bulk length out of range");
}

TEST(redis_parser, goes_on_saying_what_was_wrong) {
  redis_parser parser;
  parser.feed("?");
  const auto first = parser.next();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, errc::corrupt);
  parser.feed("+OK\r\n");
  EXPECT_EQ(parser.next().error().what, first.error().what);
  EXPECT_FALSE(parser.is_at_boundary());
}

TEST(redis_parser, refuses_what_is_nested_too_deep) {
  std::string deep;
  for (int i = 0; i < 8; ++i) deep += "*1\r\n";
  EXPECT_EQ(parsed(deep + ":1\r\n"), "[[[[[[[[1]]]]]]]];");
  EXPECT_EQ(parsed("*1\r\n" + deep + ":1\r\n"),
            "! No support for nested multi bulk replies with depth > 7");
}

TEST(redis_parser, refuses_too_many_elements_before_they_are_there) {
  const redis_limits limits{.reply_bytes_max = 1000, .elements_max = 3};
  EXPECT_EQ(parsed("*3\r\n", limits), "...");
  EXPECT_EQ(parsed("*4\r\n", limits), "! a reply has more than 3 elements");
  EXPECT_EQ(parsed("*2\r\n*1\r\n:1\r\n*1\r\n", limits), "! a reply has more than 3 elements");
  EXPECT_EQ(parsed("*1\r\n:1\r\n*3\r\n:1\r\n:2\r\n:3\r\n", limits), "[1];[1, 2, 3];");
}

TEST(redis_parser, refuses_a_string_that_is_too_long_by_its_announced_length) {
  const redis_limits limits{.reply_bytes_max = 1000};
  EXPECT_EQ(parsed("$1000\r\nx", limits), "...");
  EXPECT_EQ(parsed("$1001\r\nx", limits), "! a reply is longer than 1000 B");
  EXPECT_EQ(parsed("$99999999999999999999999\r\n", limits).substr(0, 1), "!");
  EXPECT_EQ(parsed("+" + std::string(1001, 'x'), limits), "! a reply is longer than 1000 B");
}

TEST(redis_parser, refuses_a_line_without_an_end) {
  const std::string most(std::size_t{64} << 10, 'x');
  const std::string too_long = "! a line of a reply is longer than 64 KiB";
  EXPECT_EQ(parsed("+" + most), "...");
  EXPECT_EQ(parsed("+" + most + "x\r"), too_long);
  EXPECT_EQ(parsed("+" + most + "x\r\n"), too_long) << "however the bytes are cut";
  EXPECT_EQ(parsed("+" + most + "\r\n:1\r\n").substr(200), "...;1;");
  EXPECT_EQ(parsed("*1\r\n:" + std::string(most.size() + 1, '1')), too_long);
  EXPECT_EQ(parsed("$" + std::string(most.size() + 1, '0')), too_long);
  EXPECT_EQ(parsed("$100000\r\n" + most + "xxxx"), "...") << "a string has no line";
}

TEST(redis_parser, may_be_dropped_in_the_middle_of_a_reply) {
  redis_parser parser;
  parser.feed("*3\r\n$5\r\nhello\r\n*2\r\n+a");
  EXPECT_FALSE(parser.next().value());
}

}  // namespace
}  // namespace waitstate::client
