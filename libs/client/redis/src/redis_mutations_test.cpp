// A server whose replies are nearly right. Each call ends in time, whatever came, and a right reply
// is read after it.
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mutated.h"
#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/redis/redis_client.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr auto given_up_after = 60ms;

TEST(redis_mutations, each_call_to_a_server_of_mutated_replies_ends_in_time) {
  const std::vector<std::string> replies{
      "+OK\r\n",    "-ERR no\r\n",
      ":12345\r\n", "$5\r\nhello\r\n",
      "$-1\r\n",    "*3\r\n$1\r\na\r\n:2\r\n*1\r\n+b\r\n",
      "*-1\r\n",    "-READONLY You can't write against a replica\r\n"};
  std::atomic<std::uint64_t> number{0};
  std::atomic<bool> is_right{false};
  const test_server server([&](int socket) {
    std::array<char, 4096> in{};
    while (::read(socket, in.data(), in.size()) > 0) {
      const auto n = ++number;
      const auto random = seeded_random(n);
      const auto bytes = is_right ? "+OK\r\n" : mutated(replies[n % replies.size()], random);
      if (!send_all(socket, bytes)) return;
      if (!is_right && n % 8 != 0) return;
    }
  });
  test_io io(2);
  const auto redis = redis_client::make(io.executor(), {.endpoints = {server.at()}}).value();
  io.spawn(redis->run());
  for (std::uint64_t i = 0; i < mutations_count(); ++i) {
    const auto began = clock::now();
    const auto got = io.await(redis->command({"GET", "x"}, {.deadline = began + given_up_after}));
    EXPECT_LT(clock::now() - began, given_up_after + 1s) << "after reply " << number;
    EXPECT_TRUE(got || !got.error().what.empty());
  }
  is_right = true;
  EXPECT_TRUE(soon([&] {
    const auto got = io.await(redis->command({"GET", "x"}, {.deadline = 2s}));
    return got && got->text == "OK";
  }));
  redis->stop();
}

}  // namespace
}  // namespace waitstate::client
