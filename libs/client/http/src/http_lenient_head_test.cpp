#include "http_lenient_head.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(http_lenient_head, ends_with_the_empty_line) {
  EXPECT_EQ(shape_of_head("").size, 0U);
  EXPECT_EQ(shape_of_head("HTTP/1.1 200 OK\r\nA: b\r\n").size, 0U);
  EXPECT_EQ(shape_of_head("HTTP/1.1 200 OK\r\nA: b\r\n\r").size, 0U);
  EXPECT_EQ(shape_of_head("HTTP/1.1 200 OK\r\n\r\nbody\n\n").size, 19U);
  EXPECT_EQ(shape_of_head("HTTP/1.1 200 OK\n\nbody").size, 17U);
  EXPECT_EQ(shape_of_head("HTTP/1.1 200 OK\nA: b\n\r\n").size, 23U);
}

TEST(http_lenient_head, is_kept_from_a_strict_parser_until_it_is_whole) {
  for (const auto* strict : {"", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 OK\r",
                             "SSH-2.0-a\r\n", "HTTP/1.1 200 OK\r\nA: b"}) {
    EXPECT_TRUE(is_strict_so_far(strict)) << strict;
  }
  for (const auto* other :
       {"HTTP/1.1 200\r", "HTTP/1.1 200\n", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\nA: b\nC"}) {
    EXPECT_FALSE(is_strict_so_far(other)) << other;
  }
}

TEST(http_lenient_head, has_a_shape_that_tells_whether_it_is_to_be_made_strict) {
  for (const auto* head :
       {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 200 \r\n\r\n", "SSH-2.0-dropp\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\n", "\n",
        "HTTP/1.1 200 OK\r\nA: b\n\r\n"}) {
    EXPECT_EQ(shape_of_head(head).is_strict, !strict_head(head).has_value()) << head;
  }
}

TEST(http_lenient_head, is_made_strict_where_it_is_not) {
  EXPECT_EQ(strict_head("HTTP/1.1 200 OK\r\nA: b\r\n\r\n"), std::nullopt);
  EXPECT_EQ(strict_head("HTTP/1.1 200 OK\nA: b\n\n"), "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
  EXPECT_EQ(strict_head("HTTP/1.1 200\r\n\r\n"), "HTTP/1.1 200 \r\n\r\n");
  EXPECT_EQ(strict_head("HTTP/1.1 200 \r\n\r\n"), std::nullopt);
  EXPECT_EQ(strict_head("SSH-2.0-dropp\r\n\r\n"), std::nullopt);
}

}  // namespace
}  // namespace waitstate::client
