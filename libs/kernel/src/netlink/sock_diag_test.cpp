#include "netlink/sock_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

template <class T>
T at(const std::vector<std::byte>& bytes, std::size_t offset) {
  T value{};
  EXPECT_LE(offset + sizeof(T), bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

TEST(sock_diag, asks_for_states_of_one_family) {
  const auto bytes = write_request(
      {.family = ip_family::v6, .states = {tcp::state::close_wait}, .with_info = true}, 42);
  const auto header = at<nlmsghdr>(bytes, 0);
  EXPECT_EQ(header.nlmsg_len, bytes.size());
  EXPECT_EQ(header.nlmsg_type, SOCK_DIAG_BY_FAMILY);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
  EXPECT_EQ(header.nlmsg_seq, 42U);
  const auto body = at<inet_diag_req_v2>(bytes, sizeof(nlmsghdr));
  EXPECT_EQ(body.sdiag_family, AF_INET6);
  EXPECT_EQ(body.sdiag_protocol, IPPROTO_TCP);
  EXPECT_EQ(body.idiag_states, 1U << 8);
  EXPECT_EQ(body.idiag_ext, 1U << (INET_DIAG_INFO - 1));
}

TEST(sock_diag, asks_for_both_families_with_the_older_request) {
  const auto bytes = write_request({.states = {tcp::state::listen, tcp::state::bound_inactive}}, 1);
  EXPECT_EQ(at<nlmsghdr>(bytes, 0).nlmsg_type, TCPDIAG_GETSOCK);
  const auto body = at<inet_diag_req>(bytes, sizeof(nlmsghdr));
  EXPECT_EQ(body.idiag_states, (1U << 10) | (1U << 13));
  EXPECT_EQ(body.idiag_ext, 0U);
}

TEST(sock_diag, lists_the_same_listeners_by_family_and_in_one_pass) {
  auto sockets = sock_diag::open();
  ASSERT_TRUE(sockets) << sockets.error().what;
  const auto listeners = [&](ip_family family) {
    std::uint64_t count = 0;
    const auto outcome = sockets->dump(
        {.family = family, .states = {tcp::state::listen}},
        [&](const socket_record& s) { count += s.state == tcp::state::listen ? 1 : 0; });
    EXPECT_TRUE(outcome);
    if (outcome) {
      EXPECT_EQ(outcome->sockets, count);
      EXPECT_FALSE(outcome->incomplete);
    }
    return count;
  };
  // Other programs may open listeners meanwhile; three tries make that unlikely to matter.
  bool same = false;
  for (int attempt = 0; attempt < 3 && !same; ++attempt) {
    const auto one_by_one = listeners(ip_family::v4) + listeners(ip_family::v6);
    same = one_by_one == listeners(ip_family::both);
  }
  EXPECT_TRUE(same);
}

}  // namespace
}  // namespace waitstate::kernel
