#include "waitstate/client/thrift/twitter_upgrade.h"

#include <gtest/gtest.h>

#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

TEST(twitter_upgrade, asks_with_the_44_bytes_that_finagle_sends) {
  const auto probe = twitter_upgrade_probe();
  ASSERT_EQ(probe.size(), 44U);
  EXPECT_EQ(probe.substr(0, 4), "\0\0\0\x28"sv);
  const auto asked = read_thrift_envelope(probe.substr(4)).value();
  EXPECT_EQ(asked.protocol, thrift_protocol::binary);
  EXPECT_EQ(asked.type, thrift_message_type::call);
  EXPECT_EQ(asked.name, "__can__finagle__trace__v3__");
  EXPECT_EQ(asked.seqid, 0);
  EXPECT_EQ(probe.substr(4 + asked.body_at), "\0"sv) << "an empty struct";
}

TEST(twitter_upgrade, is_done_unless_the_answer_is_an_exception) {
  auto reply = std::string(twitter_upgrade_probe().substr(4));
  reply[3] = 2;
  EXPECT_TRUE(is_twitter_upgrade(reply).value());
  reply[3] = 3;
  EXPECT_FALSE(is_twitter_upgrade(reply).value());
  const auto none = is_twitter_upgrade("HTTP/1.1 400 Bad Request");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what,
            "upgrade reply: thrift message: begins with 0x48, neither TBinaryProtocol nor "
            "TCompactProtocol");
}

TEST(twitter_upgrade, header_has_finagles_fields_and_ids) {
  std::string written;
  append_twitter_request_header(written, {.trace_id = 1, .span_id = 2, .client_id = "c"});
  EXPECT_EQ(written,
            "\x0a\0\x01\0\0\0\0\0\0\0\x01"
            "\x0a\0\x02\0\0\0\0\0\0\0\x02"
            "\x0c\0\x06\x0b\0\x01\0\0\0\x01"
            "c\0"
            "\x0f\0\x08\x0c\0\0\0\0\0"sv);
}

TEST(twitter_upgrade, header_survives_a_round_trip) {
  const twitter_request_header full{.trace_id = -5,
                                    .span_id = 6,
                                    .parent_span_id = 7,
                                    .sampled = false,
                                    .client_id = "web.prod",
                                    .flags = 1,
                                    .contexts = {{"a", "1"}, {"b", std::string("\0\n", 2)}},
                                    .dest = "/s/search",
                                    .delegations = {{"/s", "/zk"}},
                                    .trace_id_high = 8};
  std::string frame;
  append_twitter_request_header(frame, full);
  const auto size = frame.size();
  frame += "message";
  const auto read = read_twitter_request_header(frame);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->first, full);
  EXPECT_EQ(read->second, size);
  const auto cut = read_twitter_request_header(std::string_view(frame).substr(0, size - 1));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().what, "the frame's RequestHeader is cut or wrong");
}

TEST(twitter_upgrade, deadline_is_two_numbers_of_nanoseconds) {
  const auto made = twitter_deadline(1ns, 258ns);
  EXPECT_EQ(made.key, "com.twitter.finagle.Deadline");
  EXPECT_EQ(made.value, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\1\2"sv);
}

TEST(twitter_upgrade, a_response_header_is_passed_over_whatever_it_holds) {
  EXPECT_EQ(skip_twitter_response_header("\0rest"sv).value(), 1U);
  // spans: a list of one struct that has an i64; contexts: one with a key and a value.
  const auto full =
      "\x0f\0\x01\x0c\0\0\0\x01\x0a\0\x01\0\0\0\0\0\0\0\x09\0"
      "\x0f\0\x02\x0c\0\0\0\x01\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0\0"
      "rest"sv;
  EXPECT_EQ(skip_twitter_response_header(full).value(), full.size() - 4);
  for (std::size_t size = 0; size < full.size() - 4; ++size) {
    const auto cut = skip_twitter_response_header(full.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().what, "the frame's ResponseHeader is cut or wrong");
  }
}

}  // namespace
}  // namespace waitstate::client
