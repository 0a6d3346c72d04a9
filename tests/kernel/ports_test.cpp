#include <unistd.h>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class ports : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    set_sysctl("net.ipv4.ip_local_port_range", "40000 40199");
    set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  }

  /// Accepts, reads to the end and closes after the client: TIME-WAIT is the client's.
  static void serve_politely(const where& at, const program::ready& ready) {
    const auto listener = listen_on(at);
    ready("");
    serve_all(listener, [](fd c) { read_to_end(c); });
  }

  static void serve_and_hold(const where& at, const program::ready& ready) {
    const auto listener = listen_on(at);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) { kept.push_back(std::move(c)); });
  }

  /// What went wrong when `open` was called again and again.
  static std::string failure_of(int times, const std::function<void()>& open) {
    try {
      for (int i = 0; i < times; ++i) open();
    } catch (const std::system_error& e) {
      return e.what();
    }
    return "no failure";
  }
};

TEST_P(ports, run_out_by_connections_that_are_closed_at_once) {
  const where server{loopback(), 8080};
  const program serving("server",
                        [&](const program::ready& ready) { serve_politely(server, ready); });
  const program burning("port-burner", [&](const program::ready& ready) {
    ready(failure_of(1000, [&] { const auto closed_at_once = connect_to(server); }));
    for (;;) ::pause();
  });
  EXPECT_EQ(burning.said(), "connect: Cannot assign requested address");

  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "ephemeral-port-exhaustion") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "critical");
  EXPECT_NE(first.at("title").get<std::string>().find(text_of(server)), std::string::npos)
      << first.dump(1);
  EXPECT_EQ(run_waitstate({"diagnose"}).exit_status, 2);
}

TEST_P(ports, run_out_by_connections_that_are_kept_names_the_process) {
  const where server{loopback(), 8080};
  const program serving("server",
                        [&](const program::ready& ready) { serve_and_hold(server, ready); });
  const program burning("port-burner", [&](const program::ready& ready) {
    std::vector<fd> kept;
    ready(failure_of(1000, [&] { kept.push_back(connect_to(server)); }));
    for (;;) ::pause();
  });
  EXPECT_EQ(burning.said(), "connect: Cannot assign requested address");

  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "ephemeral-port-exhaustion") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), burning.pid());
  EXPECT_EQ(first.at("subject").at("process"), "port-burner");
}

TEST_P(ports, at_full_exhaustion_one_look_names_who_goes_on_trying) {
  const where server{loopback(), 8080};
  const program serving("server",
                        [&](const program::ready& ready) { serve_politely(server, ready); });
  const program burning("port-burner", [&](const program::ready& ready) {
    ready(failure_of(1000, [&] { const auto closed_at_once = connect_to(server); }));
    for (;;) {
      (void)failure_of(1, [&] { const auto refused = connect_to(server); });
      ::usleep(200);
    }
  });
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "ephemeral-port-exhaustion") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), burning.pid());
}

TEST_P(ports, a_second_look_names_who_closed_into_time_wait) {
  set_sysctl("net.ipv4.ip_local_port_range", "40000 49999");
  const where server{loopback(), 8080};
  const program serving("server",
                        [&](const program::ready& ready) { serve_politely(server, ready); });
  const program churning("churner", [&](const program::ready& ready) {
    std::vector<fd> open;
    for (int i = 0; i < 100; ++i) open.push_back(connect_to(server));
    ready("");
    for (int i = 0; i < 300; ++i) {  // each lives a third of a second
      open.erase(open.begin());
      open.push_back(connect_to(server));
      ::usleep(3'000);
    }
    for (;;) ::pause();
  });
  const auto sockets = run_waitstate(
      {"sockets", "--json", "--interval", "500ms", "--state", "TIME-WAIT", "--by", "owner"});
  EXPECT_NE(sockets.output.find("churner"), std::string::npos) << sockets.output << sockets.errors;
}

TEST_P(ports, bound_before_connect_share_one_pool_for_all_destinations) {
  const where one{loopback(), 8080};
  const where two{loopback(), 8081};
  const program serving_one("server-1",
                            [&](const program::ready& ready) { serve_and_hold(one, ready); });
  const program serving_two("server-2",
                            [&](const program::ready& ready) { serve_and_hold(two, ready); });
  const program binding("binder", [&](const program::ready& ready) {
    std::vector<fd> kept;
    int turn = 0;
    ready(failure_of(
        1000, [&] { kept.push_back(connect_from(loopback(), turn++ % 2 == 0 ? one : two)); }));
    for (;;) ::pause();
  });
  EXPECT_EQ(binding.said(), "bind: Address already in use");

  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "bind-before-connect") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), binding.pid());
  EXPECT_EQ(first.at("subject").at("process"), "binder");
}

WAITSTATE_BOTH_FAMILIES(ports);

}  // namespace
}  // namespace waitstate::kernel_test
