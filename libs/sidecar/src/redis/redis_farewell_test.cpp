#include "redis/redis_farewell.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(redis_farewell, gives_all_but_the_answer_to_what_the_client_has_not_said) {
  const std::string_view all = "*3\r\n:1\r\n$4\r\n+OK\n\r\n$-1\r\n+RESET\r\n+OK\r\n";
  for (std::size_t size = 1; size <= all.size(); ++size) {
    redis_farewell reply("+RESET\r\n");
    std::string out;
    for (std::size_t at = 0; at < all.size(); at += size) reply.take(all.substr(at, size), out);
    EXPECT_TRUE(reply.ended(out));
    EXPECT_EQ(out, all.substr(0, all.size() - 5));
  }
}

TEST(redis_farewell, says_when_the_server_has_not_done_it) {
  for (const std::string_view all : {"", "+OK\r\n", "-ERR unknown command\r\n+OK\r\n", "+RESET\r\n",
                                     "+RESET\r\n+OK\r\n:1\r\n"}) {
    redis_farewell reply("+RESET\r\n");
    std::string out;
    reply.take(all, out);
    EXPECT_FALSE(reply.ended(out));
    EXPECT_EQ(out, all);
  }
}

}  // namespace
}  // namespace waitstate::sidecar
