#include "http/chunk_scanner.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

/// What becomes of a body in pieces of `piece` bytes: how many were taken until it was done, or why
/// it was refused, or that more is needed.
std::string outcome(std::string_view bytes, std::size_t piece) {
  chunk_scanner scanner;
  std::size_t taken = 0;
  while (taken < bytes.size() && !scanner.is_done()) {
    taken += scanner.take(bytes.substr(taken, piece));
    if (!scanner.refused().empty()) return std::string(scanner.refused());
  }
  return scanner.is_done() ? "done at " + std::to_string(taken) : "more";
}

struct body_case {
  std::string bytes;
  std::string_view wanted;
};

constexpr std::string_view no_number = "a chunk size that is no number";
constexpr std::string_view no_end = "a chunk or line that does not end where it has to";

TEST(chunk_scanner, finds_the_end_however_the_body_is_cut) {
  const body_case cases[] = {
      {"0\r\n\r\n", "done at 5"},
      {"0\r\n\r\nGET / HTTP/1.1", "done at 5"},
      {"5\r\nhello\r\n0\r\n\r\n", "done at 15"},
      {"5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n", "done at 29"},
      {"A\r\n0\r\n\r\n12345\r\n000\r\n\r\n", "done at 22"},
      {"0000000000000001\r\nx\r\n0\r\n\r\n", "done at 26"},
      {"0\r\nDigest: a\tb\r\nX:\r\n\r\n", "done at 22"},
      {"0\r\nX-Content-Length: 3\r\nA-name-that-is-longer-than-any-known-one: 1\r\n\r\n",
       "done at 71"},
      {"7fffffffffffffff\r\nx", "more"},
      {"", "more"},
      {"5\r\nhello\r\n0\r\n\r", "more"},
      {"\r\n", no_number},
      {";a\r\n", no_number},
      {"g\r\n", no_number},
      {"-1\r\n", no_number},
      {"0x5\r\n", no_number},
      {"5 \r\n", no_number},
      {" 5\r\n", no_number},
      {"5\nhello", no_number},
      {"8000000000000000\r\n", "a chunk size that is too large"},
      {"00000000000000001\r\n", "a chunk size of more than 16 digits"},
      {"5\rhello", no_end},
      {"5\r\nhelloX\r\n", no_end},
      {"5\r\nhello\n0\r\n\r\n", no_end},
      {"5\r\nhello\r0", no_end},
      {"5;a\nhello", "a control character in a chunk extension"},
      {"5;a\tb\r\n", "a control character in a chunk extension"},
      {"0\r\n\n", "a trailer line that is none"},
      {"0\r\n\rX", no_end},
      {"0\r\nX: a\nY: b\r\n\r\n", "a control character in a trailer"},
      {"0\r\nX: a\rY", no_end},
      {"0\r\nX : a\r\n\r\n", "a trailer line that is none"},
      {"0\r\n: a\r\n\r\n", "a trailer line that is none"},
      {"0\r\nX: a\r\n b\r\n\r\n", "a trailer line that is none"},
      {"0\r\ncontent-length: 1\r\n\r\n", "a trailer that frames or routes the message"},
      {"0\r\nTransfer_Encoding: x\r\n\r\n", "a trailer that frames or routes the message"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
      EXPECT_EQ(outcome(c.bytes, piece), c.wanted) << c.bytes << " by " << piece;
    }
  }
}

TEST(chunk_scanner, bounds_extensions_and_trailers_of_the_whole_body) {
  std::string body;
  for (int i = 0; i < 4; ++i) body += "1;" + std::string(1024, 'e') + "\r\nx\r\n";
  EXPECT_EQ(outcome(body + "0\r\n\r\n", 100), "done at " + std::to_string(body.size() + 5));
  EXPECT_EQ(outcome(body + "0;e\r\n\r\n", 100), "chunk extensions of more than 4 KiB");
  const auto trailer = [](std::size_t size) {
    return "0\r\nX:" + std::string(size, 'v') + "\r\n\r\n";
  };
  EXPECT_EQ(outcome(trailer((16U << 10) - 2), 100), "done at 16391");
  EXPECT_EQ(outcome(trailer((16U << 10) - 1), 100), "trailers of more than 16 KiB");
}

TEST(chunk_scanner, takes_nothing_once_it_is_done_or_has_refused) {
  chunk_scanner done;
  EXPECT_EQ(done.take("0\r\n\r\n0\r\n\r\n"), 5U);
  EXPECT_TRUE(done.is_done());
  EXPECT_EQ(done.take("0\r\n\r\n"), 0U);
  chunk_scanner refused;
  EXPECT_EQ(refused.take("5\r\nhello\r\n"), 10U);
  EXPECT_EQ(refused.take("5\r\nhel\nXX\r\n"), 0U) << "five bytes, and then no line end";
  EXPECT_FALSE(refused.refused().empty());
  EXPECT_FALSE(refused.is_done());
  EXPECT_EQ(refused.take("\r\n0\r\n\r\n"), 0U);
}

}  // namespace
}  // namespace waitstate::sidecar
