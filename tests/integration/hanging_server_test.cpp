// Servers that are stopped with their connections open (SIGSTOP): what idle connections, attempts
// and hedges make of it. nginx and Redis.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "test_io.h"
#include "waitstate/client/http.h"
#include "waitstate/client/redis.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

/// nginx in one process, so that stopping it stops all of it.
class nginx {
 public:
  nginx() {
    const auto at = folder_.path().string();
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format("daemon off; master_process off; pid {0}/pid; error_log {0}/error.log;\n"
                    "events {{ worker_connections 512; }}\n"
                    "http {{ access_log off; client_body_temp_path {0}/body;\n"
                    "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
                    "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n"
                    "server {{ listen 127.0.0.1:{1}; location / {{ return 200 hello; }} }} }}\n",
                    at, port_));
    ::chmod(at.c_str(), 0755);
    process_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    EXPECT_TRUE(wait_for_port(port_));
  }
  [[nodiscard]] weighted_endpoint at() const { return {.at = {"127.0.0.1", port_}}; }
  void pause() const { process_->pause(); }
  void resume() const { process_->resume(); }

 private:
  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  std::optional<server_process> process_;
};

class hanging_server : public testing::Test {
 protected:
  /// The time that the slowest of so many GETs took; fails when one does.
  duration slowest_of(int calls, const http_service& from) {
    duration slowest{0};
    for (int i = 0; i < calls; ++i) {
      const auto began = clock::now();
      const auto got = background_.wait(from.request(http_get("/"), 5s));
      EXPECT_TRUE(got) << got.error().what;
      slowest = std::max(slowest, clock::now() - began);
    }
    return slowest;
  }

  http_service service(const std::vector<weighted_endpoint>& servers, retry_settings retries) {
    cluster_settings settings{.name = "web"};
    settings.balance.policy = balance_policy::round_robin;
    settings.retries = retries;
    cluster_ = background_.make_cluster(static_source(servers), settings).value();
    return http_service(cluster_);
  }

  io_threads background_;
  std::shared_ptr<cluster> cluster_;
};

TEST_F(hanging_server, costs_a_get_an_attempts_time_and_not_its_deadline) {
  const nginx one;
  const nginx other;
  const auto from = service({one.at(), other.at()}, {.attempt_time_max = 100ms});
  EXPECT_LT(slowest_of(50, from), 100ms);
  one.pause();
  EXPECT_LT(slowest_of(50, from), 600ms);
  const auto m = cluster_->metrics();
  EXPECT_GE(m.retries, 1U);
  EXPECT_GE(m.ejections, 1U) << "it gets no more calls for a while";
  one.resume();
}

TEST_F(hanging_server, costs_a_get_the_time_until_another_is_asked_beside) {
  const nginx one;
  const nginx other;
  const auto from = service({one.at(), other.at()}, {.hedge_after = 40ms});
  EXPECT_LT(slowest_of(50, from), 100ms);
  one.pause();
  EXPECT_LT(slowest_of(50, from), 500ms);
  const auto m = cluster_->metrics();
  EXPECT_GE(m.hedges, 20U);
  EXPECT_EQ(m.calls, 100U);
  one.resume();
  EXPECT_TRUE(soon([&] {
    const auto now = cluster_->metrics();
    return now.endpoints[0].leased + now.endpoints[1].leased == 0;
  }));
}

TEST_F(hanging_server, without_either_eats_the_deadline) {
  const nginx one;
  const nginx other;
  const auto from = service({one.at(), other.at()}, {});
  slowest_of(4, from);
  one.pause();
  int late = 0;
  for (int i = 0; i < 2; ++i) {
    const auto got = background_.wait(from.request(http_get("/"), 500ms));
    if (got) continue;
    ++late;
    EXPECT_EQ(got.error().code, errc::timed_out);
    EXPECT_EQ(got.error().phase, call_phase::first_byte);
    EXPECT_TRUE(got.error().is_sent);
  }
  EXPECT_EQ(late, 1);
  one.resume();
}

TEST_F(hanging_server, loses_the_idle_connections_that_redis_does_not_answer_on) {
  const temporary_folder folder;
  const auto port = free_port();
  const server_process server({"redis-server", "--port", std::to_string(port), "--bind",
                               "127.0.0.1", "--save", "", "--dir", folder.path().string()},
                              folder.path());
  ASSERT_TRUE(wait_for_port(port));
  redis_settings settings{.endpoints = {{"127.0.0.1", port}}};
  settings.cluster.pool.limits.idle_min = 3;
  settings.cluster.pool.ping_every = 100ms;
  settings.cluster.pool.ping_time_max = 100ms;
  settings.cluster.pool.redial_max = 200ms;
  auto redis = blocking_redis::make(background_, settings).value();
  const auto now = [&] { return redis.coroutines()->read()->metrics().endpoints.at(0); };
  EXPECT_TRUE(soon([&] { return now().idle == 3 && now().counts.checks >= 9; }))
      << "without a command";
  EXPECT_EQ(now().counts.checks_failed, 0U);
  EXPECT_EQ(now().counts.dials, 3U);
  server.pause();
  EXPECT_TRUE(soon([&] { return now().counts.checks_failed >= 3; }));
  server.resume();
  EXPECT_TRUE(soon([&] { return now().idle >= 3; }));
  EXPECT_TRUE(redis.command({"PING"}, 1s));
}

}  // namespace
}  // namespace waitstate::client
