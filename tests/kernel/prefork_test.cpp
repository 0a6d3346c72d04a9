#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <sstream>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

/// Servers of several processes that stand still: the one that a listener is told by is the wrong
/// one to look at.
class prefork : public network_test {
 protected:
  const where server{loopback(), 9000};
  const std::vector<std::vector<std::string>> looks{{}, {"--interval", "300ms"}};

  static void pass(double seconds) { ::usleep(static_cast<useconds_t>(seconds * 1e6)); }

  /// Children of the calling program that do `work` and stay; their pids with blanks between them.
  static std::string start_workers(int count, const std::function<void()>& work) {
    std::string pids;
    for (int i = 0; i < count; ++i) {
      const auto pid = ::fork();
      if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        work();
        for (;;) ::pause();
      }
      pids += (pids.empty() ? "" : " ") + std::to_string(pid);
    }
    return pids;
  }

  static std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
  }

  /// Opens connections and sends a request on each, then does `then` with them.
  [[nodiscard]] program clients(int count,
                                const std::function<void(std::vector<fd>&)>& then) const {
    return program("client", [this, count, then](const program::ready& ready) {
      std::vector<fd> open;
      for (int i = 0; i < count; ++i) {
        open.push_back(connect_to(server));
        send_bytes(open.back(), 100);
      }
      ::usleep(200'000);  // the workers take theirs
      then(open);
      ready("");
      for (;;) ::pause();
    });
  }
};

TEST_P(prefork, workers_that_are_all_busy_are_named_with_what_they_do) {
  const program master("master", [&](const program::ready& ready) {
    const auto listener = listen_on(server, 4096);
    ready(start_workers(3, [&] {
      const auto busy_with = accept_from(listener);
      for (;;) ::pause();
    }));
    for (;;) ::pause();
  });
  const auto client = clients(12, [](std::vector<fd>&) {});
  pass(1.5);
  for (const auto& look : looks) {
    const auto report = diagnose(look);
    const auto first = first_finding(report);
    ASSERT_EQ(first.value("id", ""), "accept-queue-stuck") << report.dump(1);
    EXPECT_EQ(first.at("subject").at("pid"), master.pid());
    EXPECT_NE(first.at("title").get<std::string>().find(
                  "all 3 workers are busy: 9 connections wait in the queue of " + text_of(server)),
              std::string::npos)
        << first.at("title");
    const auto evidence = first.at("evidence").dump();
    for (const auto& pid : words_of(master.said())) {
      EXPECT_NE(evidence.find(pid), std::string::npos) << pid << " in " << evidence;
    }
    const auto command = first.at("remedies").at(0).at("command").get<std::string>();
    EXPECT_NE(command.find(words_of(master.said()).at(0)), std::string::npos) << command;
    EXPECT_EQ(command.find(std::to_string(master.pid())), std::string::npos) << command;
  }
}

TEST_P(prefork, a_master_that_hands_out_connections_to_workers_that_take_none) {
  const program master("master", [&](const program::ready& ready) {
    const auto workers = start_workers(2, [] {});
    const auto listener = listen_on(server);
    ready(workers);
    std::vector<fd> undelivered;
    serve_all(listener, [&](fd c) { undelivered.push_back(std::move(c)); });
  });
  const auto client = clients(4, [](std::vector<fd>&) {});
  EXPECT_EQ(finding(diagnose(), "application-stalled"), nullptr) << "they came a moment ago";
  pass(5.5);
  for (const auto& look : looks) {
    const auto report = diagnose(look);
    const auto first = first_finding(report);
    ASSERT_EQ(first.value("id", ""), "application-stalled") << report.dump(1);
    EXPECT_EQ(first.at("subject").at("pid"), master.pid());
    const auto evidence = first.at("evidence").dump();
    EXPECT_NE(evidence.find("not one byte was ever read"), std::string::npos) << evidence;
    for (const auto& pid : words_of(master.said())) {
      EXPECT_NE(evidence.find(pid), std::string::npos) << pid << " in " << evidence;
    }
  }
}

TEST_P(prefork, connections_that_clients_gave_up_are_counted_over_all_workers) {
  constexpr int workers = 12;
  const program master("master", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready(start_workers(workers, [&] {
      const auto one = accept_from(listener);
      const auto two = accept_from(listener);
      read_bytes(one, 100);
      read_bytes(two, 100);
      for (;;) ::pause();
    }));
    for (;;) ::pause();
  });
  const auto client = clients(2 * workers, [](std::vector<fd>& open) { open.clear(); });
  pass(0.3);
  for (const auto& look : looks) {
    const auto report = diagnose(look);
    const auto found = finding(report, "server-not-closing");
    ASSERT_FALSE(found.is_null()) << report.dump(1);
    EXPECT_NE(found.at("title").get<std::string>().find(" processes of master keep 24 connections"),
              std::string::npos)
        << found.at("title");
  }
}

WAITSTATE_BOTH_FAMILIES(prefork);

}  // namespace
}  // namespace waitstate::kernel_test
