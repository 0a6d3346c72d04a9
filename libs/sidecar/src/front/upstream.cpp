#include "front/upstream.h"

#include <arpa/inet.h>

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "thrift/thrift_callers.h"
#include "waitstate/client/core/dns_source.h"
#include "waitstate/client/core/file_source.h"
#include "waitstate/client/core/tls_files.h"
#include "waitstate/client/zookeeper.h"

namespace waitstate::sidecar {
namespace {

using client::endpoint_source;

constexpr std::chrono::milliseconds redial_max{250};

bool is_name(const client::endpoint& at) {
  in6_addr into{};
  return !at.is_unix() && ::inet_pton(AF_INET, at.host.c_str(), &into) != 1 &&
         ::inet_pton(AF_INET6, at.host.c_str(), &into) != 1;
}

result<std::shared_ptr<endpoint_source>> make_source(const asio::any_io_executor& executor,
                                                     const upstream_servers& servers) {
  if (!servers.file.empty()) return client::file_source(executor, servers.file);
  if (servers.zookeeper) {
    auto address = client::parse_serverset_address(servers.zookeeper->address());
    if (!address) return failure(address.error());
    return client::zookeeper_source(executor, {.address = *std::move(address)});
  }
  const auto& fixed = servers.fixed;
  if (fixed.size() == 1 && is_name(fixed.front())) {
    client::dns_settings dns{.host = fixed.front().host, .port = fixed.front().port};
    dns.each_address_is_a_server = true;
    return client::dns_source(executor, std::move(dns));
  }
  std::vector<client::weighted_endpoint> all;
  all.reserve(fixed.size());
  for (const auto& at : fixed) all.push_back({.at = at});
  return client::static_source(std::move(all));
}

result<> add_tls(client::dial_settings& dial, const route& of) {
  if (!of.tls) return {};
  auto files = client::tls_from_files::make(
      {.authorities = of.tls->authorities, .certificate = of.tls->certificate, .key = of.tls->key});
  if (!files) return failure(std::move(files).error());
  dial.tls_files = *std::move(files);
  dial.tls_verify = of.tls->verify;
  dial.tls_host = of.tls->host;
  const auto& fixed = of.servers.fixed;
  if (dial.tls_host.empty() && fixed.size() == 1) dial.tls_host = fixed.front().host;
  return {};
}

client::cluster_settings settings_of(const route& of) {
  client::cluster_settings s;
  s.name = of.name;
  auto& pool = s.pool;
  pool.limits.connections_max = of.connections_max;
  pool.limits.waiters_max = of.queue_max;
  pool.limits.idle_max = of.connections_max;
  pool.limits.idle_time_max = of.idle_time_max;
  pool.limits.lifetime_max = of.lifetime_max;
  pool.limits.requests_max = of.requests_max;
  pool.dial.connect_time_max = of.connect_time_max;
  pool.dial.source_addresses = of.source_addresses;
  pool.expire_with = client::close_how::reset;
  pool.looks_always = true;
  s.balance.policy = of.balance;
  s.retries.attempts_max = of.attempts_max;
  if (of.speaks == protocol::tcp) {
    // Nothing is dialled ahead or idle: where the server speaks first (MySQL, SMTP), what it says
    // is for the client that the connection is of.
    pool.limits.idle_max = 0;
    pool.limits.requests_max = 1;
  }
  if (of.speaks == protocol::thrift) pool = greeted_as_thrift(pool, of.thrift);
  // Requests wait for a server that is being restarted, and are not to wait for the next dial.
  if (of.speaks == protocol::redis) pool.redial_max = redial_max;
  return s;
}

}  // namespace

result<upstream> make_upstream(const asio::any_io_executor& executor, const route& of) {
  const auto in_route = [&](error e) {
    return failure(in_step(fmt::format("route '{}'", of.name), std::move(e)));
  };
  auto source = make_source(executor, of.servers);
  if (!source) return in_route(std::move(source).error());
  auto settings = settings_of(of);
  if (auto added = add_tls(settings.pool.dial, of); !added) return in_route(added.error());
  auto steered = std::make_shared<steered_source>(*std::move(source));
  auto made = client::cluster::make(executor, steered, std::move(settings));
  if (!made) return in_route(std::move(made).error());
  return upstream{.source = std::move(steered), .servers = *std::move(made)};
}

}  // namespace waitstate::sidecar
