#include "redis/resp_request_scanner.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using state = resp_request_scanner::state;

std::string shown(const resp_request_scanner& scanner, std::string_view bytes) {
  std::string all;
  for (const auto word : scanner.arguments(bytes)) all += "[" + std::string(word) + "]";
  return all;
}

/// What becomes of these bytes, whole or in pieces: requests, what is wrong, what is left open.
std::string scanned(std::string_view bytes, std::size_t piece = 0, std::size_t size_max = 4096) {
  resp_request_scanner scanner(size_max);
  std::string all;
  std::size_t begin = 0;
  for (std::size_t end = piece == 0 ? bytes.size() : piece;;) {
    end = std::min(end, bytes.size());
    const auto got = scanner.scan(bytes.substr(begin, end - begin));
    if (got == state::refused) return all + "! " + std::string(scanner.refused());
    if (got == state::incomplete) {
      if (end == bytes.size()) return all + (begin == end ? "" : "...");
      end += piece;
      continue;
    }
    all += got == state::nothing ? "-;" : shown(scanner, bytes.substr(begin, end - begin)) + ";";
    begin += scanner.size();
    scanner.reset();
  }
}

TEST(resp_request_scanner, reads_arrays_of_bulk_strings_and_lines) {
  EXPECT_EQ(scanned("*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n"), "[GET][a];[PING];");
  EXPECT_EQ(scanned("PING\r\n  get \t a\n\r\n \r\n"), "[PING];[get][a];-;-;");
  EXPECT_EQ(scanned("*0\r\n*1\r\n$0\r\n\r\n"), "-;[];");
  EXPECT_EQ(scanned("*2\r\n$3\r\nGET\r\n$4\r\n\r\n\r\n\r\n"), "[GET][\r\n\r\n];");
}

TEST(resp_request_scanner, is_the_same_however_bytes_are_cut) {
  const std::string_view bytes =
      "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$12\r\n*1\r\n$1\r\nab\r\n\r\nPING x\r\n*0\r\n*1\r\n$4\r\n"
      "QUIT\r\n*1\r\n$2";
  const auto whole = scanned(bytes);
  EXPECT_TRUE(whole.ends_with("[PING][x];-;[QUIT];...")) << whole;
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    EXPECT_EQ(scanned(bytes, piece), whole) << piece;
  }
}

TEST(resp_request_scanner, says_how_many_bytes_a_long_string_still_needs) {
  resp_request_scanner scanner(1 << 20);
  const std::string begin = "*2\r\n$3\r\nGET\r\n$1000\r\nabc";
  EXPECT_EQ(scanner.scan(begin), state::incomplete);
  EXPECT_EQ(scanner.size_needed(), begin.size() - 3 + 1002);
  const auto all = begin + std::string(997, 'x') + "\r\n";
  EXPECT_EQ(scanner.scan(all), state::complete);
  EXPECT_EQ(scanner.size(), all.size());
}

TEST(resp_request_scanner, keeps_the_first_arguments_and_counts_them_all) {
  std::string bytes = "*40\r\n";
  for (int i = 0; i < 40; ++i) bytes += "$1\r\nx\r\n";
  resp_request_scanner scanner(4096);
  EXPECT_EQ(scanner.scan(bytes), state::complete);
  EXPECT_EQ(scanner.argument_count(), 40U);
  EXPECT_EQ(scanner.arguments(bytes).size(), resp_request_scanner::arguments_kept);
}

TEST(resp_request_scanner, refuses_what_two_readers_may_read_in_two_ways) {
  for (const auto* const bytes : {"*-1\r\n",
                                  "*+1\r\n",
                                  "*01\r\n",
                                  "*1\n",
                                  "*1 \r\n",
                                  "*1\r\r\n",
                                  "*\r\n",
                                  "*1x\r\n",
                                  "*1048577\r\n",
                                  "*99999999999999999999\r\n",
                                  "*1\r\n+OK\r\n",
                                  "*1\r\n:1\r\n",
                                  "*1\r\n$-1\r\n",
                                  "*1\r\n$01\r\n",
                                  "*1\r\n$5000\r\n",
                                  "*1\r\n$1\r\nab\r\n",
                                  "*1\r\n$1\r\na\n\n",
                                  "*1\r\n$2\r\na\r\n*1",
                                  "*1\r\n*1\r\n$1\r\na\r\n",
                                  "get \"a\"\r\n",
                                  "get 'a'\r\n",
                                  "get \x01\r\n",
                                  "a\rb\r\n"}) {
    EXPECT_TRUE(scanned(bytes).starts_with("! Protocol error: "))
        << bytes << ": " << scanned(bytes);
  }
  EXPECT_TRUE(scanned(std::string("get a\0b\r\n", 9)).starts_with("! ")) << "NUL";
}

TEST(resp_request_scanner, is_bounded) {
  EXPECT_EQ(scanned(std::string(5000, 'a')), "! Protocol error: too big inline request");
  std::string bytes = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) bytes += "$1\r\nx\r\n";
  EXPECT_EQ(scanned(bytes), "! Protocol error: request too big");
}

TEST(resp_request_scanner, makes_an_array_of_a_line) {
  EXPECT_EQ(as_array("set  a\tbc \r\n"), "*3\r\n$3\r\nset\r\n$1\r\na\r\n$2\r\nbc\r\n");
}

}  // namespace
}  // namespace waitstate::sidecar
