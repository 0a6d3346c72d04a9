#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

/// Total failures of a service that no error line tells of, and healthy hosts that look like them.
class outages : public network_test {
 protected:
  [[nodiscard]] static std::string near() { return is_v6() ? "fd99::1" : "10.99.0.1"; }
  [[nodiscard]] static std::string far() { return is_v6() ? "fd99::2" : "10.99.0.2"; }

  /// Waits, as a person would before the look.
  static void pass(double seconds) { ::usleep(static_cast<useconds_t>(seconds * 1e6)); }

  static void answer_nothing(int network) { answer_no_more(network, near(), far()); }
};

[[noreturn]] void accept_and_keep(const where& at, const program::ready& ready) {
  const auto listener = listen_on(at, 4096);
  ready("");
  std::vector<fd> kept;
  serve_all(listener, [&](fd c) { kept.push_back(std::move(c)); });
}

/// Opens connections, tells when they are there, and does `then` with all of them a moment later.
program connected(const std::string& name, const where& to, int count,
                  const std::function<void(std::vector<fd>&)>& then) {
  return program(name, [=](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < count; ++i) kept.push_back(connect_to(to));
    ready("");
    ::usleep(1'500'000);
    then(kept);
    for (;;) ::pause();
  });
}

TEST_P(outages, data_that_is_never_acknowledged) {
  const auto network = join_second_network(near(), far());
  const where server{far(), 9000};
  const program serving("server", [&](const program::ready& ready) {
    enter_network_of(network);
    accept_and_keep(server, ready);
  });
  const auto client = connected("client", server, 20, [](std::vector<fd>& all) {
    for (const auto& c : all) send_bytes(c, 100);
  });
  answer_nothing(network);
  pass(5);
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "unacknowledged-data") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "warning");
  EXPECT_EQ(first.at("subject").at("pid"), client.pid());
  EXPECT_NE(first.at("title").get<std::string>().find(" connections to " + text_of(server) +
                                                      " get no answer"),
            std::string::npos)
      << first.at("title");
}

TEST_P(outages, closes_that_are_never_acknowledged) {
  const auto network = join_second_network(near(), far());
  const where server{far(), 9000};
  const program serving("server", [&](const program::ready& ready) {
    enter_network_of(network);
    accept_and_keep(server, ready);
  });
  const auto client = connected("client", server, 20, [](std::vector<fd>& all) { all.clear(); });
  answer_nothing(network);
  pass(5);
  const auto report = diagnose();
  const auto found = finding(report, "unacknowledged-data");
  ASSERT_FALSE(found.is_null()) << report.dump(1);
  EXPECT_EQ(found.at("severity"), "info");
}

TEST_P(outages, a_few_connects_that_nobody_answers) {
  const auto network = join_second_network(near(), far());
  answer_nothing(network);
  const program client("client", [&](const program::ready& ready) {
    std::vector<std::thread> trying;
    for (int i = 0; i < 3; ++i) {
      trying.emplace_back([&] { (void)connect_to({far(), 9000}); });
    }
    ready("");
    for (;;) ::pause();
  });
  pass(4.5);
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "syn-unanswered") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), client.pid());
}

TEST_P(outages, connections_that_wait_for_busy_workers) {
  const where server{loopback(), 9000};
  const program serving("busy-server", [&](const program::ready& ready) {
    const auto listener = listen_on(server, 4096);
    ready("");
    const auto kept = accept_from(listener);
    for (;;) ::pause();
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 12; ++i) kept.push_back(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  EXPECT_EQ(finding(diagnose(), "accept-queue-stuck"), nullptr) << "they came a moment ago";
  pass(1.5);
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "accept-queue-stuck") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), serving.pid());
  EXPECT_NE(first.at("title").get<std::string>().find("11 connections wait"), std::string::npos)
      << first.at("title");
}

TEST_P(outages, responses_that_nobody_reads) {
  const where server{loopback(), 9000};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) {
      send_bytes(c, 1'000);
      kept.push_back(std::move(c));
    });
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 10; ++i) kept.push_back(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  EXPECT_EQ(first_finding(diagnose()), nullptr) << "they may be about to be read";
  pass(5.5);
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "leaked-connections") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), client.pid());
}

TEST_P(outages, answers_that_a_peer_does_not_read) {
  const where server{loopback(), 9000};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) {
      // More than both buffers take: without blocking, so that each of them gets as much.
      const std::string much(8'000'000, 'x');
      [[maybe_unused]] const auto sent =
          ::send(c.get(), much.data(), much.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      kept.push_back(std::move(c));
    });
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 10; ++i) kept.push_back(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  // The probes come after 0.2 s, 0.4 s and so on: the sixth is over three seconds away.
  pass(9);
  const auto report = diagnose();
  const auto found = finding(report, "unacknowledged-data");
  ASSERT_FALSE(found.is_null()) << report.dump(1);
  EXPECT_EQ(found.at("severity"), "warning");
  EXPECT_EQ(found.at("subject").at("pid"), serving.pid());
}

TEST_P(outages, open_connections_that_only_grow) {
  const where server{loopback(), 9000};
  const program serving("server",
                        [&](const program::ready& ready) { accept_and_keep(server, ready); });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 40; ++i) kept.push_back(connect_to(server));
    ready("");
    for (;;) {
      kept.push_back(connect_to(server));
      ::usleep(200'000);
    }
  });
  pass(11);
  const auto report = diagnose({"--interval", "4s"});
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "leaked-connections") << report.dump(1);
  EXPECT_EQ(first.at("subject").at("pid"), client.pid());
  EXPECT_NE(first.at("title").get<std::string>().find("only grow"), std::string::npos);
}

TEST_P(outages, a_pool_at_rest_is_none) {
  const where server{loopback(), 9000};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> idle;
    for (int i = 0; i < 50; ++i) {
      idle.push_back(accept_from(listener));
      send_bytes(idle.back(), 100);
    }
    ::usleep(1'300'000);
    idle.clear();
    for (;;) ::pause();
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> pool;
    for (int i = 0; i < 50; ++i) {
      pool.push_back(connect_to(server));
      read_bytes(pool.back(), 100);
    }
    for (const auto& c : pool) wait_for_end(c);
    ready("");
    for (;;) ::pause();
  });
  for (const auto& arguments : {std::vector<std::string>{}, {"--interval", "500ms"}}) {
    const auto report = diagnose(arguments);
    EXPECT_EQ(report.at("verdict"), "healthy") << report.dump(1);
    const auto found = finding(report, "stale-pooled-connections");
    ASSERT_FALSE(found.is_null()) << report.dump(1);
    EXPECT_NE(found.at("title").get<std::string>().find("after 1.3 s idle"), std::string::npos)
        << found.at("title");
  }
}

WAITSTATE_BOTH_FAMILIES(outages);

}  // namespace
}  // namespace waitstate::kernel_test
