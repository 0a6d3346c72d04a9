#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/kernel/network_test.h"

namespace waitstate::kernel_test {
namespace {

/// A connection tracking table that fills: each namespace has its own count, under one limit that
/// only the first may change.
class conntrack : public network_test {
 protected:
  static std::uint64_t number_in(const char* name) {
    std::ifstream file(std::string("/proc/sys/net/netfilter/") + name);
    std::uint64_t number = 0;
    file >> number;
    return number;
  }

  /// The kernel tracks where a rule asks for the state of a connection.
  static bool track() {
    return std::system(
               "command -v nft >/dev/null && nft add table inet t && "
               "nft 'add chain inet t o { type filter hook output priority 0; }' && "
               "nft add rule inet t o ct state new counter") == 0;
  }

  /// A datagram from a port of ours to each other port: an entry of the table each.
  static void fill(std::uint64_t entries) {
    while (number_in("nf_conntrack_count") < entries) {
      const int from = ::socket(is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
      ASSERT_GE(from, 0);
      for (std::uint32_t port = 1'024; port <= 65'535; ++port) {
        sockaddr_in6 six{.sin6_family = AF_INET6,
                         .sin6_port = htons(static_cast<std::uint16_t>(port)),
                         .sin6_flowinfo = 0,
                         .sin6_addr = IN6ADDR_LOOPBACK_INIT,
                         .sin6_scope_id = 0};
        sockaddr_in four{.sin_family = AF_INET,
                         .sin_port = htons(static_cast<std::uint16_t>(port)),
                         .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                         .sin_zero = {}};
        const auto* const to =
            is_v6() ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
        const socklen_t size = is_v6() ? sizeof six : sizeof four;
        // An answer of ICMP to an earlier one is this call's error: it is sent at the second.
        if (::sendto(from, "x", 1, 0, to, size) < 0) ::sendto(from, "x", 1, 0, to, size);
      }
      ::close(from);
    }
  }
};

TEST_P(conntrack, near_its_limit_is_told_with_its_numbers) {
  constexpr std::uint64_t worth_filling = 300'000;  // The kernel's own for 4 GiB is 262,144.
  const auto most = number_in("nf_conntrack_max");
  if (most == 0 || most > worth_filling) GTEST_SKIP() << "nf_conntrack_max is " << most;
  if (!track()) GTEST_SKIP() << "nft makes no rule here";
  EXPECT_TRUE(finding(diagnose(), "conntrack-full").is_null());

  fill(most * 82 / 100);
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "conntrack-full") << report.dump(1);
  EXPECT_EQ(first.at("severity"),
            number_in("nf_conntrack_count") * 100 < most * 95 ? "warning" : "critical");
  EXPECT_NE(first.at("title").get<std::string>().find(" %)"), std::string::npos) << first.dump(1);
}

WAITSTATE_BOTH_FAMILIES(conntrack);

}  // namespace
}  // namespace waitstate::kernel_test
