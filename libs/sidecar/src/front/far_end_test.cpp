#include "front/far_end.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

/// A connection over loopback: its two ends.
std::pair<fd, fd> connected(int family) {
  const fd listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 at{};
  at.sin6_family = static_cast<sa_family_t>(family);
  socklen_t size = sizeof at;
  if (family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(at);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof v4;
  } else {
    at.sin6_addr = in6addr_loopback;
  }
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  fd ours(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool is_up = ::bind(listener.get(), address, size) == 0 &&
                     ::listen(listener.get(), 1) == 0 &&
                     ::getsockname(listener.get(), address, &size) == 0 &&
                     ::connect(ours.get(), address, size) == 0;
  if (!is_up) return {};
  fd theirs(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return {std::move(ours), std::move(theirs)};
}

class far_end_test : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    std::tie(client_, server_) = connected(GetParam());
    if (!server_) GTEST_SKIP() << "no such loopback";
  }

  fd client_;
  fd server_;
  far_end asks_;
};

TEST_P(far_end_test, is_held_while_a_process_has_it_open) {
  EXPECT_EQ(asks_.of(server_.get()), far_end::state::held);
}

TEST_P(far_end_test, is_held_when_it_only_sends_no_more) {
  ::shutdown(client_.get(), SHUT_WR);
  char byte = 0;
  ASSERT_EQ(::recv(server_.get(), &byte, 1, 0), 0);
  EXPECT_EQ(asks_.of(server_.get()), far_end::state::held);
}

TEST_P(far_end_test, is_let_go_when_it_was_closed) {
  client_ = fd();
  char byte = 0;
  ASSERT_EQ(::recv(server_.get(), &byte, 1, 0), 0);
  EXPECT_EQ(asks_.of(server_.get()), far_end::state::let_go);
}

TEST_P(far_end_test, is_asked_for_again_after_an_answer) {
  EXPECT_EQ(asks_.of(server_.get()), far_end::state::held);
  client_ = fd();
  char byte = 0;
  ASSERT_EQ(::recv(server_.get(), &byte, 1, 0), 0);
  EXPECT_EQ(asks_.of(server_.get()), far_end::state::let_go);
}

TEST_P(far_end_test, is_reset_as_the_peer_sees) {
  far_end::reset(server_.get());
  char byte = 0;
  EXPECT_EQ(::recv(client_.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

INSTANTIATE_TEST_SUITE_P(both_families, far_end_test, testing::Values(AF_INET, AF_INET6),
                         [](const auto& info) {
                           return std::string(info.param == AF_INET ? "IPv4" : "IPv6");
                         });

TEST(far_end_of_a_unix_socket, is_nothing_to_ask_about) {
  std::array<int, 2> both{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()), 0);
  const fd one(both[0]);
  const fd other(both[1]);
  EXPECT_EQ(far_end().of(one.get()), far_end::state::elsewhere);
}

}  // namespace
}  // namespace waitstate::sidecar
