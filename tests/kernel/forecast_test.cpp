#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <new>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using std::chrono::steady_clock;

/// A forecast against what then happens: clients at rates around the edge of what their ports
/// allow, each in a network of its own, all at once.
class forecast : public testing::Test {
 protected:
  static constexpr int ports = 600;
  static constexpr double edge = ports / 60.0;  // what TIME-WAIT of 60 s lets through, a second
  static constexpr int clients = 20;

  /// What a client tells while it runs, in memory that it shares with the test.
  struct progress {
    std::atomic<std::int64_t> failed_at_ms{-1};  ///< Since the test began.
    std::atomic<int> opened{0};
  };

  void SetUp() override {
    const auto size = sizeof(progress) * clients;
    void* shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    told_ = static_cast<progress*>(shared);
    for (int i = 0; i < clients; ++i) new (told_ + i) progress();
  }
  void TearDown() override { ::munmap(told_, sizeof(progress) * clients); }

  /// From three fifths of the edge to seven fifths; none so near it that a hiccup decides.
  static double rate_of(int client) {
    const double share = 0.6 + 0.8 * client / (clients - 1);
    return edge * (std::abs(share - 1) < 0.05 ? (share < 1 ? 0.95 : 1.05) : share);
  }

  [[nodiscard]] std::int64_t now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began_)
        .count();
  }

  void serve_and_connect(int client, const program::ready& ready) const {
    enter_private_network();
    set_sysctl("net.ipv4.ip_local_port_range", "40000 " + std::to_string(40'000 + ports - 1));
    set_sysctl("net.ipv4.tcp_tw_reuse", "0");
    const where server{"127.0.0.1", 8080};
    const auto listener = listen_on(server);
    const std::jthread serving([&] { serve_all(listener, [](fd c) { read_to_end(c); }); });
    ready("");
    const auto started = steady_clock::now();
    for (int i = 0;; ++i) {
      const std::chrono::duration<double> due(i / rate_of(client));
      std::this_thread::sleep_until(started +
                                    std::chrono::duration_cast<steady_clock::duration>(due));
      try {
        const auto closed_first = connect_to(server);
        told_[client].opened = i + 1;
      } catch (const std::system_error&) {
        std::int64_t not_yet = -1;
        told_[client].failed_at_ms.compare_exchange_strong(not_yet, now_ms());
      }
    }
  }

  const steady_clock::time_point began_ = steady_clock::now();
  progress* told_ = nullptr;
};

/// "...: the last port goes in 38 s": in how many seconds; or -1 where nothing is foretold.
double foretold_seconds(const nlohmann::json& report) {
  const auto found = finding(report, "ephemeral-port-exhaustion");
  if (found.is_null() || found.at("forecast").is_null()) return -1;
  const auto text = found.at("forecast").get<std::string>();
  const auto at = text.rfind("goes in ");
  if (at == text.npos) return -1;
  double seconds = 0;
  double number = 0;
  std::string unit;
  std::istringstream rest(text.substr(at + 8));
  while (rest >> number >> unit) seconds += unit.starts_with("min") ? 60 * number : number;
  return seconds;
}

TEST_F(forecast, of_twenty_rates_comes_true_for_those_that_run_out_and_never_for_others) {
  constexpr auto looked_after = std::chrono::seconds(25);
  constexpr auto over_after = std::chrono::seconds(80);
  std::vector<std::unique_ptr<program>> running;
  running.reserve(clients);
  for (int i = 0; i < clients; ++i) {
    running.push_back(std::make_unique<program>(
        "client", [this, i](const program::ready& ready) { serve_and_connect(i, ready); }));
  }
  std::this_thread::sleep_until(began_ + looked_after);
  struct prediction {
    double at_s = -1;  ///< Since the test began; -1: never.
    double looked_at_s = 0;
  };
  std::vector<prediction> predicted;
  predicted.reserve(clients);
  for (const auto& one : running) {
    const auto report = diagnose({"--netns", std::to_string(one->pid()), "--interval", "500ms"});
    const auto looked_at = static_cast<double>(now_ms()) / 1000;
    const auto in = foretold_seconds(report);
    predicted.push_back({.at_s = in < 0 ? -1 : looked_at + in, .looked_at_s = looked_at});
  }
  std::this_thread::sleep_until(began_ + over_after);
  int ran_out = 0;
  for (int i = 0; i < clients; ++i) {
    const auto failed = static_cast<double>(told_[i].failed_at_ms.load()) / 1000;
    const auto& p = predicted[static_cast<std::size_t>(i)];
    const auto about = "at " + std::to_string(rate_of(i)) + " a second of " + std::to_string(edge) +
                       ", " + std::to_string(told_[i].opened) + " opened, looked at " +
                       std::to_string(p.looked_at_s);
    // What a slow machine looked at when it was over is no forecast.
    if (failed >= 0 && failed < p.looked_at_s) {
      ++ran_out;
      continue;
    }
    EXPECT_EQ(p.at_s >= 0, failed >= 0)
        << about << ", foretold " << p.at_s << ", failed " << failed;
    if (failed >= 0) ++ran_out;
    if (p.at_s < 0 || failed < 0) continue;
    EXPECT_NEAR(p.at_s - p.looked_at_s, failed - p.looked_at_s, 0.2 * (failed - p.looked_at_s) + 2)
        << about;
  }
  EXPECT_GE(ran_out, clients / 3) << "of those over the edge";
  EXPECT_LE(ran_out, clients * 2 / 3) << "of those under it";
}

}  // namespace
}  // namespace waitstate::kernel_test
