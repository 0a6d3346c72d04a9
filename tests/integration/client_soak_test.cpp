// Servers that are killed, stopped and slowed, addresses that move, descriptors that run out: one
// after the other, while GETs go on. As long as WAITSTATE_SOAK_SECONDS says, else a few seconds.
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "failing_calls.h"
#include "test_io.h"
#include "waitstate/client/core/file_source.h"
#include "waitstate/client/core/random.h"
#include "waitstate/client/http.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

constexpr duration deadline_of_each = 3s;
constexpr std::size_t servers_count = 3;
constexpr int callers = 8;

std::chrono::seconds soak_time() {
  const auto* const said = std::getenv("WAITSTATE_SOAK_SECONDS");
  int seconds = 8;
  if (said != nullptr) std::from_chars(said, said + std::strlen(said), seconds);
  return std::chrono::seconds(seconds);
}

/// A whole nginx in one process, which can be killed and comes back on its port.
class soaked_server {
 public:
  soaked_server() : port_(free_port()) { start(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void start() {
    const auto at = folder_.path().string();
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format(
            "daemon off; master_process off; pid {0}/pid; error_log {0}/error.log;\n"
            "events {{ worker_connections 512; }}\n"
            "http {{ access_log off; keepalive_requests 200; client_body_temp_path {0}/body;\n"
            "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
            "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n"
            "server {{ listen 127.0.0.1:{1}; location / {{ return 200 hello; }} }} }}\n",
            at, port_));
    process_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    ASSERT_TRUE(wait_for_port(port_));
  }
  void kill() { process_->kill(); }
  void pause() const { process_->pause(); }
  void resume() const { process_->resume(); }

 private:
  temporary_folder folder_;
  const std::uint16_t port_;
  std::optional<server_process> process_;
};

struct tally {
  std::atomic<bool> goes_on{true};
  std::atomic<int> running{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<duration::rep> latest{0};  // past its deadline
  std::atomic<duration::rep> longest{0};
  std::mutex lock;
  std::string first_failure;
};

void raise(std::atomic<duration::rep>& known, duration to) {
  auto seen = known.load();
  while (seen < to.count() && !known.compare_exchange_weak(seen, to.count())) {
  }
}

asio::awaitable<void> ask_on_and_on(http_service from, std::shared_ptr<tally> counts) {
  while (counts->goes_on) {
    const auto began = clock::now();
    const auto got = co_await from.request(http_get("/x"), began + deadline_of_each);
    const auto took = clock::now() - began;
    raise(counts->longest, took);
    raise(counts->latest, took - deadline_of_each);
    if (took > deadline_of_each + 5ms) ++counts->late;
    ++(got && got->body == "hello" ? counts->answered : counts->failed);
    if (got) continue;
    const std::scoped_lock held(counts->lock);
    if (counts->first_failure.empty()) counts->first_failure = got.error().what;
  }
  --counts->running;
}

class client_soak_test : public testing::Test {
 protected:
  void list(std::size_t but) const {
    std::string text;
    for (std::size_t i = 0; i < servers_count; ++i) {
      if (i != but) text += fmt::format("127.0.0.1:{}\n", servers_[i].port());
    }
    std::filesystem::rename(folder_.write("next", text), folder_.path() / "servers");
  }

  /// One thing goes wrong, and is well again.
  void trouble(std::uint64_t which, std::size_t at) {
    auto& server = servers_[at];
    switch (which % 5) {
      case 0:
        server.kill();
        std::this_thread::sleep_for(300ms);
        server.start();
        break;
      case 1:
        server.pause();
        std::this_thread::sleep_for(500ms);
        server.resume();
        break;
      case 2:
        for (int i = 0; i < 10; ++i) {
          server.pause();
          std::this_thread::sleep_for(30ms);
          server.resume();
          std::this_thread::sleep_for(10ms);
        }
        break;
      case 3:
        list(at);
        std::this_thread::sleep_for(300ms);
        list(servers_count);
        break;
      default:
        let_fail({.name = "socket", .reason = EMFILE}, 1);
        std::this_thread::sleep_for(300ms);
        let_none_fail();
    }
  }

  temporary_folder folder_;
  std::array<soaked_server, servers_count> servers_;
};

TEST_F(client_soak_test, no_call_is_late_and_none_fails_that_a_healthy_server_could_serve) {
  list(servers_count);
  test_io io(1);
  asio::post(io.executor(), [] { let_calls_fail_here(); });
  cluster_settings settings;
  settings.retries.attempt_time_max = 200ms;
  auto source = file_source(io.executor(), (folder_.path() / "servers").string());
  ASSERT_TRUE(source);
  const auto over = cluster::make(io.executor(), *source, settings).value();
  io.spawn(over->run());
  const auto counts = std::make_shared<tally>();
  counts->running = callers;
  for (int i = 0; i < callers; ++i) io.spawn(ask_on_and_on(http_service(over), counts));

  const auto seed = std::uint64_t{20261130};
  const auto random = seeded_random(seed);
  const auto until = clock::now() + soak_time();
  std::uint64_t troubles = 0;
  while (clock::now() < until) {
    trouble(troubles, static_cast<std::size_t>(random() % servers_count));
    ++troubles;
    std::this_thread::sleep_for(300ms);
  }
  counts->goes_on = false;
  EXPECT_TRUE(soon([&] { return counts->running == 0; }));
  fmt::print("{} answered, {} failed, {} late, {} troubles; the longest took {} ms\n",
             counts->answered.load(), counts->failed.load(), counts->late.load(), troubles,
             duration(counts->longest) / 1ms);
  EXPECT_EQ(counts->failed, 0U) << counts->first_failure;
  // To the 5 ms that calls are held to comes what a busy machine takes.
  EXPECT_LT(duration(counts->latest), 100ms);
  EXPECT_GT(counts->answered, 1000U);
  over->stop();
}

}  // namespace
}  // namespace waitstate::client
