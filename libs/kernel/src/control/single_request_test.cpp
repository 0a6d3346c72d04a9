#include "control/single_request.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

struct request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

request read(const std::vector<std::byte>& bytes) {
  request r{};
  EXPECT_EQ(bytes.size(), sizeof(nlmsghdr) + sizeof(inet_diag_req_v2));
  std::memcpy(&r.header, bytes.data(), sizeof(r.header));
  std::memcpy(&r.body, bytes.data() + sizeof(r.header), sizeof(r.body));
  return r;
}

socket_record to(const char* local, const char* remote) {
  return {.flow = {.local = {.address = tcp::parse_address(local).value_or(tcp::address{}),
                             .port = 40'000},
                   .remote = {.address = tcp::parse_address(remote).value_or(tcp::address{}),
                              .port = 443}},
          .cookie = 0x1122334455667788};
}

TEST(single_request, names_one_socket_by_its_flow_and_both_halves_of_its_cookie) {
  auto s = to("10.0.0.5", "10.0.0.7");
  s.interface = 3;
  const auto r = read(write_single_request(SOCK_DIAG_BY_FAMILY, 42, s));
  EXPECT_EQ(r.header.nlmsg_type, SOCK_DIAG_BY_FAMILY);
  EXPECT_EQ(r.header.nlmsg_flags, NLM_F_REQUEST) << "no dump: the kernel would list them all";
  EXPECT_EQ(r.header.nlmsg_seq, 42U);
  EXPECT_EQ(r.body.sdiag_family, AF_INET);
  EXPECT_EQ(r.body.sdiag_protocol, IPPROTO_TCP);
  EXPECT_EQ(ntohs(r.body.id.idiag_sport), 40'000);
  EXPECT_EQ(ntohs(r.body.id.idiag_dport), 443);
  EXPECT_EQ(ntohl(r.body.id.idiag_src[0]), 0x0A000005U);
  EXPECT_EQ(ntohl(r.body.id.idiag_dst[0]), 0x0A000007U);
  EXPECT_EQ(r.body.id.idiag_if, 3U);
  EXPECT_EQ(r.body.id.idiag_cookie[0], 0x55667788U);
  EXPECT_EQ(r.body.id.idiag_cookie[1], 0x11223344U);
}

TEST(single_request, asks_for_an_acknowledgement_of_what_it_destroys) {
  const auto r = read(write_single_request(SOCK_DESTROY, 1, to("10.0.0.5", "10.0.0.7")));
  EXPECT_EQ(r.header.nlmsg_type, SOCK_DESTROY);
  EXPECT_EQ(r.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
}

TEST(single_request, a_mapped_address_is_asked_for_as_ipv4) {
  const auto v6 = read(write_single_request(SOCK_DESTROY, 1, to("fe80::1", "fe80::2")));
  EXPECT_EQ(v6.body.sdiag_family, AF_INET6);
  EXPECT_EQ(ntohl(v6.body.id.idiag_dst[3]), 2U);
  const auto mapped =
      read(write_single_request(SOCK_DESTROY, 1, to("::ffff:10.0.0.5", "::ffff:10.0.0.7")));
  EXPECT_EQ(mapped.body.sdiag_family, AF_INET);
  EXPECT_EQ(ntohl(mapped.body.id.idiag_dst[0]), 0x0A000007U);
}

}  // namespace
}  // namespace waitstate::kernel
