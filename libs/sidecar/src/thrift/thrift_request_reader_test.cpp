#include "thrift/thrift_request_reader.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

const std::string message = "\x80\x01\0\x01\0\0\0\x03"s + "ask" + "\0\0\0\x07\0"s;

std::string framed(std::string_view bytes) {
  std::string made;
  client::append_thrift_frame(made, bytes);
  return made;
}

struct outcome {
  std::vector<std::string> messages;
  std::string error;
};

/// What it gives when so many bytes come at once.
outcome read_all(thrift_request_reader& reader, std::string_view bytes, std::size_t at_once) {
  outcome all;
  while (!bytes.empty()) {
    const auto space = reader.space();
    const auto some = std::min({space.size(), bytes.size(), at_once});
    std::ranges::copy(bytes.substr(0, some), space.begin());
    reader.received(some);
    bytes.remove_prefix(some);
    for (;;) {
      auto next = reader.next();
      if (!next) {
        all.error = next.error().what + "; " + next.error().hint;
        return all;
      }
      if (!*next) break;
      all.messages.push_back(**std::move(next));
    }
  }
  return all;
}

TEST(thrift_request_reader, tells_a_client_with_frames_from_one_without) {
  for (const std::size_t at_once : {1UZ, 3UZ, 1'000UZ}) {
    thrift_request_reader with_frames(1'000);
    EXPECT_EQ(read_all(with_frames, framed(message) + framed("other"), at_once).messages,
              (std::vector<std::string>{message, "other"}));
    EXPECT_TRUE(with_frames.is_framed());
    EXPECT_TRUE(with_frames.is_empty());
    thrift_request_reader without(1'000);
    EXPECT_EQ(read_all(without, message + message, at_once).messages,
              (std::vector<std::string>{message, message}));
    EXPECT_FALSE(without.is_framed());
    EXPECT_TRUE(without.is_empty());
  }
}

TEST(thrift_request_reader, refuses_what_is_too_long_or_none) {
  const auto why = [](std::string_view bytes) {
    thrift_request_reader reader(1'000);
    return read_all(reader, bytes, 1'000).error;
  };
  EXPECT_EQ(why("GET / HTTP/1.1\r\n"),
            "a frame of 1,195,725,856 B, over the limit of 1,000 B; the client speaks HTTP, and "
            "this is a route of Thrift");
  EXPECT_EQ(why("\x16\x03\x01\x02"s),
            "a frame of 369,295,618 B, over the limit of 1,000 B; the client speaks TLS, and this "
            "route does not");
  EXPECT_EQ(why("\0\0\0\0"s), "a frame with nothing in it; ");
  EXPECT_EQ(why("\x82\x21\x01\x03"s),
            "TCompactProtocol without frames: where a message ends cannot be told; "
            "TFramedTransport in the client");
  EXPECT_EQ(why(message.substr(0, message.size() - 1) + "\x01"),
            "a message without a frame: an unknown type; ");
}

TEST(thrift_request_reader, holds_what_has_come_and_not_what_is_announced) {
  thrift_request_reader reader(900'000'000);
  EXPECT_LE(reader.space().size(), 1'024U);
  const auto got = read_all(reader, "\x30\0\0\0abcd"s, 8);
  EXPECT_TRUE(got.messages.empty());
  EXPECT_EQ(got.error, "");
  EXPECT_LE(reader.space().size(), 4'096U);
}

}  // namespace
}  // namespace waitstate::sidecar
