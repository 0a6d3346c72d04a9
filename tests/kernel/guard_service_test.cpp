#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/kernel/guard_runs.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;

/// As a service: started, told and ended by others.
class guard_service : public guard_test {
 protected:
  [[nodiscard]] std::vector<fd> leaked(int count, std::uint16_t port = 9443) const {
    const where at{loopback(), port};
    const auto listener = listen_on(at);
    std::vector<fd> all;
    for (int i = 0; i < count; ++i) {
      auto client = connect_to(at);
      static_cast<void>(accept_from(listener));
      wait_for_end(client);
      all.push_back(std::move(client));
    }
    return all;
  }

  /// From now on mounts are this process's own affair.
  static void enter_private_mounts() {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      throw std::system_error(errno, std::generic_category(), "a mount namespace");
    }
  }
  static void mount_memory(const std::string& at, const char* options) {
    if (::mount("none", at.c_str(), "tmpfs", 0, options) != 0) {
      throw std::system_error(errno, std::generic_category(), "tmpfs");
    }
  }
};

TEST_P(guard_service, tells_its_manager_how_it_goes) {
  const fd manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::ranges::copy(file("notify"), at.sun_path);
  ASSERT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(manager.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  // Watchdog calls come in between.
  int alive = 0;
  const auto next = [&] {
    std::array<char, 512> bytes{};
    for (;;) {
      const auto got = ::recv(manager.get(), bytes.data(), bytes.size(), 0);
      const std::string message(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (message != "WATCHDOG=1") return message.substr(0, message.find('\n'));
      ++alive;
    }
  };
  ::setenv("NOTIFY_SOCKET", file("notify").c_str(), 1);
  ::setenv("WATCHDOG_USEC", "300000", 1);
  rules(reaping(""));
  running_guard watching(words());
  EXPECT_EQ(next(), "READY=1");
  std::this_thread::sleep_for(1'500ms);
  ::kill(watching.process().pid(), SIGHUP);
  EXPECT_EQ(next(), "RELOADING=1");
  EXPECT_EQ(next(), "READY=1");
  EXPECT_GE(alive, 5) << "each 0.3 s, also between two looks";
  ::kill(watching.process().pid(), SIGTERM);
  EXPECT_EQ(next(), "STOPPING=1");
  for (int i = 0; i < 100 && watching.process().is_running(); ++i)
    std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(watching.process().is_running());
}

TEST_P(guard_service, reads_a_better_policy_and_keeps_the_old_one_instead_of_a_worse) {
  rules(reaping(""));
  running_guard watching(words());
  std::this_thread::sleep_for(500ms);
  rules("[[rule]]\nnam = \"x\"\n");
  ::kill(watching.process().pid(), SIGHUP);
  ASSERT_TRUE(watching.says("trouble"));
  const auto trouble = of(watching.said(), "trouble").at(0).at("trouble").get<std::string>();
  EXPECT_NE(trouble.find("line 3, column 1"), trouble.npos) << trouble;
  EXPECT_NE(trouble.find("stays"), trouble.npos) << trouble;
  const auto sockets = leaked(12);
  ASSERT_TRUE(watching.says("closed")) << "by the policy that was good";
  rules("[[rule]]\nname = \"another\"\nselect = \"state:close-wait\"\nwhen.count = 2\n");
  ::kill(watching.process().pid(), SIGHUP);
  const auto few = leaked(3);
  ASSERT_TRUE(watching.says("begins", 2));
  EXPECT_EQ(of(watching.said(), "begins").at(1).at("rule"), "another");
}

TEST_P(guard_service, a_stop_is_lifted_by_a_signal) {
  rules(reaping("per_minute = 10"));
  const auto sockets = leaked(12);
  running_guard watching(words());
  ASSERT_TRUE(watching.says("stops"));
  rules(reaping("per_minute = 100"));
  EXPECT_EQ(close_waits(), 12U);
  ::kill(watching.process().pid(), SIGHUP);
  ASSERT_TRUE(watching.says("closed"));
  EXPECT_EQ(close_waits(), 0U);
}

TEST_P(guard_service, without_the_capability_says_so_and_goes_on_reporting) {
  rules(reaping(""));
  const auto sockets = leaked(12);
  const program without("no-admin", [&](const program::ready& ready) {
    ::prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0);
    auto all = words();
    all.emplace_back("--once");
    const auto ran = run_waitstate(all);
    auto said = std::to_string(ran.exit_status) + ran.output;
    std::ranges::replace(said, '\n', ' ');
    ready(said);
  });
  EXPECT_EQ(without.said().front(), '1');
  EXPECT_NE(without.said().find("begins"), std::string::npos) << without.said();
  EXPECT_NE(without.said().find("CAP_NET_ADMIN"), std::string::npos) << without.said();
  EXPECT_EQ(close_waits(), 12U);
}

/// What the unit leaves to it, by the kernel's numbers.
std::vector<unsigned long> capabilities_of_the_unit() {
  std::ifstream in(WAITSTATE_UNITS "/waitstate-guard.service");
  const std::string key = "CapabilityBoundingSet=";
  std::vector<unsigned long> all;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream names(line.substr(key.size()));
    for (std::string name; names >> name;) {
      if (name == "CAP_NET_ADMIN") all.push_back(CAP_NET_ADMIN);
      if (name == "CAP_SYS_PTRACE") all.push_back(CAP_SYS_PTRACE);
      if (name == "CAP_DAC_READ_SEARCH") all.push_back(CAP_DAC_READ_SEARCH);
    }
  }
  return all;
}

TEST_P(guard_service, closes_another_users_leak_with_the_rights_of_its_unit) {
  const program leaker("leaker", [&](const program::ready& ready) {
    constexpr uid_t nobody = 65'534;
    if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) throw std::runtime_error("setuid");
    const auto sockets = leaked(12);
    ready("");
    ::pause();
  });
  const auto with_rights = [&](const std::string& how) {
    rules(reaping("reap.how = \"" + how + "\""));
    const program service("service", [&](const program::ready& ready) {
      const auto kept = capabilities_of_the_unit();
      for (unsigned long one = 0; one <= CAP_LAST_CAP; ++one) {
        if (std::ranges::find(kept, one) == kept.end()) ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
      }
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      auto all = words();
      all.emplace_back("--once");
      auto said = run_waitstate(all).output;
      std::ranges::replace(said, '\n', ' ');
      ready(said);
    });
    return service.said();
  };
  EXPECT_NE(with_rights("shutdown").find("\"closed\":12"), std::string::npos);
  EXPECT_EQ(close_waits(), 0U) << "a FIN went out: LAST-ACK or gone";
}

TEST_P(guard_service, a_namespace_that_is_not_there_is_the_trouble_of_its_rules_alone) {
  rules(reaping("") +
        "[[rule]]\nname = \"elsewhere\"\nselect = \"state:close-wait\"\n"
        "netns = \"nowhere-at-all\"\nwhen.count = 1\n");
  const auto sockets = leaked(12);
  const auto said = once(1);
  EXPECT_EQ(of(said, "closed").size(), 1U);
  ASSERT_EQ(of(said, "trouble").size(), 1U);
  EXPECT_EQ(of(said, "trouble")[0].at("rule"), "elsewhere");
  EXPECT_NE(of(said, "trouble")[0].at("trouble").get<std::string>().find("nowhere-at-all"),
            std::string::npos);
}

TEST_P(guard_service, looks_into_every_namespace_and_closes_in_the_one_that_leaks) {
  // Every namespace of the host: those of other tests, too, none of which has this port.
  const std::uint16_t port = is_v6() ? 9'706 : 9'704;
  rules("[[rule]]\nname = \"leak\"\nselect = \"state:close-wait peer-port:" + std::to_string(port) +
        "\"\nwhen.count = 10\naction = \"reap\"\nnetns = \"all\"\n");
  const auto ours = leaked(5, port);
  const int there = join_second_network("10.9.0.1", "10.9.0.2");
  const program leaker("leaker", [&](const program::ready& ready) {
    enter_network_of(there);
    const auto sockets = leaked(20, port);
    ready("");
    ::pause();
  });
  const auto closed = of(once(), "closed");
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].at("closed"), 20);
  EXPECT_EQ(closed[0].at("owner").at("pid"), leaker.pid());
  EXPECT_EQ(close_waits(), 5U);
}

TEST_P(guard_service, with_a_full_disk_it_reports_and_does_nothing_that_it_could_not_remember) {
  enter_private_mounts();
  const auto disk = file("disk");
  ASSERT_EQ(::mkdir(disk.c_str(), 0700), 0);
  mount_memory(disk, "size=8k");
  const auto at_disk = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{"--state", disk + "/state.json"};
    all.insert(all.end(), more.begin(), more.end());
    return words(all);
  };
  rules(reaping(""));
  running_guard watching(at_disk({}));
  ASSERT_TRUE(appears((disk + "/state.json")));
  std::ofstream(disk + "/filler") << std::string(100'000, 'x');
  const auto sockets = leaked(12);
  ASSERT_TRUE(watching.says("begins"));
  std::this_thread::sleep_for(2'200ms);
  EXPECT_EQ(close_waits(), 12U);
  EXPECT_EQ(of(watching.said(), "begins").size(), 1U);
  ASSERT_EQ(of(watching.said(), "trouble").size(), 1U) << "and that once";
  EXPECT_NE(of(watching.said(), "trouble")[0].at("trouble").get<std::string>().find("No space"),
            std::string::npos);
  ASSERT_EQ(::unlink((disk + "/filler").c_str()), 0);
  ASSERT_TRUE(watching.says("closed")) << "as soon as there is room";
  EXPECT_EQ(close_waits(), 0U);
}

TEST_P(guard_service, does_not_begin_where_it_could_not_remember) {
  rules(reaping(""));
  const auto ran = run_waitstate(words({"--state", "/nowhere/at/all/state.json", "--once"}));
  EXPECT_EQ(ran.exit_status, 1);
  EXPECT_NE(ran.errors.find("--state FILE"), std::string::npos) << ran.errors;
  static_cast<void>(folder_.write("state.json", "{"));
  const auto torn = run_waitstate(words({"--once"}));
  EXPECT_EQ(torn.exit_status, 1);
  EXPECT_NE(torn.errors.find("hint: mv"), std::string::npos) << torn.errors;
}

TEST_P(guard_service, is_alone_with_its_state) {
  rules(reaping(""));
  running_guard first(words());
  ASSERT_TRUE(appears(file("state.json")));
  const auto second = run_waitstate(words({"--once"}));
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_NE(second.errors.find("another guard"), std::string::npos) << second.errors;
}

TEST_P(guard_service, is_in_the_journal_with_every_act) {
  constexpr auto journald = "/lib/systemd/systemd-journald";
  if (::access(journald, X_OK) != 0) GTEST_SKIP() << "there is no journald here";
  enter_private_mounts();
  mount_memory("/run", "");
  std::filesystem::create_directories("/run/systemd/journald.conf.d");
  std::filesystem::create_directories("/run/log/journal");
  // It is one of its own: it reads no kernel's messages and leaves the kernel's audit alone.
  std::ofstream("/run/systemd/journald.conf.d/test.conf")
      << "[Journal]\nReadKMsg=no\nAudit=no\nStorage=volatile\n";
  const server_process journal({journald}, folder_.path());
  ASSERT_TRUE(appears("/run/systemd/journal/socket"));
  rules(reaping(""));
  const auto sockets = leaked(12);
  EXPECT_EQ(of(once(), "closed").size(), 1U);
  std::size_t closed = 0;
  std::size_t begun = 0;
  for (int i = 0; i < 100 && closed < 12; ++i) {
    std::this_thread::sleep_for(50ms);
    closed = begun = 0;
    const auto pipe =
        ::popen("journalctl -D /run/log/journal -t waitstate -o json --no-pager 2>/dev/null", "r");
    std::string text;
    std::array<char, 4'096> part{};
    for (std::size_t got = 0; (got = ::fread(part.data(), 1, part.size(), pipe)) > 0;) {
      text.append(part.data(), got);
    }
    ::pclose(pipe);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const auto entry = nlohmann::json::parse(line);
      if (entry.at("WAITSTATE_VERB") == "reap" &&
          entry.value("WAITSTATE_STATE", "") == "CLOSE-WAIT" &&
          entry.at("WAITSTATE_RULE") == "leak" && entry.at("WAITSTATE_OUTCOME") == "closed") {
        ++closed;
      }
      if (entry.at("WAITSTATE_OUTCOME") == "begins" && entry.at("WAITSTATE_VERB") == "guard")
        ++begun;
    }
  }
  EXPECT_EQ(closed, 12U);
  EXPECT_EQ(begun, 1U);
}

WAITSTATE_BOTH_FAMILIES(guard_service);

}  // namespace
}  // namespace waitstate::kernel_test
