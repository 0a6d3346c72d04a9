#include <unistd.h>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

/// Serves by sending `bytes` and closing.
[[noreturn]] void serve_and_close(const where& at, std::size_t bytes, const program::ready& ready) {
  const auto listener = listen_on(at);
  ready("");
  serve_all(listener, [bytes](fd c) {
    if (bytes > 0) send_bytes(c, bytes);
  });
}

class close_wait : public network_test {
 protected:
  /// A client that opens `count` connections to a server that closes each, after `bytes` bytes;
  /// it does `then` with each once the FIN is here, and never closes.
  nlohmann::json diagnose_leak(int count, std::size_t bytes,
                               const std::function<void(const fd&)>& then) {
    const where server{loopback(), 9443};
    const program serving(
        "server", [&](const program::ready& ready) { serve_and_close(server, bytes, ready); });
    const program leaking("leaky-client", [&](const program::ready& ready) {
      std::vector<fd> kept;
      for (int i = 0; i < count; ++i) {
        kept.push_back(connect_to(server));
        wait_for_end(kept.back());
        then(kept.back());
      }
      ready("");
      for (;;) ::pause();
    });
    auto report = diagnose();
    const auto first = first_finding(report);
    EXPECT_EQ(first.value("id", ""), "leaked-connections") << report.dump(1);
    if (!first.is_null()) {
      EXPECT_EQ(first.at("subject").at("pid"), leaking.pid());
      EXPECT_EQ(first.at("subject").at("process"), "leaky-client");
      EXPECT_NE(first.at("title").get<std::string>().find(text_of(server)), std::string::npos);
    }
    return report;
  }
};

TEST_P(close_wait, receive_queue_0_the_program_saw_the_end_and_did_not_close) {
  diagnose_leak(50, 0, [](const fd& c) { read_to_end(c); });
}

TEST_P(close_wait, receive_queue_1_nobody_reads_the_end) {
  diagnose_leak(50, 0, [](const fd&) {});
}

TEST_P(close_wait, receive_queue_over_1_a_response_nobody_read) {
  const auto report = diagnose_leak(50, 100, [](const fd&) {});
  EXPECT_NE(first_finding(report).dump().find("unread"), std::string::npos);
}

TEST_P(close_wait, one_look_at_a_full_pool_does_not_say_that_it_is_lost) {
  const auto report = diagnose_leak(400, 0, [](const fd& c) { read_to_end(c); });
  EXPECT_EQ(first_finding(report).at("severity"), "warning") << report.dump(1);
  EXPECT_EQ(report.dump().find("every lease"), std::string::npos);
}

TEST_P(close_wait, a_server_that_does_not_close) {
  const where server{loopback(), 8080};
  constexpr int clients = 60;
  const program serving("sloppy-server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) {
      wait_for_end(c);
      read_to_end(c);
      kept.push_back(std::move(c));
    });
  });
  const program client("client", [&](const program::ready&) {
    for (int i = 0; i < clients; ++i) {
      const auto c = connect_to(server);
    }
    ::usleep(300'000);  // the server takes the last of them
  });
  const auto report = diagnose({"--interval", "300ms"});
  const auto found = finding(report, "server-not-closing");
  ASSERT_FALSE(found.is_null()) << report.dump(1);
  EXPECT_EQ(found.at("subject").at("pid"), serving.pid());
}

TEST_P(close_wait, connections_that_nobody_accepts) {
  const where server{loopback(), 8080};
  const program stuck("stuck-server", [&](const program::ready& ready) {
    const auto listener = listen_on(server, 20);
    ready("");
    for (;;) ::pause();
  });
  const program client("client", [&](const program::ready& ready) {
    for (int i = 0; i < 21; ++i) {
      const auto gave_up = connect_to(server);
    }
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "accept-queue-stuck") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "critical");
  EXPECT_EQ(first.at("subject").at("pid"), stuck.pid());
  EXPECT_EQ(first.at("subject").at("process"), "stuck-server");
}

WAITSTATE_BOTH_FAMILIES(close_wait);

}  // namespace
}  // namespace waitstate::kernel_test
