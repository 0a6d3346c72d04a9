#include "waitstate/sidecar/hand_over.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "front/listening_socket.h"
#include "sidecar_fixture.h"

namespace waitstate::sidecar {
namespace {

using client::test_server;
using testing::HasSubstr;

std::array<fd, 2> pair() {
  std::array<int, 2> numbers{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, numbers.data()), 0);
  return {fd(numbers[0]), fd(numbers[1])};
}

TEST(hand_over, carries_sockets_and_their_names) {
  const auto ends = pair();
  handed_sockets sent;
  for (const auto* const name : {"127.0.0.1:1", "127.0.0.1:1", "unix:/run/x"}) {
    sent.push_back(
        {.name = name, .socket = open_listener({.host = "127.0.0.1", .port = 0}, false).value()});
  }
  ASSERT_TRUE(send_sockets(ends[0].get(), sent));
  const auto got = receive_sockets(ends[1].get()).value();
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got.at(2).name, "unix:/run/x");
  EXPECT_TRUE(got.at(2).socket);
}

TEST(hand_over, believes_in_nothing_else) {
  const auto ends = pair();
  EXPECT_FALSE(send_sockets(ends[0].get(), {}));
  ASSERT_EQ(::write(ends[0].get(), "HTTP/1.1 404\n", 13), 13);
  EXPECT_THAT(receive_sockets(ends[1].get()).error().what,
              HasSubstr("no list of listening sockets"));
  handed_sockets no_listener;
  no_listener.push_back({.name = "127.0.0.1:1", .socket = fd(::socket(AF_INET, SOCK_STREAM, 0))});
  ASSERT_TRUE(send_sockets(ends[0].get(), no_listener));
  EXPECT_FALSE(receive_sockets(ends[1].get()));
  EXPECT_THAT(ask_for_sockets("/nowhere/x.sock").error().what, HasSubstr("admin socket"));
}

class taken_over : public sidecar_fixture {};

TEST_F(taken_over, refuses_nobody) {
  const test_server server(answering([](std::string_view) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  }));
  start(server);
  constexpr std::string_view get = "GET / HTTP/1.0\r\n\r\n";
  EXPECT_THAT(ask(get), HasSubstr("hi"));
  auto next = sidecar::start(
                  running_->running(), [](const std::string&) {}, running_->hand_over().value())
                  .value();
  EXPECT_THAT(ask(get), HasSubstr("hi"));
  running_->drain(true);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(ask(get), HasSubstr("hi"));
  EXPECT_EQ(running_->draining_clients(), 0U);
  running_ = std::move(next);
  EXPECT_GE(figure_of("http_requests_total"), 5U);
}

}  // namespace
}  // namespace waitstate::sidecar
