// Closes what leaked, again and again, in a crowd that never stands still. A small one in two
// rounds; CONTRIBUTING.md says how it becomes 10,000 among 10,000 in a hundred.
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <random>
#include <set>
#include <thread>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

int number_of(const char* variable, int otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

std::string local_end_of(const fd& socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof(at);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size);
  if (at.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(at);
    std::array<std::uint8_t, 4> bytes{};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), 4, bytes.begin());
    return to_string(tcp::endpoint{tcp::address::v4(bytes), ntohs(v4.sin_port)});
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(at);
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16, bytes.begin());
  return to_string(tcp::endpoint{tcp::address::v6(bytes), ntohs(v6.sin6_port)});
}

/// Its end is a reset, so that its four-tuple is free at once.
void drop(fd& socket) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  socket = fd();
}

/// Where harm that was done to somebody healthy is written down, by any process of the test.
class complaints {
 public:
  complaints()
      : shared_(new(::mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0)) board) {}
  void note(const std::string& what) const {
    if (shared_->count++ > 0) return;
    std::copy_n(what.c_str(), std::min(what.size() + 1, shared_->first.size() - 1),
                shared_->first.begin());
  }
  void talked() const { ++shared_->talks; }
  [[nodiscard]] std::uint64_t count() const { return shared_->count; }
  [[nodiscard]] std::uint64_t talks() const { return shared_->talks; }
  [[nodiscard]] std::string first() const { return shared_->first.data(); }

 private:
  struct board {
    std::atomic<std::uint64_t> count;
    std::atomic<std::uint64_t> talks;
    std::array<char, 256> first;
  };
  board* shared_;
};

struct pair_of_ends {
  fd client;
  fd server;

  /// A byte each way, seen at both ends.
  void talk() const {
    send_bytes(client, 1);
    read_bytes(server, 1);
    send_bytes(server, 1);
    read_bytes(client, 1);
  }
};

/// Connections that are used all the time, and every tenth of which is another at the next round.
/// Each crowd is a program of its own: a process may not have as many descriptors.
class healthy_crowd {
 public:
  healthy_crowd(const where& at, const std::string& from, int count, const complaints& harm)
      : program_("healthy", [&](const program::ready& ready) {
          const auto listener = listen_on(at);
          const auto open = [&] {
            pair_of_ends made;
            made.client = connect_to({from, at.port});
            made.server = accept_from(listener);
            return made;
          };
          std::vector<pair_of_ends> pairs;
          for (int i = 0; i < count; ++i) pairs.push_back(open());
          ready("");
          for (std::size_t i = 0;; ++i) {
            auto& one = pairs[i % pairs.size()];
            try {
              one.talk();
              harm.talked();
              if (i % 10 != 0) continue;
              drop(one.client);
            } catch (const std::system_error& e) {
              harm.note(std::string("healthy: ") + e.what());
            }
            one = open();
          }
        }) {}

 private:
  program program_;
};

/// Four-tuples that are a leak now and a healthy connection a moment later, and a leak again.
class recyclers {
 public:
  recyclers(where at, std::uint16_t first_port, int count, const complaints& harm)
      : at_(std::move(at)), listener_(listen_on(at_)), harm_(harm) {
    for (int i = 0; i < count; ++i) {
      slots_.push_back({.port = static_cast<std::uint16_t>(first_port + i)});
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { live(stop); });
  }
  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  [[nodiscard]] bool has(const std::string& local) const {
    return std::ranges::any_of(
        slots_, [&](const slot& s) { return local.ends_with(":" + std::to_string(s.port)); });
  }

 private:
  struct slot {
    std::uint16_t port;
    pair_of_ends ends{};
    bool is_leak = true;
    steady_clock::time_point until{};
  };

  void live(const std::stop_token& stop) {
    std::mt19937 random(1);
    const auto within = [&](int low, int high) {
      return steady_clock::now() +
             std::chrono::milliseconds(std::uniform_int_distribution(low, high)(random));
    };
    while (!stop.stop_requested()) {
      for (auto& s : slots_) {
        try {
          if (!s.is_leak) s.ends.talk();
          if (steady_clock::now() < s.until) continue;
          turn(s);
          s.until = s.is_leak ? within(1'200, 3'500) : within(200, 900);
        } catch (const std::system_error& e) {
          // Whoever looks at a descriptor holds it for a moment, and its close() waits for that.
          if (s.is_leak && e.code().value() == EADDRNOTAVAIL) continue;
          harm_.note(std::string(s.is_leak ? "recycled: " : "recycled, healthy: ") + e.what());
          s.is_leak = true;
          s.until = {};
        }
      }
      std::this_thread::sleep_for(2ms);
    }
  }

  void turn(slot& s) {
    ++turns_;
    if (s.is_leak) {
      if (s.ends.client) drop(s.ends.client);
      s.ends.server = fd();
      s.ends.client = connect_from(where{at_.address, s.port}, at_);
      s.ends.server = accept_from(listener_);
    } else {
      s.ends.server = fd();
      wait_for_end(s.ends.client);
    }
    s.is_leak = !s.is_leak;
  }

  where at_;
  fd listener_;
  const complaints& harm_;
  std::vector<slot> slots_;
  std::atomic<std::uint64_t> turns_ = 0;
  std::jthread thread_;
};

class reap_rounds : public testing::Test {
 protected:
  void SetUp() override {
    enter_private_network();
    rlimit most{};
    ::getrlimit(RLIMIT_NOFILE, &most);
    most.rlim_cur = most.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &most);
    set_sysctl("net.ipv4.ip_local_port_range", "10000 60999");
  }

  /// A third each: IPv4, IPv6, and IPv4 behind IPv6 sockets.
  std::vector<fd> leak(int count) const {
    std::vector<fd> all;
    for (int i = 0; i < count; ++i) {
      const bool is_v6 = i % 3 == 1;
      auto client = connect_to({is_v6        ? "::1"
                                : i % 3 == 2 ? "::ffff:127.0.0.1"
                                             : "127.0.0.1",
                                9443});
      static_cast<void>(accept_from(is_v6 ? v6_ : v4_));
      all.push_back(std::move(client));
    }
    for (const auto& one : all) wait_for_end(one);
    return all;
  }

  /// What was closed, by the audit log: the local ends.
  [[nodiscard]] std::multiset<std::string> reap(const std::string& audit,
                                                const std::string& source) const {
    const auto ran =
        run_waitstate({"reap", "--json", "--audit", audit, "--apply", "--max", "100000", "--rate",
                       "4000", "state:close-wait", "older:1s", "--source", source});
    EXPECT_EQ(ran.exit_status, 0) << ran.errors;
    std::multiset<std::string> closed;
    std::ifstream in(audit);
    for (std::string line; std::getline(in, line);) {
      const auto entry = nlohmann::json::parse(line);
      if (entry.at("outcome") == "closed") closed.insert(entry.at("local").get<std::string>());
    }
    return closed;
  }

  /// By turns: each round by another.
  static std::vector<std::string> ways_to_close() {
    if (const char* const one = std::getenv("WAITSTATE_REAP_SOURCE")) return {one};
    const bool takes_bpf = run_waitstate({"sockets", "--source", "bpf"}).exit_status == 0;
    return takes_bpf ? std::vector<std::string>{"bpf", "netlink"}
                     : std::vector<std::string>{"netlink"};
  }

  temporary_folder folder_;

 private:
  fd v4_;
  fd v6_;

 protected:
  void open_listeners() {
    v4_ = listen_on({"127.0.0.1", 9443});
    v6_ = listen_on({"::1", 9443});
  }
};

TEST_F(reap_rounds, closes_all_that_leaked_and_never_another) {
  const int sockets = number_of("WAITSTATE_REAP_SOCKETS", 300);
  const int rounds = number_of("WAITSTATE_REAP_ROUNDS", 2);
  open_listeners();
  const auto sources = ways_to_close();
  const complaints harm;
  std::vector<std::unique_ptr<healthy_crowd>> crowds;
  crowds.push_back(
      std::make_unique<healthy_crowd>(where{"127.0.0.1", 9501}, "127.0.0.1", sockets / 3, harm));
  crowds.push_back(std::make_unique<healthy_crowd>(where{"::1", 9502}, "::1", sockets / 3, harm));
  crowds.push_back(std::make_unique<healthy_crowd>(where{"127.0.0.1", 9503}, "::ffff:127.0.0.1",
                                                   sockets - sockets / 3 * 2, harm));
  std::vector<std::unique_ptr<recyclers>> recycled;
  recycled.push_back(std::make_unique<recyclers>(where{"127.0.0.1", 9601}, 61'000, 100, harm));
  recycled.push_back(std::make_unique<recyclers>(where{"::1", 9602}, 61'200, 100, harm));

  std::uint64_t closed_in_all = 0;
  std::uint64_t of_recycled = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto leaked = leak(sockets);
    std::set<std::string> meant;
    for (const auto& one : leaked) meant.insert(local_end_of(one));
    ASSERT_EQ(meant.size(), static_cast<std::size_t>(sockets));
    std::this_thread::sleep_for(1'100ms);
    const auto audit = (folder_.path() / "audit.jsonl").string();
    const auto closed = reap(audit, sources[static_cast<std::size_t>(round) % sources.size()]);
    std::filesystem::remove(audit);
    for (const auto& one : meant) ASSERT_EQ(closed.count(one), 1U) << one << ", round " << round;
    for (const auto& one : closed) {
      if (meant.contains(one)) continue;
      ++of_recycled;
      ASSERT_TRUE(recycled[0]->has(one) || recycled[1]->has(one)) << one << ", round " << round;
    }
    for (const auto& one : leaked) {
      ASSERT_EQ(::send(one.get(), "x", 1, MSG_NOSIGNAL), -1);
      ASSERT_TRUE(errno == ECONNABORTED || errno == EPIPE) << errno;
    }
    closed_in_all += closed.size();
    ASSERT_EQ(harm.count(), 0U) << harm.first() << ", round " << round;
  }
  const auto turns = recycled[0]->turns() + recycled[1]->turns();
  recycled.clear();
  crowds.clear();
  EXPECT_EQ(harm.count(), 0U) << harm.first();
  EXPECT_GT(harm.talks(), 0U);
  std::printf(
      "%d rounds of %d: %llu closed, of these %llu recycled four-tuples (%llu turns); "
      "%llu exchanges of healthy connections, none harmed\n",
      rounds, sockets, static_cast<unsigned long long>(closed_in_all),
      static_cast<unsigned long long>(of_recycled), static_cast<unsigned long long>(turns),
      static_cast<unsigned long long>(harm.talks()));
}

}  // namespace
}  // namespace waitstate::kernel_test
