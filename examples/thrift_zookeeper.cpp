// Calls a Thrift service whose servers are found through ZooKeeper, from several threads, and
// counts which server answered how often. Servers may come, go and die meanwhile.
//
// The service is that of tests/integration/thrift/echo.thrift; echo_service.h is what Apache
// Thrift's compiler makes of it.
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <thrift/protocol/TBinaryProtocol.h>

#include "echo_service.h"
#include "waitstate/client.h"
#include "waitstate/client/thrift.h"
#include "waitstate/client/zookeeper.h"

namespace {

using namespace waitstate::client;
using apache::thrift::protocol::TBinaryProtocol;
using waitstate::integration_test::echo_serviceClient;

constexpr auto usage = "usage: thrift_zookeeper 'zk!HOST:PORT!/path' THREADS CALLS";

struct tally {
  std::mutex lock;
  std::map<std::string, int> outcomes;
};

void call_often(io_threads& background, const std::shared_ptr<thrift_channel>& channel, int calls,
                tally& to) {
  // Each thread has a transport of its own; the connections are everybody's.
  const auto transport = std::make_shared<thrift_transport>(
      background, channel,
      thrift_transport_settings{.call_time_max = std::chrono::seconds(5), .is_idempotent = true});
  echo_serviceClient service(std::make_shared<TBinaryProtocol>(transport));
  for (int i = 0; i < calls; ++i) {
    std::string outcome;
    try {
      service.name(outcome);
    } catch (const apache::thrift::TException& e) {
      outcome = "failed";
      std::cerr << e.what() << '\n';
    }
    const std::scoped_lock held(to.lock);
    ++to.outcomes[outcome];
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int callers = argc == 4 ? std::atoi(argv[2]) : 0;
  const int calls = argc == 4 ? std::atoi(argv[3]) : 0;
  const auto address = parse_serverset_address(argc == 4 ? argv[1] : "");
  if (callers < 1 || calls < 1 || !address) {
    std::cerr << (argc == 4 && !address ? address.error().what : usage) << '\n';
    return 2;
  }
  io_threads background;
  cluster_settings settings{.name = "echo"};
  settings.pool = thrift_channel::greeted({.limits = {.connections_max = 8}}, {});
  auto servers = zookeeper_source(background.executor(), {.address = *address});
  const auto found = background.make_cluster(std::move(servers), settings).value();
  const auto channel = thrift_channel::make(found);
  tally all;
  std::vector<std::jthread> threads;
  while (threads.size() < static_cast<std::size_t>(callers)) {
    threads.emplace_back([&] { call_often(background, channel, calls, all); });
  }
  threads.clear();
  for (const auto& [outcome, count] : all.outcomes) std::cout << outcome << ' ' << count << '\n';
  return all.outcomes.contains("failed") ? 1 : 0;
}
