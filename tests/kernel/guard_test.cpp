#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <semaphore>
#include <thread>

#include "tests/kernel/guard_runs.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class guard : public guard_test {};

/// Connections of this process whose other end has closed.
std::vector<fd> leaked(const where& at, const fd& listener, int count) {
  std::vector<fd> all;
  for (int i = 0; i < count; ++i) {
    auto client = connect_to(at);
    static_cast<void>(accept_from(listener));  // and closed at once
    wait_for_end(client);
    all.push_back(std::move(client));
  }
  return all;
}

TEST_P(guard, tells_a_leak_once_with_its_owner_and_once_more_when_it_has_ended) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  const auto quiet_for = [&](const std::string& duration) {
    rules("[[rule]]\nname = \"leak\"\nselect = \"state:close-wait\"\nwhen.count = 10\nquiet = \"" +
          duration + "\"\n");
  };
  quiet_for("1h");
  EXPECT_TRUE(once().empty());
  auto sockets = leaked(at, listener, 12);
  const auto first = once();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].at("event"), "begins");
  EXPECT_EQ(first[0].at("count"), 12);
  EXPECT_EQ(first[0].at("owner").at("pid"), ::getpid());
  EXPECT_TRUE(once().empty()) << "it has been told";
  sockets.clear();
  EXPECT_TRUE(once().empty()) << "not quiet for so long yet";
  quiet_for("1s");
  std::this_thread::sleep_for(1'100ms);
  const auto last = once();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].at("event"), "ends");
  EXPECT_EQ(last[0].at("most"), 12);
  EXPECT_TRUE(once().empty());
}

TEST_P(guard, closes_what_one_owner_leaks_and_leaves_the_others) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(reaping(""));
  const auto ours = leaked(at, listener, 30);
  const program other("tidy", [&](const program::ready& ready) {
    const auto few = leaked(at, listener, 5);
    ready("");
    ::pause();
  });
  ASSERT_EQ(close_waits(), 35U);
  EXPECT_EQ(of(once(0, {"--dry-run"}), "would-close").at(0).at("to_close"), 30);
  EXPECT_EQ(close_waits(), 35U) << "a dry run closes nothing";
  const auto closed = of(once(), "closed");
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].at("closed"), 30);
  EXPECT_EQ(closed[0].at("owner").at("pid"), ::getpid());
  EXPECT_EQ(close_waits(), 5U) << "those of a program under the threshold";
  std::ifstream audit(file("audit.jsonl"));
  int lines = 0;
  for (std::string line; std::getline(audit, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.at("outcome") == "closed" && entry.at("rule") == "leak") ++lines;
  }
  EXPECT_EQ(lines, 30);
}

TEST_P(guard, that_would_close_more_than_its_limit_closes_nothing_until_it_may) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(reaping("per_minute = 25"));
  const auto first = leaked(at, listener, 15);
  EXPECT_EQ(of(once(), "closed").at(0).at("closed"), 15);
  const auto more = leaked(at, listener, 12);
  EXPECT_EQ(of(once(1), "stops").at(0).at("closed_in_minute"), 15) << "also of the run before";
  EXPECT_EQ(close_waits(), 12U);
  EXPECT_EQ(of(once(1), "trouble").size(), 1U) << "that it is stopped is said at each start";
  EXPECT_EQ(close_waits(), 12U);
  EXPECT_EQ(of(once(0, {"--resume"}), "closed").at(0).at("closed"), 10)
      << "what is left of this minute";
  EXPECT_EQ(close_waits(), 2U);
  EXPECT_TRUE(of(once(0), "stops").empty()) << "it may, until the leak has ended";
}

/// A program that leaks five connections a second and serves meanwhile; its event loop closes
/// what it is told has broken.
void leak_and_serve(const where& leaks_to, const where& serves_at, const program::ready& ready) {
  const auto service = listen_on(serves_at);
  std::vector<fd> kept;
  ready("");
  std::jthread serving([&] {
    serve_all(service, [](fd client) {
      std::thread([c = std::move(client)] {
        std::array<char, 64> bytes{};
        for (ssize_t got = 0; (got = ::recv(c.get(), bytes.data(), bytes.size(), 0)) > 0;) {
          ::send(c.get(), bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
        }
      }).detach();
    });
  });
  for (;;) {
    kept.push_back(connect_to(leaks_to));
    std::this_thread::sleep_for(200ms);
    std::erase_if(kept, [](const fd& one) {
      pollfd state{.fd = one.get(), .events = 0, .revents = 0};
      return ::poll(&state, 1, 0) == 1;
    });
  }
}

/// A few seconds; WAITSTATE_GUARD_SECONDS makes it minutes.
std::chrono::seconds how_long() {
  const char* const seconds = std::getenv("WAITSTATE_GUARD_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? 8 : std::atoi(seconds));
}

TEST_P(guard, holds_a_leak_under_its_threshold_while_the_program_serves) {
  const where leaks_to{loopback(), 9443};
  const where serves_at{loopback(), 9080};
  const program closer("closer", [&](const program::ready& ready) {
    const auto listener = listen_on(leaks_to);
    ready("");
    serve_all(listener, [](const fd& /*closed at once*/) {});
  });
  const program leaker(
      "leaker", [&](const program::ready& ready) { leak_and_serve(leaks_to, serves_at, ready); });
  rules(reaping("per_minute = 3000\nquiet = \"30s\""));
  running_guard watching(words());
  const auto client = connect_to(serves_at);
  std::atomic<std::uint64_t> answers = 0;
  std::jthread asking([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      send_bytes(client, 8);
      read_bytes(client, 8);
      ++answers;
      std::this_thread::sleep_for(20ms);
    }
  });
  std::size_t worst = 0;
  ASSERT_TRUE(watching.says("closed"));
  const auto until = steady_clock::now() + how_long();
  while (steady_clock::now() < until) {
    worst = std::max(worst, close_waits());
    std::this_thread::sleep_for(200ms);
  }
  asking.request_stop();
  asking.join();
  const auto said = watching.said();
  EXPECT_EQ(of(said, "begins").size(), 1U) << "one leak";
  EXPECT_EQ(of(said, "begins").at(0).at("owner").at("process"), "leaker");
  EXPECT_TRUE(of(said, "ends").empty()) << "it goes on";
  EXPECT_TRUE(of(said, "stops").empty());
  EXPECT_TRUE(of(said, "trouble").empty());
  std::uint64_t closed = 0;
  for (const auto& line : of(said, "closed")) closed += line.at("closed").get<std::uint64_t>();
  // From 10 on, and what comes until the next look has been carried out.
  EXPECT_LE(worst, 60U);
  EXPECT_GE(closed, 10U);
  EXPECT_GE(answers, static_cast<std::uint64_t>(how_long().count()) * 2);
  std::printf("%lld s: at the worst %zu in CLOSE-WAIT, %llu closed, %llu answers\n",
              static_cast<long long>(how_long().count()), worst,
              static_cast<unsigned long long>(closed),
              static_cast<unsigned long long>(answers.load()));
}

/// The story that it is for: 400 leases hang in CLOSE-WAIT, and everybody waits for one.
TEST_P(guard, a_pool_of_400_that_hangs_lets_every_waiter_proceed) {
  const where at{loopback(), 9443};
  const where well{loopback(), 9444};
  const auto listener = listen_on(at);
  const auto healthy = listen_on(well);
  constexpr int size = 400;
  auto leases = leaked(at, listener, size);
  std::counting_semaphore<> free_leases(0);
  const fd loop(::epoll_create1(EPOLL_CLOEXEC));
  for (int i = 0; i < size; ++i) {
    epoll_event wanted{.events = EPOLLET, .data = {.u32 = static_cast<std::uint32_t>(i)}};
    ::epoll_ctl(loop.get(), EPOLL_CTL_ADD, leases[static_cast<std::size_t>(i)].get(), &wanted);
  }
  // An event loop that waits for an answer, told that the connection is broken.
  std::jthread returning([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      epoll_event one{};
      if (::epoll_wait(loop.get(), &one, 1, 100) != 1 || (one.events & EPOLLERR) == 0) continue;
      leases[one.data.u32] = fd();
      free_leases.release();
    }
  });
  std::atomic<int> proceeded = 0;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 60; ++i) {
    waiters.emplace_back([&] {
      if (!free_leases.try_acquire_for(20s)) return;
      if (connect_to(well)) ++proceeded;
    });
  }
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(proceeded, 0);
  rules(
      "[[rule]]\nname = \"pool\"\nselect = \"state:close-wait peer-port:9443\"\n"
      "when.pool = { size = 400, share = \"90%\" }\naction = \"reap\"\nper_minute = 400\n");
  EXPECT_EQ(of(once(), "closed").at(0).at("closed"), size);
  waiters.clear();
  EXPECT_EQ(proceeded, 60);
}

TEST_P(guard, that_is_killed_goes_on_where_it_was) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(reaping("per_minute = 50\nquiet = \"1m\""));
  const auto first = leaked(at, listener, 40);
  {
    running_guard killed(words());
    ASSERT_TRUE(killed.says("closed"));
    killed.process().kill();
    EXPECT_EQ(of(killed.said(), "begins").size(), 1U);
  }
  const auto more = leaked(at, listener, 20);
  running_guard again(words());
  ASSERT_TRUE(again.says("stops")) << "40 of its 50 were closed by the one before";
  EXPECT_TRUE(of(again.said(), "begins").empty()) << "told by the one before";
  EXPECT_EQ(close_waits(), 20U);
}

TEST_P(guard, killed_at_any_moment_leaves_a_state_that_is_read) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(reaping("per_minute = 100000"));
  for (int round = 0; round < 15; ++round) {
    const auto sockets = leaked(at, listener, 20);
    running_guard killed(words());
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * round * (is_v6() ? 3 : 2)));
    killed.process().kill();
    EXPECT_TRUE(of(once(), "trouble").empty());
    EXPECT_EQ(close_waits(), 0U);
  }
}

TEST_P(guard, a_program_that_goes_away_has_stopped_leaking) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(
      "[[rule]]\nname = \"leak\"\nselect = \"state:close-wait\"\nwhen.count = 10\n"
      "quiet = \"1s\"\n");
  running_guard watching(words());
  for (int round = 1; round <= 3; ++round) {
    const program short_lived("short-lived", [&](const program::ready& ready) {
      const auto sockets = leaked(at, listener, 15);
      ready("");
      ::pause();
    });
    ASSERT_TRUE(watching.says("begins", static_cast<std::size_t>(round)));
  }
  ASSERT_TRUE(watching.says("ends", 3));
  EXPECT_TRUE(of(watching.said(), "trouble").empty());
}

TEST_P(guard, after_another_start_of_the_host_or_a_strange_clock_it_goes_on) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(
      "[[rule]]\nname = \"leak\"\nselect = \"state:close-wait\"\nwhen.count = 10\n"
      "quiet = \"1s\"\n");
  const auto sockets = leaked(at, listener, 12);
  EXPECT_EQ(of(once(), "begins").size(), 1U);
  const auto edit = [&](const auto& change) {
    std::ifstream in(file("state.json"));
    auto state = nlohmann::json::parse(in);
    change(state);
    std::ofstream(file("state.json")) << state;
  };
  edit([](auto& state) {
    auto& open = state.at("rules").at(0).at("open").at(0);
    open.at("began_ms") = 900'000'000'000;
    open.at("last_over_ms") = 900'000'000'000;
  });
  EXPECT_TRUE(once().empty()) << "still the same leak";
  edit([](auto& state) { state.at("boot_id") = "another"; });
  const auto said = once();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].at("event"), "ends");
  EXPECT_EQ(said[0].at("why"), "the host was started again");
  EXPECT_EQ(said[1].at("event"), "begins");
}

TEST_P(guard, runs_a_command_when_few_ports_are_left_to_a_destination) {
  set_sysctl("net.ipv4.ip_local_port_range", "40000 40039");
  set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  rules(
      "[[rule]]\nname = \"ports\"\nselect = \"peer-port:9443\"\nwhen.ports_left = 15\n"
      "action = \"run\"\nrun = [\"/bin/sh\", \"-c\", \"env > '" +
      file("told") + "'; echo done; exit 4\"]\n");
  std::vector<fd> kept;
  for (int i = 0; i < 20; ++i) {
    kept.push_back(connect_to(at));
    kept.push_back(accept_from(listener));
  }
  EXPECT_TRUE(once().empty()) << "20 are left";
  for (int i = 0; i < 6; ++i) {
    auto client = connect_to(at);
    auto server = accept_from(listener);
    client = fd();
    wait_for_end(server);
  }
  const auto said = once();
  EXPECT_EQ(of(said, "begins").at(0).at("ports_left"), 14) << "TIME-WAIT holds its port, too";
  const auto ran = of(said, "ran").at(0);
  EXPECT_EQ(ran.at("exit_status"), 4);
  EXPECT_EQ(ran.at("output"), "done\n");
  std::ifstream in(file("told"));
  const std::string told{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(told.find("WAITSTATE_PORTS_LEFT=14\n"), told.npos) << told;
  EXPECT_NE(told.find("WAITSTATE_DESTINATION=" + text_of(at) + "\n"), told.npos) << told;
  EXPECT_EQ(told.find("HOME="), told.npos) << told;
  EXPECT_TRUE(of(once(), "ran").empty()) << "not again in its quiet period";
}

WAITSTATE_BOTH_FAMILIES(guard);

}  // namespace
}  // namespace waitstate::kernel_test
