#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <system_error>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class descriptors : public network_test {
 protected:
  const std::vector<std::vector<std::string>> looks{{}, {"--interval", "300ms"}};

  /// The ways to read descriptors that this kernel takes from us.
  static std::vector<std::vector<std::string>> sources() {
    std::vector<std::vector<std::string>> all{{"--source", "netlink"}};
    const auto tried = run_waitstate({"sockets", "--source", "bpf"});
    if (tried.exit_status == 0) return all.push_back({"--source", "bpf"}), all;
    // A program that the kernel does not take is a failure; a right that we lack is not.
    EXPECT_TRUE(tried.errors.find("Operation not permitted") != std::string::npos ||
                ::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        << tried.errors;
    std::cout << "not tested with BPF: " << tried.errors;
    return all;
  }
};

TEST_P(descriptors, nine_tenths_of_the_limit_in_use) {
  const where server{loopback(), 8080};
  const program hoarding("hoarder", [&](const program::ready& ready) {
    constexpr rlim_t limit = 200;
    const rlimit lowered{.rlim_cur = limit, .rlim_max = limit};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    const auto listener = listen_on(server);
    std::vector<fd> kept;
    while (kept.empty() || kept.back().get() < 184) {
      kept.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "fd-exhaustion") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "warning");
  EXPECT_EQ(first.at("subject").at("pid"), hoarding.pid());
  EXPECT_EQ(first.at("subject").at("process"), "hoarder");
  EXPECT_NE(first.at("evidence").dump().find("/dev/null"), std::string::npos) << first.dump(1);
}

TEST_P(descriptors, a_server_at_its_limit_tells_of_those_that_wait) {
  const where server{loopback(), 8080};
  const program serving("full-server", [&](const program::ready& ready) {
    constexpr rlim_t limit = 64;
    const auto listener = listen_on(server);
    std::vector<fd> kept;
    while (kept.empty() || kept.back().get() < static_cast<int>(limit) - 5) {
      kept.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    const rlimit lowered{.rlim_cur = limit, .rlim_max = limit};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    ready("");
    for (;;) {
      try {
        kept.push_back(accept_from(listener));
      } catch (const std::system_error&) {
        ::usleep(100'000);  // too many open files
      }
    }
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> open;
    for (int i = 0; i < 12; ++i) open.push_back(connect_to(server));
    ready("");
    for (;;) ::pause();
  });
  ::usleep(1'500'000);
  for (const auto& look : looks) {
    const auto report = diagnose(look);
    const auto first = first_finding(report);
    ASSERT_EQ(first.value("id", ""), "fd-exhaustion") << report.dump(1);
    EXPECT_EQ(first.at("subject").at("pid"), serving.pid());
    EXPECT_NE(first.at("title").get<std::string>().find("connections wait to be accepted on " +
                                                        text_of(server)),
              std::string::npos)
        << first.at("title");
    EXPECT_TRUE(finding(report, "accept-queue-stuck").is_null()) << report.dump(1);
  }
}

TEST_P(descriptors, sockets_that_were_never_connected_are_told_from_dead_ones) {
  const program forgetting("forgetful", [&](const program::ready& ready) {
    std::vector<fd> made;
    for (int i = 0; i < 150; ++i) {
      made.emplace_back(::socket(is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }
    ready("");
    for (;;) ::pause();
  });
  for (const auto& look : sources()) {
    const auto first = first_finding(diagnose(look));
    ASSERT_EQ(first.value("id", ""), "ghost-sockets") << look.back() << first.dump(1);
    EXPECT_EQ(first.at("title"), "forgetful (pid " + std::to_string(forgetting.pid()) +
                                     ") holds 150 sockets that it never connected");
  }
}

TEST_P(descriptors, connections_that_were_reset_are_ghosts_for_certain) {
  const where server{loopback(), 8080};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    serve_all(listener, [](const fd& c) {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(c.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    });
  });
  const program keeping("keeper", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 150; ++i) kept.push_back(connect_to(server));
    ::usleep(200'000);
    ready("");
    for (;;) ::pause();
  });
  for (const auto& look : sources()) {
    const auto found = finding(diagnose(look), "ghost-sockets");
    ASSERT_FALSE(found.is_null()) << look.back();
    EXPECT_EQ(found.at("confidence"), "certain");
    EXPECT_NE(found.at("title").get<std::string>().find("150 descriptors"), std::string::npos)
        << found.at("title");
  }
}

TEST_P(descriptors, are_the_same_from_every_source) {
  const where server{loopback(), 8080};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    std::vector<fd> open;
    ready("");
    for (;;) open.push_back(accept_from(listener));
  });
  const program client("client", [&](const program::ready& ready) {
    std::vector<fd> open;
    for (int i = 0; i < 500; ++i) open.push_back(connect_to(server));
    ::usleep(300'000);
    ready("");
    for (;;) ::pause();
  });
  std::vector<nlohmann::json> rows;
  for (auto words : sources()) {
    words.insert(words.begin(), {"sockets", "--json", "--by", "state,peer,owner,listener"});
    rows.push_back(nlohmann::json::parse(run_waitstate(words).output).at("groups"));
    for (auto& row : rows.back()) row.erase("oldest_ms");  // one look is later than the other
    EXPECT_EQ(rows.front(), rows.back());
  }
  EXPECT_NE(rows.front().dump().find("\"client\""), std::string::npos) << rows.front().dump(1);
}

TEST_P(descriptors, connections_that_a_child_inherited_are_not_its_own_leak) {
  const where server{loopback(), 8080};
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    std::vector<fd> accepted;
    for (int i = 0; i < 30; ++i) accepted.push_back(accept_from(listener));
    if (::fork() == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, "sleep");
      for (;;) ::pause();
    }
    accepted.clear();
    for (;;) ::pause();
  });
  const program client("client", [&](const program::ready& ready) {
    {
      std::vector<fd> open;
      for (int i = 0; i < 30; ++i) open.push_back(connect_to(server));
      ::usleep(300'000);
    }
    ready("");
    for (;;) ::pause();
  });
  for (const auto& look : looks) {
    const auto report = diagnose(look);
    const auto found = finding(report, "server-not-closing");
    ASSERT_FALSE(found.is_null()) << report.dump(1);
    EXPECT_EQ(found.at("subject").at("process"), "sleep");
    EXPECT_NE(found.at("cause").get<std::string>().find("close-on-exec"), std::string::npos)
        << found.dump(1);
    EXPECT_NE(found.at("cause").get<std::string>().find("pid " + std::to_string(serving.pid())),
              std::string::npos)
        << found.dump(1);
  }
}

WAITSTATE_BOTH_FAMILIES(descriptors);

}  // namespace
}  // namespace waitstate::kernel_test
