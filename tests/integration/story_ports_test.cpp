// A web tier that opened a connection for each Thrift call to a cluster found through ZooKeeper,
// and ran out of ports in TIME_WAIT. Here: the same work with 200 local ports, while servers die,
// leave and come, and ZooKeeper is away for a minute.
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/protocol/TBinaryProtocol.h>

#include "echo_service.h"
#include "tests/integration/thrift/thrift_servers.h"
#include "tests/integration/zookeeper_server.h"
#include "waitstate/client.h"
#include "waitstate/client/thrift.h"
#include "waitstate/client/zookeeper.h"
#include "waitstate/netlab/private_network.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;
using namespace std::chrono_literals;
using apache::thrift::protocol::TBinaryProtocol;
using client::clock;

constexpr std::uint64_t calls_wanted = 200'000;
constexpr int callers = 8;
constexpr std::uint32_t connections_per_server = 8;
constexpr auto without_zookeeper = 60s;
const std::string group = "/twitter/service/web/prod/echo";

/// Threads that call without a pause, or with one between calls, and count who answered.
class load {
 public:
  load(client::io_threads& with, std::shared_ptr<client::thrift_caller> over)
      : with_(with), over_(std::move(over)) {
    for (int i = 0; i < callers; ++i) threads_.emplace_back([this] { call_until_told(); });
  }
  ~load() { stop(); }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void stop() {
    is_over_ = true;
    for (auto& t : threads_) t.join();
    threads_.clear();
  }

  void set_pause(std::chrono::milliseconds pause) { pause_ms_ = pause.count(); }
  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] std::map<std::string, std::uint64_t> answers() {
    const std::scoped_lock held(lock_);
    return answers_;
  }
  [[nodiscard]] std::vector<std::string> failures() {
    const std::scoped_lock held(lock_);
    return failures_;
  }

  bool wait_for_calls(std::uint64_t count) const {
    const auto until = clock::now() + 120s;
    while (done_ < count && clock::now() < until) std::this_thread::sleep_for(1ms);
    return done_ >= count;
  }

 private:
  void call_until_told() {
    const auto transport = std::make_shared<client::thrift_transport>(
        with_, over_,
        client::thrift_transport_settings{.call_time_max = 5s, .is_idempotent = true});
    echo_serviceClient service(std::make_shared<TBinaryProtocol>(transport));
    while (!is_over_) {
      std::string who;
      std::string why;
      try {
        service.name(who);
      } catch (const std::exception& e) {
        why = e.what();
      }
      ++done_;
      {
        const std::scoped_lock held(lock_);
        if (!why.empty() && failures_.size() < 10) failures_.push_back(why);
        if (why.empty()) ++answers_[who];
      }
      if (const auto pause = pause_ms_.load(); pause > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(pause));
      }
    }
  }

  client::io_threads& with_;
  const std::shared_ptr<client::thrift_caller> over_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::int64_t> pause_ms_{0};
  std::atomic<std::uint64_t> done_{0};
  std::mutex lock_;
  std::map<std::string, std::uint64_t> answers_;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

class ports_story : public testing::Test {
 protected:
  ports_story() {
    enter_private_network();
    with_.emplace();  // now: a thread is in the network of the one that made it
    zookeeper_.emplace();
    for (const auto* name : {"one", "two", "three", "four"}) {
      servers_[name] = std::make_unique<thrift_server>(server_kind::upgraded, name, folder_);
    }
    // What listens has its port: from here on there are 200 for those who connect.
    set_sysctl("net.ipv4.ip_local_port_range", "20000 20199");
    set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  }

  std::shared_ptr<client::zookeeper_announcer> join(const std::string& name) {
    auto how =
        client::announce_at("zk!" + zookeeper_->hosts() + "!" + group + "!0", servers_[name]->at())
            .value();
    how.session_timeout = 4s;
    auto joined = client::announce(*with_, how, clock::now() + 20s);
    if (!joined) throw std::runtime_error(joined.error().what);
    return *joined;
  }

  std::shared_ptr<client::thrift_channel> discover() {
    client::zookeeper_settings where;
    where.address =
        client::parse_serverset_address("zk2!" + zookeeper_->hosts() + "!" + group).value();
    where.session_timeout = 4s;
    client::cluster_settings how;
    how.name = "echo";
    how.pool.limits.connections_max = connections_per_server;
    how.pool = client::thrift_channel::greeted(how.pool, {});
    cluster_ = with_->make_cluster(client::zookeeper_source(with_->executor(), where), how).value();
    return client::thrift_channel::make(cluster_);
  }

  [[nodiscard]] std::uint64_t dials() const {
    const auto m = cluster_->metrics();
    auto sum = m.gone.dials - m.gone.dial_failures;
    for (const auto& e : m.endpoints) sum += e.counts.dials - e.counts.dial_failures;
    return sum;
  }

  temporary_folder folder_;
  std::optional<zookeeper_server> zookeeper_;
  std::map<std::string, std::unique_ptr<thrift_server>> servers_;
  std::optional<client::io_threads> with_;
  std::shared_ptr<client::cluster> cluster_;
};

TEST_F(ports_story, two_hundred_thousand_calls_need_no_more_ports_than_the_pool_has_connections) {
  std::map<std::string, std::shared_ptr<client::zookeeper_announcer>> members;
  for (const auto* name : {"one", "two", "three"}) members[name] = join(name);
  load calls(*with_, discover());
  const auto began = clock::now();

  ASSERT_TRUE(calls.wait_for_calls(calls_wanted / 4));
  EXPECT_LE(dials(), 3 * connections_per_server);
  servers_["one"]->process().kill();  // its node stays until somebody removes it

  ASSERT_TRUE(calls.wait_for_calls(calls_wanted / 2));
  EXPECT_TRUE(with_->wait(members["two"]->leave(clock::now() + 10s)));
  servers_["two"]->process().terminate();

  ASSERT_TRUE(calls.wait_for_calls(calls_wanted * 3 / 4));
  members["four"] = join("four");
  const auto joined = clock::now();
  const auto before = calls.answers();
  while (calls.answers()["four"] < 1000 && clock::now() - joined < 20s) {
    std::this_thread::sleep_for(10ms);
  }
  const auto got_its_share_after = clock::now() - joined;
  EXPECT_LT(got_its_share_after, 5s);
  const auto after = calls.answers();
  const auto by_four = static_cast<double>(after.at("four"));
  const auto by_three = static_cast<double>(after.at("three") - before.at("three"));
  EXPECT_NEAR(by_four / (by_four + by_three), 0.5, 0.2);

  ASSERT_TRUE(calls.wait_for_calls(calls_wanted));
  const auto took = clock::now() - began;
  EXPECT_EQ(calls.failures(), std::vector<std::string>());

  zookeeper_->kill();
  calls.set_pause(5ms);
  const auto dials_before = dials();
  const auto calls_before = calls.done();
  std::this_thread::sleep_for(without_zookeeper);
  EXPECT_GT(calls.done() - calls_before, 10'000U);
  EXPECT_EQ(dials(), dials_before);
  calls.stop();

  EXPECT_EQ(calls.failures(), std::vector<std::string>());
  EXPECT_LE(dials(), 4 * connections_per_server);
  const int in_time_wait = count_sockets(time_wait);
  EXPECT_LE(in_time_wait, 20);
  const auto seconds = std::chrono::duration<double>(took).count();
  std::cout << calls.done() << " calls, " << dials() << " connections, " << in_time_wait
            << " in TIME-WAIT, " << static_cast<double>(calls_wanted) / seconds
            << " calls a second, the new server's share after "
            << std::chrono::duration<double>(got_its_share_after).count() << " s\n";
  for (const auto& [who, count] : calls.answers()) std::cout << "  " << who << ' ' << count << '\n';
}

}  // namespace
}  // namespace waitstate::integration_test
