#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class fin_wait : public network_test {
 protected:
  /// The address of this end and of the other host's.
  static std::string near_address() { return is_v6() ? "fd00:77::1" : "10.77.0.1"; }
  static std::string far_address() { return is_v6() ? "fd00:77::2" : "10.77.0.2"; }

  /// A server on another host that accepts and then neither reads nor closes.
  static void hold_everything(int network, const where& at, const program::ready& ready) {
    enter_network_of(network);
    const auto listener = listen_on(at);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) { kept.push_back(std::move(c)); });
  }
};

TEST_P(fin_wait, a_half_close_that_the_peer_never_answers) {
  const int other_host = join_second_network(near_address(), far_address());
  const where server{far_address(), 7000};
  const program holding(
      "holder", [&](const program::ready& ready) { hold_everything(other_host, server, ready); });
  const program half_closing("half-closer", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 40; ++i) {
      kept.push_back(connect_to(server));
      ::shutdown(kept.back().get(), SHUT_WR);
    }
    ::usleep(200'000);  // the last FIN is acknowledged
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "fin-wait2-stuck") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), half_closing.pid());
}

TEST_P(fin_wait, a_peer_that_leaks_close_wait_eats_our_ports) {
  set_sysctl("net.ipv4.ip_local_port_range", "40000 40199");
  set_sysctl("net.ipv4.tcp_tw_reuse", "1");
  const int other_host = join_second_network(near_address(), far_address());
  const where server{far_address(), 7000};
  const program holding("leaky-server", [&](const program::ready& ready) {
    hold_everything(other_host, server, ready);
  });
  const program client("client", [&](const program::ready& ready) {
    std::string failure = "no failure";
    try {
      for (int i = 0; i < 1000; ++i) {
        const auto closed_at_once = connect_to(server);
      }
    } catch (const std::system_error& e) {
      failure = e.what();
    }
    ::usleep(200'000);
    ready(failure);
    for (;;) ::pause();
  });
  EXPECT_EQ(client.said(), "connect: Cannot assign requested address");
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "fin-wait2-stuck") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "critical");
  EXPECT_NE(first.at("title").get<std::string>().find(text_of(server)), std::string::npos)
      << first.dump(1);
}

WAITSTATE_BOTH_FAMILIES(fin_wait);

}  // namespace
}  // namespace waitstate::kernel_test
