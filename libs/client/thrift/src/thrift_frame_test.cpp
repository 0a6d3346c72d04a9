#include "waitstate/client/thrift/thrift_frame.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

std::vector<std::string> read_all(thrift_frame_reader& reader, std::string_view bytes,
                                  std::size_t at_once) {
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    const auto space = reader.space();
    const auto taken = std::min({space.size(), bytes.size(), at_once});
    std::ranges::copy(bytes.substr(0, taken), space.begin());
    reader.received(taken);
    bytes.remove_prefix(taken);
    for (;;) {
      auto frame = reader.next().value();
      if (!frame) break;
      frames.push_back(*std::move(frame));
    }
  }
  return frames;
}

TEST(thrift_frame, is_its_length_big_endian_and_its_bytes) {
  std::string framed;
  append_thrift_frame(framed, "abc");
  EXPECT_EQ(framed, "\0\0\0\3abc"sv);
  const auto length = thrift_frame_length(0x01020304);
  EXPECT_EQ(std::string_view(length.data(), 4), "\1\2\3\4");
}

TEST(thrift_frame, comes_out_whole_however_its_bytes_arrive) {
  std::string stream;
  const std::string large(300'000, 'x');
  append_thrift_frame(stream, "first");
  append_thrift_frame(stream, large);
  append_thrift_frame(stream, "last");
  for (const std::size_t at_once : {1U, 3U, 4096U, 1U << 20U}) {
    thrift_frame_reader reader;
    const auto frames = read_all(reader, stream, at_once);
    EXPECT_EQ(frames, (std::vector<std::string>{"first", large, "last"}));
    EXPECT_TRUE(reader.is_at_boundary());
  }
}

TEST(thrift_frame, of_no_length_is_passed_over) {
  thrift_frame_reader reader;
  EXPECT_EQ(read_all(reader, "\0\0\0\0\0\0\0\0\0\0\0\1x\0\0\0\0"sv, 100),
            std::vector<std::string>{"x"});
  EXPECT_TRUE(reader.is_at_boundary());
  EXPECT_TRUE(read_all(reader, "\0\0"sv, 100).empty());
  EXPECT_FALSE(reader.is_at_boundary());
}

TEST(thrift_frame, over_the_limit_is_refused_and_says_what_the_server_may_be) {
  const auto refuse = [](std::string_view bytes) {
    thrift_frame_reader reader(100);
    std::ranges::copy(bytes, reader.space().begin());
    reader.received(bytes.size());
    auto got = reader.next();
    EXPECT_FALSE(got);
    EXPECT_FALSE(reader.next());
    return got.error();
  };
  const auto http = refuse("HTTP/1.1 400");
  EXPECT_EQ(http.code, errc::corrupt);
  EXPECT_EQ(http.what, "a frame of 1,213,486,160 B, over the limit of 100 B");
  EXPECT_EQ(http.hint, "the server speaks HTTP, not framed Thrift");
  EXPECT_EQ(refuse("\x15\x03\x01\x00\x02"sv).hint, "the server speaks TLS: set dial_settings::tls");
  EXPECT_EQ(refuse("\x80\x01\x00\x02"sv).hint,
            "the server's transport is unframed: it needs a framed one");
  EXPECT_EQ(refuse("\0\0\0\x65"sv).what, "a frame of 101 B, over the limit of 100 B");
}

TEST(thrift_frame, does_not_take_memory_for_bytes_that_were_only_announced) {
  thrift_frame_reader reader;
  std::ranges::copy("\0\xfa\0\0"sv, reader.space().begin());
  reader.received(4);
  EXPECT_FALSE(reader.next().value());
  EXPECT_LE(reader.space().size(), 8192U);
}

}  // namespace
}  // namespace waitstate::client
