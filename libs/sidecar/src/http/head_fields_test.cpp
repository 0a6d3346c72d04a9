#include "http/head_fields.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

head_fields fields_of(std::string_view bytes, bool keeps_length = false) {
  head_fields fields;
  std::string_view why;
  EXPECT_EQ(read_fields(bytes, 0, keeps_length, fields, why), parse_state::complete) << why;
  EXPECT_EQ(fields.size, bytes.size());
  return fields;
}

std::string_view refusal_of(std::string_view bytes) {
  head_fields fields;
  std::string_view why;
  EXPECT_EQ(read_fields(bytes, 0, false, fields, why), parse_state::refused) << bytes;
  return why;
}

TEST(head_fields, lines_beside_each_other_are_one_piece) {
  const auto fields = fields_of("A: 1\r\nB: 2\r\nTE: x\r\nC: 3\r\n\r\n");
  ASSERT_EQ(fields.lines.size(), 2U);
  EXPECT_EQ(fields.lines[0], "A: 1\r\nB: 2\r\n");
  EXPECT_EQ(fields.lines[1], "C: 3\r\n");
}

TEST(head_fields, what_connection_names_is_left_out_wherever_it_is) {
  const auto fields = fields_of("X-a: 1\r\nA: 1\r\nConnection: x-A, Trailer\r\nTrailer: b\r\n\r\n");
  ASSERT_EQ(fields.lines.size(), 1U);
  EXPECT_EQ(fields.lines[0], "A: 1\r\n");
  EXPECT_FALSE(fields.says_close);
  EXPECT_EQ(refusal_of("Connection: host\r\n\r\n"),
            "a Connection that names what frames or routes the message");
  EXPECT_EQ(refusal_of("Connection: a;b\r\n\r\n"), "a Connection that is no list of names");
}

TEST(head_fields, a_length_is_kept_where_it_tells_of_another_body) {
  const auto without = fields_of("Content-Length: 007\r\n\r\n");
  EXPECT_TRUE(without.has_length);
  EXPECT_EQ(without.length, 7U);
  EXPECT_TRUE(without.lines.empty());
  EXPECT_EQ(fields_of("Content-Length: 7\r\n\r\n", true).lines.size(), 1U);
  EXPECT_EQ(fields_of("Content-Length: 9223372036854775807\r\n\r\n").length, (1ULL << 63U) - 1);
}

TEST(head_fields, framing_in_two_ways_is_refused) {
  EXPECT_EQ(refusal_of("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "Content-Length beside Transfer-Encoding");
  EXPECT_EQ(refusal_of("Content-Length: 1\r\nContent-Length: 1\r\n"), "two Content-Lengths");
  EXPECT_EQ(refusal_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            "two Transfer-Encodings");
  EXPECT_EQ(refusal_of("Host: a\r\nHost: a\r\n"), "two Hosts");
  EXPECT_EQ(refusal_of("Content_Length: 1\r\n"),
            "a name that looks like one that frames the message");
}

}  // namespace
}  // namespace waitstate::sidecar
