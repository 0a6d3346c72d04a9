#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int parent_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const auto name_end = stat.rfind(')');
  return name_end == stat.npos ? 0 : std::atoi(stat.c_str() + name_end + 4);
}

int links_of_bpf(int pid) {
  int links = 0;
  std::error_code gone;
  for (const auto& fd :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
    const auto target = std::filesystem::read_symlink(fd, gone).string();
    if (target == "anon_inode:bpf_link" || target == "anon_inode:bpf-raw-tracepoint") ++links;
  }
  return links;
}

/// Until a child of this process has attached both programs.
void wait_until_followed() {
  constexpr int times = 1'000;
  for (int i = 0; i < times; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const int pid = std::atoi(entry.path().filename().c_str());
      if (pid > 0 && parent_of(pid) == ::getpid() && links_of_bpf(pid) >= 2) return;
    }
    ::usleep(10'000);
  }
  throw std::runtime_error("nobody follows connections");
}

/// What two looks of another process know of connections that came and went between them.
class followed : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    const auto tried = run_waitstate({"trace", "--duration", "1ms"});
    if (tried.exit_status != 0)
      GTEST_SKIP() << "this kernel takes no BPF from us: " << tried.errors;
  }

  /// The groups and flows of `sockets` after a look before and one behind `work`, which has to be
  /// done in this time. `is_followed` says that a tracer is to be waited for.
  static nlohmann::json looked_around(milliseconds time, const std::function<void()>& work,
                                      std::vector<std::string> more = {}, bool is_followed = true) {
    std::thread worker([&] {
      if (is_followed) wait_until_followed();
      work();
    });
    more.insert(more.begin(),
                {"sockets", "--json", "--interval", std::to_string(time.count()) + "ms"});
    const auto run = run_waitstate(more);
    worker.join();
    if (run.output.empty()) throw std::runtime_error(run.errors);
    return nlohmann::json::parse(run.output);
  }

  static std::string name_of(const nlohmann::json& process) {
    return process.is_null() ? "nobody" : process.value("process", "");
  }

  static std::vector<std::string> limits_of(const nlohmann::json& report) {
    std::vector<std::string> ids;
    for (const auto& l : report.at("limits")) ids.push_back(l.at("id"));
    return ids;
  }

  static void connect_and_close(const where& to, int times) {
    for (int i = 0; i < times; ++i) std::ignore = connect_to(to);
  }

  const where server{loopback(), 8080};
};

/// Serves in a process of its own, reads to the end and closes.
std::unique_ptr<program> polite_server(const std::string& name, const where& at) {
  return std::make_unique<program>(name, [at](const program::ready& ready) {
    const auto listener = listen_on(at, 4096);
    ready("");
    serve_all(listener, [](const fd& c) { read_to_end(c); });
  });
}

TEST_P(followed, ten_thousand_closes_of_three_processes_are_attributed_exactly) {
  set_sysctl("net.ipv4.ip_local_port_range", "10000 60999");
  set_sysctl("net.ipv4.tcp_tw_reuse", "0");  // each leaves a TIME-WAIT that stays
  constexpr int each = 3'334;
  const std::vector<where> servers{{loopback(), 8081}, {loopback(), 8082}, {loopback(), 8083}};
  std::vector<std::unique_ptr<program>> running;
  running.reserve(servers.size());
  for (const auto& s : servers) {
    running.push_back(polite_server("server-" + std::to_string(s.port), s));
  }
  std::vector<std::unique_ptr<program>> clients;
  const auto seen = looked_around(milliseconds(12'000), [&] {
    for (const auto& s : servers) {
      clients.push_back(std::make_unique<program>("client-" + std::to_string(s.port),
                                                  [s](const program::ready& ready) {
                                                    connect_and_close(s, each);
                                                    ready("");
                                                  }));
    }
  });
  std::map<std::string, int> opened;
  std::map<std::string, int> ended;
  for (const auto& f : seen.at("followed").at("flows")) {
    if (f.at("direction") != "outbound") continue;
    const auto key = name_of(f.at("opener")) + " closed by " + name_of(f.at("closer")) + " to " +
                     f.at("end").get<std::string>();
    opened[key] += f.at("opened").get<int>();
    ended[key] += f.at("closed_here_first").get<int>();
  }
  std::map<std::string, int> wanted;
  for (const auto& s : servers) {
    const auto client = "client-" + std::to_string(s.port);
    wanted[client + " closed by " + client + " to " + text_of(s)] = each;
  }
  EXPECT_EQ(opened, wanted);
  EXPECT_EQ(ended, wanted);
  // What is left of each has the process that made it, though that holds no descriptor of it. The
  // kernel ends a few of them early, so there are no more than these.
  int left = 0;
  for (const auto& g : seen.at("groups")) {
    const auto& states = g.at("states");
    if (!states.contains("TIME-WAIT") && !states.contains("FIN-WAIT-2")) continue;
    const auto owner = name_of(g.at("owner"));
    const auto peer = g.at("peer").get<std::string>();
    EXPECT_EQ(owner, "client-" + peer.substr(peer.rfind(':') + 1)) << g.dump();
    left += g.at("count").get<int>();
  }
  EXPECT_GT(left, each * 3 * 9 / 10);
  EXPECT_EQ(seen.at("followed").at("not_counted"), 0);
}

TEST_P(followed, a_finding_names_who_connects_and_what_one_carries) {
  const auto serving = polite_server("server", server);
  std::unique_ptr<program> churning;
  std::thread begins([&] {
    wait_until_followed();
    churning = std::make_unique<program>("churner", [&](const program::ready& ready) {
      for (int i = 0; i < 400; ++i) {
        const auto c = connect_to(server);
        send_bytes(c, 300);
        ::usleep(1'000);
      }
      ready("");
    });
  });
  const auto report = diagnose({"--interval", "4s"});
  begins.join();
  const auto found = finding(report, "short-connections");
  ASSERT_FALSE(found.is_null()) << report.dump(1);
  EXPECT_EQ(found.at("subject").at("pid"), churning->pid());
  EXPECT_EQ(found.at("confidence"), "certain");
  EXPECT_NE(found.at("title").get<std::string>().find(", opened by churner"), std::string::npos)
      << found.at("title");
  const auto proof = found.at("evidence").dump();
  EXPECT_NE(proof.find("opened 400 connections within"), std::string::npos) << proof;
  EXPECT_NE(proof.find("half of them less than 512 B, 300 B on average"), std::string::npos)
      << proof;
}

TEST_P(followed, knows_the_age_of_a_close_wait_to_the_moment) {
  const auto listener = listen_on(server);
  fd near;
  fd far;
  steady_clock::time_point closed;
  const auto seen = looked_around(milliseconds(3'000), [&] {
    near = connect_to(server);
    far = accept_from(listener);
    closed = steady_clock::now();
    near = {};
  });
  const auto passed =
      std::chrono::duration_cast<milliseconds>(steady_clock::now() - closed).count();
  int found = 0;
  for (const auto& g : seen.at("groups")) {
    if (!g.at("states").contains("CLOSE-WAIT")) continue;
    ++found;
    const auto age = g.at("oldest_ms").get<std::int64_t>();
    EXPECT_LE(age, passed);
    EXPECT_GE(age, passed - 1'500) << "the second look was that much before, at most";
  }
  EXPECT_EQ(found, 1) << seen.dump(1);
}

TEST_P(followed, a_script_is_told_with_what_it_starts_again_and_again) {
  const auto serving = polite_server("server", server);
  std::unique_ptr<program> script;
  const auto seen = looked_around(milliseconds(3'000), [&] {
    script = std::make_unique<program>("script", [&](const program::ready& ready) {
      for (int i = 0; i < 20; ++i) {
        const program child("one-call", [&](const program::ready& done) {
          std::ignore = connect_to(server);
          done("");
        });
      }
      ready("");
    });
  });
  for (const auto& f : seen.at("followed").at("flows")) {
    if (f.at("direction") != "outbound") continue;
    EXPECT_EQ(f.at("opener").at("pid"), script->pid());
    EXPECT_EQ(f.at("started"), "one-call");
    EXPECT_EQ(f.at("programs"), 20);
    EXPECT_EQ(f.at("ended"), 20);
  }
}

TEST_P(followed, who_was_killed_has_closed_what_it_held) {
  const auto serving = polite_server("server", server);
  std::int32_t killed = 0;
  const auto seen = looked_around(milliseconds(3'000), [&] {
    const program dying("dying", [&](const program::ready& ready) {
      std::vector<fd> held;
      held.reserve(50);
      for (int i = 0; i < 50; ++i) held.push_back(connect_to(server));
      ready("");
      for (;;) ::pause();
    });
    killed = dying.pid();
  });
  int of_it = 0;
  for (const auto& g : seen.at("groups")) {
    if (!g.at("states").contains("TIME-WAIT")) continue;
    EXPECT_EQ(name_of(g.at("owner")), "dying");
    EXPECT_EQ(g.at("owner").at("pid"), killed);
    of_it += g.at("states").at("TIME-WAIT").get<int>();
  }
  EXPECT_EQ(of_it, 50) << seen.dump(1);
}

TEST_P(followed, sees_a_namespace_other_than_ours) {
  const program elsewhere("elsewhere", [&](const program::ready& ready) {
    enter_private_network();
    const auto listener = listen_on(server);
    ready("");
    for (;;) {
      const auto near = connect_to(server);
      const auto far = accept_from(listener);
      ::usleep(5'000);
    }
  });
  const auto seen =
      looked_around(milliseconds(1'500), [] {}, {"--netns", std::to_string(elsewhere.pid())});
  int ended = 0;
  for (const auto& f : seen.at("followed").at("flows")) {
    if (f.at("direction") != "outbound") continue;
    EXPECT_EQ(f.at("opener").at("pid"), elsewhere.pid());
    ended += f.at("ended").get<int>();
  }
  EXPECT_GT(ended, 20);
}

TEST_P(followed, says_what_is_not_known_and_since_when) {
  const auto serving = polite_server("server", server);
  connect_and_close(server, 10);
  const auto seen = looked_around(milliseconds(1'500), [] {});
  EXPECT_EQ(std::ranges::count(limits_of(seen), "followed-since"), 1) << seen.at("limits").dump();
  const auto by_netlink = looked_around(milliseconds(1'500), [] {}, {"--source", "netlink"}, false);
  EXPECT_TRUE(by_netlink.at("followed").is_null());
}

WAITSTATE_BOTH_FAMILIES(followed);

}  // namespace
}  // namespace waitstate::kernel_test
