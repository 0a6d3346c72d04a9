#include "mux/mux_message.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

std::string bytes_of(const mux_message& m) {
  std::string written;
  append_mux_message(written, m);
  return written;
}

result<mux_message> read(std::string_view bytes) {
  const auto frame = read_mux_frame(bytes.substr(4));
  if (!frame) return failure(frame.error());
  return read_mux_message(frame->type, frame->tag, frame->body);
}

TEST(mux_message, has_these_bytes) {
  struct {
    mux_message message;
    std::string_view bytes;
  } const table[] = {
      {{.type = mux_type::tping, .tag = 1}, "\0\0\0\4\x41\0\0\1"sv},
      {{.type = mux_type::rping, .tag = 1}, "\0\0\0\4\xbf\0\0\1"sv},
      {{.type = mux_type::tdrain, .tag = 3}, "\0\0\0\4\x40\0\0\3"sv},
      {{.type = mux_type::rdrain, .tag = 3}, "\0\0\0\4\xc0\0\0\3"sv},
      {{.type = mux_type::tdispatch,
        .tag = 0x010203,
        .contexts = {{"k", "v"}},
        .dest = "/s",
        .delegations = {{"a", "b"}},
        .body = "body"},
       "\0\0\0\x1c\2\1\2\3\0\1\0\1k\0\1v\0\2/s\0\1\0\1a\0\1b"
       "body"sv},
      {{.type = mux_type::rdispatch, .tag = 2, .status = mux_status::nack},
       "\0\0\0\7\xfe\0\0\2\2\0\0"sv},
      {{.type = mux_type::rreq, .tag = 2, .status = mux_status::error, .body = "no"},
       "\0\0\0\7\xff\0\0\2\1no"sv},
      {{.type = mux_type::tdiscarded, .tag = 0, .body = "late", .discarded = 5},
       "\0\0\0\x0b\xc2\0\0\0\0\0\5late"sv},
      {{.type = mux_type::rdiscarded, .tag = 5}, "\0\0\0\4\xbe\0\0\5"sv},
      {{.type = mux_type::tlease, .tag = 0, .lease_ms = 258},
       "\0\0\0\x0d\x43\0\0\0\0\0\0\0\0\0\0\1\2"sv},
      {{.type = mux_type::tinit, .tag = 1, .contexts = {{"tls", "off"}}},
       "\0\0\0\x14\x44\0\0\1\0\1\0\0\0\3tls\0\0\0\3off"sv},
      {{.type = mux_type::rinit, .tag = 1}, "\0\0\0\6\xbc\0\0\1\0\1"sv},
      {{.type = mux_type::rerr, .tag = 1, .body = "tinit check"},
       "\0\0\0\x0f\x7f\0\0\1tinit check"sv},
  };
  for (const auto& row : table) {
    EXPECT_EQ(bytes_of(row.message), row.bytes);
    const auto again = read(row.bytes);
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(*again, row.message);
  }
}

TEST(mux_message, is_read_by_its_new_codes_and_its_old_ones) {
  EXPECT_EQ(read("\0\0\0\7\x42\0\0\0\0\0\5"sv).value().discarded, 5U);
  EXPECT_EQ(read("\0\0\0\5\x80\0\0\1x"sv).value().type, mux_type::rerr);
  const auto old_request = read("\0\0\0\0\1\0\0\2\1\7\2xybody"sv).value();
  EXPECT_EQ(old_request.type, mux_type::treq);
  EXPECT_EQ(old_request.body, "body");
}

TEST(mux_message, that_is_cut_or_wrong_is_refused) {
  const auto why = [](std::string_view bytes) {
    const auto got = read(bytes);
    return got ? "it was read" : got.error().what;
  };
  EXPECT_EQ(why("\0\0\0\3\x41\0\0"sv), "mux: a frame that is too short");
  EXPECT_EQ(why("\0\0\0\4\x20\0\0\1"sv), "mux: a message of type 32");
  EXPECT_EQ(why("\0\0\0\4\x41\x80\0\1"sv), "mux: a fragment of a message of type 65");
  EXPECT_EQ(why("\0\0\0\7\xfe\0\0\2\3\0\0"sv), "mux: a message of type -2 that is cut or wrong");
  EXPECT_EQ(why("\0\0\0\7\xfe\0\0\2\0\0\1"sv), "mux: a message of type -2 that is cut or wrong");
  EXPECT_EQ(why("\0\0\0\7\x43\0\0\0\1\0\0"sv), "mux: a message of type 67 that is cut or wrong");
}

TEST(mux_message, a_fragment_says_that_more_follows) {
  const auto frame = read_mux_frame("\xfe\x80\0\2part"sv).value();
  EXPECT_TRUE(frame.has_more);
  EXPECT_EQ(frame.tag, 2U);
  EXPECT_EQ(frame.body, "part");
}

TEST(mux_message, a_failure_that_may_be_made_again_says_so_in_a_context) {
  const auto reply = [](std::string_view flags) {
    return mux_message{.type = mux_type::rdispatch,
                       .status = mux_status::error,
                       .contexts = {{"MuxFailure", std::string(flags)}}};
  };
  EXPECT_TRUE(is_restartable(reply("\0\0\0\0\0\0\0\1"sv)));
  EXPECT_TRUE(is_restartable(reply("\0\0\0\0\0\0\0\3"sv)));
  EXPECT_FALSE(is_restartable(reply("\0\0\0\0\0\0\0\2"sv)));
  EXPECT_FALSE(is_restartable(reply("\0\0\0\0\0\0\0\5"sv)));
  EXPECT_FALSE(is_restartable(reply("\1"sv)));
  EXPECT_FALSE(is_restartable({}));
}

}  // namespace
}  // namespace waitstate::client
