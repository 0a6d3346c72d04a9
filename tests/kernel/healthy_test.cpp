#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class healthy : public network_test {};

TEST_P(healthy, a_host_without_sockets) {
  const auto report = diagnose();
  EXPECT_EQ(report.at("verdict"), "healthy") << report.dump(1);
  EXPECT_EQ(run_waitstate({"diagnose"}).exit_status, 0);
}

TEST_P(healthy, a_host_with_a_server_and_clients_at_work) {
  const where server{loopback(), 8080};
  const program serving("web", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) { kept.push_back(std::move(c)); });
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> open;
    for (int i = 0; i < 20; ++i) open.push_back(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  EXPECT_EQ(report.at("verdict"), "healthy") << report.dump(1);
  EXPECT_EQ(report.at("states").at("ESTABLISHED"), 40);
}

TEST_P(healthy, server_side_time_wait_is_explained_and_no_alarm) {
  const where server{loopback(), 8080};
  const program serving("web", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    serve_all(listener, [](fd) {});  // closes first
  });
  const program client("client", [&](const program::ready& ready) {
    for (int i = 0; i < 300; ++i) read_to_end(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  EXPECT_EQ(report.at("verdict"), "healthy") << report.dump(1);
  EXPECT_GE(report.at("states").at("TIME-WAIT"), 290);
  EXPECT_EQ(first_finding(report).value("id", ""), "server-side-time-wait") << report.dump(1);
}

WAITSTATE_BOTH_FAMILIES(healthy);

}  // namespace
}  // namespace waitstate::kernel_test
