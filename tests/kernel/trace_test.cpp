#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <thread>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

/// The columns of a line of --format csv, by the names in its heading. `how`, the last one, is the
/// only one that may hold a comma.
using columns = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& line, std::size_t most) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == ',' && parts.size() < most) {
      parts.emplace_back();
    } else if (c != '"' && c != '\r') {
      parts.back() += c;
    }
  }
  return parts;
}

/// `waitstate trace --format csv` in this process's network namespace, from when it follows.
class tracing {
 public:
  explicit tracing(std::vector<std::string> more = {}) {
    static int number = 0;
    path_ = testing::TempDir() + "waitstate-trace-" + std::to_string(::getpid()) + "-" +
            std::to_string(++number);
    words_ = {WAITSTATE_BINARY, "trace", "--format", "csv"};
    words_.insert(words_.end(), more.begin(), more.end());
    child_ = ::fork();
    if (child_ == 0) exec();
    for (int i = 0; i < 1000 && !has_heading() && is_running(); ++i) ::usleep(10'000);
  }
  ~tracing() {
    if (is_running()) stop(SIGKILL);
    ::unlink(path_.c_str());
    ::unlink((path_ + ".errors").c_str());
  }
  tracing(const tracing&) = delete;
  tracing& operator=(const tracing&) = delete;

  [[nodiscard]] bool is_running() {
    return child_ > 0 && ::waitpid(child_, &status_, WNOHANG) == 0;
  }
  void stop(int signal) {
    ::kill(child_, signal);
    ::waitpid(child_, &status_, 0);
    child_ = -1;
  }
  [[nodiscard]] int exit_status() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }
  [[nodiscard]] std::string errors() const { return text_of_file(path_ + ".errors"); }

  /// What it told, once it tells nothing more for a moment, ended by Ctrl-C.
  [[nodiscard]] std::vector<columns> told() {
    std::size_t before = 1;
    for (std::size_t now = 0; now != before; now = text_of_file(path_).size()) {
      before = now;
      ::usleep(1'000'000);
    }
    stop(SIGINT);
    std::istringstream lines(text_of_file(path_));
    std::string line;
    std::getline(lines, line);
    const auto names = split(line, 100);
    std::vector<columns> all;
    while (std::getline(lines, line)) {
      const auto values = split(line, names.size());
      auto& row = all.emplace_back();
      for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = values.at(i);
    }
    return all;
  }

 private:
  static std::string text_of_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has_heading() const {
    return text_of_file(path_).find('\n') != std::string::npos;
  }
  [[noreturn]] void exec() {
    const auto file = [](const std::string& path) {
      return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    };
    ::dup2(file(path_), STDOUT_FILENO);
    ::dup2(file(path_ + ".errors"), STDERR_FILENO);
    std::vector<char*> arguments;
    for (auto& word : words_) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }

  std::vector<std::string> words_;
  std::string path_;
  pid_t child_ = -1;
  int status_ = 0;
};

class trace : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    const auto tried = run_waitstate({"trace", "--duration", "1ms"});
    if (tried.exit_status == 0) return;
    // A program that the kernel does not take is a failure; a right that we lack is not.
    EXPECT_TRUE(tried.errors.find("Operation not permitted") != std::string::npos ||
                ::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        << tried.errors;
    GTEST_SKIP() << "this kernel takes no BPF from us: " << tried.errors;
  }

  const where server{loopback(), 8080};

  static std::string in_words(const columns& c) {
    return c.at("opener") + " | " + c.at("ending") + " | " + c.at("closed_first") + " | " +
           c.at("closer") + " | " + c.at("other_closer");
  }
};

TEST_P(trace, says_who_opened_who_closed_first_and_what_it_carried) {
  const program serving("answerer", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    serve_all(listener, [](const fd& c) {
      read_bytes(c, 100);
      send_bytes(c, 2000);
      read_to_end(c);
    });
  });
  tracing traced;
  const program asking("asker", [&](const program::ready& ready) {
    {
      const auto c = connect_to(server);
      send_bytes(c, 100);
      read_bytes(c, 2000);
      ::usleep(1'000);
    }
    ready("");
  });
  const auto told = traced.told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(in_words(told[0]), "asker | closed | local | asker | answerer");
  EXPECT_EQ(told[0].at("opener_pid"), std::to_string(asking.pid()));
  EXPECT_EQ(told[0].at("other_closer_pid"), std::to_string(serving.pid()));
  EXPECT_EQ(told[0].at("bytes_sent"), "100");
  EXPECT_EQ(told[0].at("bytes_received"), "2000");
  EXPECT_EQ(told[0].at("peer"), text_of(server));
  EXPECT_EQ(told[0].at("direction"), "outbound");
  const auto life = std::stoi(told[0].at("life_us"));
  EXPECT_TRUE(life >= 1'000 && life < 1'000'000) << life;
  EXPECT_EQ(traced.exit_status(), 0);
  EXPECT_EQ(traced.errors(), "");
}

TEST_P(trace, says_why_a_connection_ended) {
  enum way : std::uint8_t { peer_first, unread, linger, dies };
  const program serving("server", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    serve_all(listener, [](const fd& c) {
      std::uint8_t how = 0;
      if (::read(c.get(), &how, 1) != 1) return;
      if (how == linger) {
        const struct linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(c.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      }
      if (how == unread) ::usleep(100'000);  // until the rest is there
      if (how == dies) read_to_end(c);
    });
  });
  tracing traced;
  const auto ask = [&](const std::string& name, way how) {
    const program asking(name, [&](const program::ready& ready) {
      {
        const auto c = connect_to(server);
        const auto word = static_cast<std::uint8_t>(how);
        EXPECT_EQ(::write(c.get(), &word, 1), 1);
        if (how == unread) send_bytes(c, 50);
        if (how == dies) {
          ready("");
          for (;;) ::pause();
        }
        char rest = 0;
        (void)::read(c.get(), &rest, 1);
      }
      ready("");
    });
    ::usleep(50'000);
  };
  ask("waits", peer_first);
  ask("talks", unread);
  ask("lingers", linger);
  ask("dies", dies);
  const program refusing("refused", [&](const program::ready& ready) {
    EXPECT_THROW((void)connect_to({loopback(), 9}), std::system_error);
    ready("");
  });
  std::map<std::string, columns> by_opener;
  for (auto& row : traced.told()) by_opener[row.at("opener")] = row;
  EXPECT_EQ(in_words(by_opener["waits"]), "waits | closed | peer | waits | server");
  EXPECT_EQ(by_opener["talks"].at("how"),
            "server (pid " + std::to_string(serving.pid()) + ") closed with 50 B unread: a reset");
  EXPECT_EQ(by_opener["lingers"].at("how"),
            "server (pid " + std::to_string(serving.pid()) + ") closed with SO_LINGER 0: a reset");
  EXPECT_EQ(in_words(by_opener["dies"]), "dies | closed | local | dies | server")
      << "a program that is killed closes what it holds";
  EXPECT_EQ(by_opener["refused"].at("ending"), "refused");
  EXPECT_EQ(by_opener.size(), 5U);
}

TEST_P(trace, a_connect_that_found_no_port_was_not_given_up) {
  set_sysctl("net.ipv4.ip_local_port_range", "40000 40001");
  const auto listener = listen_on(server);
  const auto first = connect_to(server);
  const auto second = connect_to(server);
  tracing traced;
  const program portless("portless", [&](const program::ready& ready) {
    EXPECT_THROW((void)connect_to(server), std::system_error);
    ready("");
  });
  const auto rows = traced.told();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("opener"), "portless");
  EXPECT_EQ(rows[0].at("ending"), "no-port");
  EXPECT_NE(rows[0].at("how").find("EADDRNOTAVAIL"), std::string::npos) << rows[0].at("how");
}

TEST_P(trace, tells_a_reset_after_a_shutdown_and_one_of_a_listener_that_closes) {
  tracing traced;
  {
    const auto listener = listen_on(server);
    const auto waiting = connect_to(server);
    auto near = connect_to(server);
    const auto first = accept_from(listener);
    const auto far = accept_from(listener);
    send_bytes(far, 50);
    ::shutdown(near.get(), SHUT_WR);
    ::usleep(50'000);
    near = {};
    ::usleep(50'000);
    const auto never_accepted = connect_to(server);
    ::usleep(50'000);
  }
  std::map<std::string, int> endings;
  for (const auto& row : traced.told()) ++endings[row.at("ending")];
  EXPECT_EQ(endings["unread-data"], 1);
  EXPECT_EQ(endings["never-accepted"] + endings["reset-by-peer"], 1);
}

TEST_P(trace, names_the_program_and_not_its_thread) {
  const auto listener = listen_on(server);
  tracing traced({"process:the-program"});
  const program client("the-program", [&](const program::ready& ready) {
    std::thread([&] {
      ::prctl(PR_SET_NAME, "a-worker");
      (void)connect_to(server);
    }).join();
    ready("");
  });
  (void)accept_from(listener);
  const auto told = traced.told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("opener"), "the-program");
  EXPECT_EQ(told[0].at("opener_pid"), std::to_string(client.pid()));
}

TEST_P(trace, a_listener_that_closes_is_no_connection_and_neither_is_a_socket_never_connected) {
  tracing traced;
  {
    const auto listener = listen_on(server);
    const fd forgotten(::socket(is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  EXPECT_TRUE(traced.told().empty());
}

TEST_P(trace, a_connection_that_was_open_before_has_no_opener) {
  const auto listener = listen_on(server);
  auto near = connect_to(server);
  auto far = accept_from(listener);
  tracing traced;
  near = {};
  ::usleep(50'000);
  far = {};
  const auto told = traced.told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("opener"), "");
  EXPECT_EQ(told[0].at("life_us"), "");
  EXPECT_EQ(told[0].at("direction"), "unknown");
  EXPECT_EQ(told[0].at("ending"), "closed");
}

TEST_P(trace, a_socket_that_was_passed_to_a_child_is_closed_by_who_closed_it_last) {
  const auto listener = listen_on(server);
  tracing traced;
  const program parent("parent", [&](const program::ready& ready) {
    auto c = connect_to(server);
    const auto accepted = accept_from(listener);
    const program child("child", [&](const program::ready& started) {
      started("");
      ::usleep(300'000);
      c = {};
    });
    c = {};
    ::usleep(500'000);
    ready("");
  });
  const auto told = traced.told();
  ASSERT_GE(told.size(), 1U);
  EXPECT_EQ(told[0].at("opener"), "parent");
  EXPECT_EQ(told[0].at("closer"), "child");
}

TEST_P(trace, attributes_ten_thousand_closes_of_three_processes_exactly) {
  constexpr int each = 3'334;
  const std::vector<where> servers{{loopback(), 8081}, {loopback(), 8082}, {loopback(), 8083}};
  std::vector<std::unique_ptr<program>> running;
  for (const auto& s : servers) {
    running.push_back(std::make_unique<program>(
        "server-" + std::to_string(s.port), [&](const program::ready& ready) {
          const auto listener = listen_on(s, 4096);
          ready("");
          serve_all(listener, [](const fd& c) { read_to_end(c); });
        }));
  }
  tracing traced;
  for (const auto& s : servers) {
    const program client("client-" + std::to_string(s.port), [&](const program::ready& ready) {
      for (int i = 0; i < each; ++i) (void)connect_to(s);
      ready("");
    });
  }
  // A server that lags behind closes too late to be in one line with its client.
  std::map<std::string, int> opened;
  std::map<std::string, int> closed_first;
  std::map<std::string, int> closed;
  for (const auto& row : traced.told()) {
    if (row.at("direction") == "outbound") {
      ++opened[row.at("opener") + " to " + row.at("peer")];
      ++closed_first[row.at("closer") + " " + row.at("closed_first")];
    }
    ++closed[row.at("closer")];
    if (!row.at("other_closer").empty()) ++closed[row.at("other_closer")];
  }
  EXPECT_EQ(traced.errors(), "");
  std::map<std::string, int> wanted_opened;
  std::map<std::string, int> wanted_first;
  std::map<std::string, int> wanted_closed;
  for (const auto& s : servers) {
    const auto port = std::to_string(s.port);
    wanted_opened["client-" + port + " to " + text_of(s)] = each;
    wanted_first["client-" + port + " local"] = each;
    wanted_closed["client-" + port] = each;
    wanted_closed["server-" + port] = each;
  }
  EXPECT_EQ(opened, wanted_opened);
  EXPECT_EQ(closed_first, wanted_first);
  EXPECT_EQ(closed, wanted_closed);
}

TEST_P(trace, chooses_by_words_and_ends_after_a_count) {
  const auto listener = listen_on(server);
  tracing traced({"port:8080", "process:wanted", "--count", "2"});
  const auto connect_as = [&](const std::string& name) {
    const program client(name, [&](const program::ready& ready) {
      (void)connect_to(server);
      ready("");
    });
    const auto accepted = accept_from(listener);
    char end = 0;
    EXPECT_EQ(::read(accepted.get(), &end, 1), 0);
  };
  connect_as("other");
  for (int i = 0; i < 3; ++i) connect_as("wanted");
  for (int i = 0; i < 300 && traced.is_running(); ++i) ::usleep(10'000);
  EXPECT_EQ(traced.exit_status(), 0);
}

TEST_P(trace, may_run_twice_at_once_and_leaves_nothing_when_it_is_killed) {
  const auto listener = listen_on(server);
  tracing killed;
  tracing stays;
  killed.stop(SIGKILL);
  (void)connect_to(server);
  (void)accept_from(listener);
  EXPECT_EQ(stays.told().size(), 1U);
}

WAITSTATE_BOTH_FAMILIES(trace);

}  // namespace
}  // namespace waitstate::kernel_test
