#include "redis/resp_reply_scanner.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

/// The replies in these bytes, each in brackets, taken in pieces of this size.
std::string scanned(std::string_view bytes, std::size_t piece = 1 << 20) {
  resp_reply_scanner scanner;
  std::string all = "[";
  while (!bytes.empty()) {
    auto now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    while (!now.empty()) {
      const auto taken = scanner.take(now);
      if (!scanner.refused().empty()) return "! " + std::string(scanner.refused());
      all += now.substr(0, taken);
      now.remove_prefix(taken);
      if (!scanner.is_done()) continue;
      all += "][";
      scanner.reset();
    }
  }
  return scanner.is_at_begin() ? all.substr(0, all.size() - 1) : all + "...";
}

TEST(resp_reply_scanner, finds_the_end_of_every_kind) {
  for (const std::string reply : {"+OK\r\n",
                                  "-ERR no\r\n",
                                  ":-42\r\n",
                                  "$3\r\na\r\n\r\n",
                                  "$0\r\n\r\n",
                                  "$-1\r\n",
                                  "*-1\r\n",
                                  "*0\r\n",
                                  "*2\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n",
                                  "_\r\n",
                                  ",3.14\r\n",
                                  ",inf\r\n",
                                  "#t\r\n",
                                  "!5\r\nERR x\r\n",
                                  "=8\r\ntxt:abcd\r\n",
                                  "(12345678901234567890\r\n",
                                  "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
                                  "%0\r\n",
                                  "~2\r\n:1\r\n:2\r\n",
                                  "|1\r\n+ttl\r\n:3\r\n$1\r\na\r\n",
                                  "*1\r\n|1\r\n+k\r\n+v\r\n:1\r\n",
                                  ">2\r\n+message\r\n+x\r\n"}) {
    EXPECT_EQ(scanned(reply), "[" + reply + "]");
    EXPECT_EQ(scanned(reply + reply, 1), "[" + reply + "][" + reply + "]");
    EXPECT_EQ(scanned(reply.substr(0, reply.size() - 1)),
              "[" + reply.substr(0, reply.size() - 1) + "...");
  }
}

TEST(resp_reply_scanner, knows_the_first_byte_and_where_it_is) {
  resp_reply_scanner scanner;
  EXPECT_TRUE(scanner.is_at_begin());
  EXPECT_EQ(scanner.take(">1\r\n"), 4U);
  EXPECT_EQ(scanner.type(), '>');
  EXPECT_FALSE(scanner.is_at_begin());
  EXPECT_EQ(scanner.take("+a\r\n+b"), 4U);
  EXPECT_TRUE(scanner.is_done());
}

TEST(resp_reply_scanner, goes_to_its_depth_and_no_further) {
  std::string deep;
  for (std::size_t i = 0; i < resp_reply_scanner::depth_max; ++i) deep += "*1\r\n";
  EXPECT_EQ(scanned(deep + ":1\r\n"), "[" + deep + ":1\r\n]");
  EXPECT_EQ(scanned(deep + "*1\r\n:1\r\n"), "! a reply that is too deep");
}

TEST(resp_reply_scanner, refuses_what_no_server_sends) {
  for (const auto* const bytes : {"HTTP/1.1 400 Bad\r\n",
                                  "\r\n",
                                  "+OK\n",
                                  "+O\rK\r\n",
                                  "$+1\r\n",
                                  "$-2\r\n",
                                  "$-\r\n",
                                  "$-1x",
                                  "$\r\n",
                                  "$?\r\n",
                                  "*?\r\n",
                                  "$1\r\nab\r\n",
                                  "$1\r\na\n\n",
                                  "*-2\r\n",
                                  "%-1\r\n",
                                  "~-1\r\n",
                                  "*1\r\n>1\r\n+a\r\n",
                                  "$536870913\r\n",
                                  "*99999999999\r\n",
                                  "*1\n",
                                  "$--1\r\n",
                                  "$1-\r\n"}) {
    EXPECT_TRUE(scanned(bytes).starts_with("! ")) << bytes << ": " << scanned(bytes);
    EXPECT_EQ(scanned(bytes), scanned(bytes, 1)) << bytes;
  }
  EXPECT_EQ(scanned("+" + std::string(70'000, 'a')), "! a line that is too long");
}

}  // namespace
}  // namespace waitstate::sidecar
