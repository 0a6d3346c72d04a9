// A server whose responses are nearly right. Each call ends in time, whatever came, and a right
// response is read after it.
#include <atomic>

#include <gtest/gtest.h>

#include "http_test.h"
#include "mutated.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr auto given_up_after = 60ms;

const std::vector<std::string>& right_responses() {
  static const std::vector<std::string> all{
      hi,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nyou\r\n0\r\nA: "
      "b\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: "
      "timeout=5\r\n\r\nhello",
      "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
      "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
      "HTTP/1.1 503 Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\x08\x01\x02"};
  return all;
}

TEST_F(http_test, each_call_to_a_server_of_mutated_responses_ends_in_time) {
  std::atomic<std::uint64_t> number{0};
  std::atomic<bool> is_right{false};
  const test_server server([&](int socket) {
    while (!read_head(socket).empty()) {
      const auto n = ++number;
      const auto random = seeded_random(n);
      const auto& responses = right_responses();
      if (!send_all(socket, is_right ? hi : mutated(responses[n % responses.size()], random)))
        return;
      // Most end the connection, which ends the wait of the call; some leave it to its deadline.
      if (!is_right && n % 8 != 0) return;
    }
  });
  const auto from = service(server);
  for (std::uint64_t i = 0; i < mutations_count(); ++i) {
    const auto began = clock::now();
    const auto got = io_.await(from.request(i % 2 == 0 ? http_get("/x") : http_head("/x"),
                                            {.deadline = began + given_up_after}));
    EXPECT_LT(clock::now() - began, given_up_after + 1s) << "after response " << number;
    EXPECT_TRUE(got || !got.error().what.empty());
  }
  is_right = true;
  EXPECT_TRUE(soon([&] { return get(from).has_value(); }));
  EXPECT_EQ(metrics(from).leased, 0U);
}

}  // namespace
}  // namespace waitstate::client
