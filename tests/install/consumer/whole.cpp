// A program that uses each part of the installed library.
#include <chrono>
#include <cstdio>
#include <memory>

#include <waitstate/client.h>
#include <waitstate/client/http.h>
#include <waitstate/client/prometheus.h>
#include <waitstate/client/redis.h>
#include <waitstate/client/thrift.h>
#include <waitstate/client/zookeeper.h>

int main() {
  using namespace std::chrono_literals;
  namespace ws = waitstate::client;
  ws::io_threads background;
  const auto nobody = ws::parse_endpoint("127.0.0.1:1");
  if (!nobody) return 2;
  auto made = background.make_cluster(ws::static_source({{.at = *nobody}}), {});
  if (!made) return 2;

  ws::cluster_collector metrics;
  metrics.add(*made);
  const bool is_shown = !metrics.Collect().empty();
  const bool is_read = ws::parse_http_url("http://a/b") &&
                       !ws::read_thrift_envelope("no message") &&
                       ws::classify({"GET", "a"}) == ws::redis_command_kind::read;
  // Nobody runs it: it asks nothing.
  const auto members = ws::zookeeper_source(background.executor(), {});
  if (!is_shown || !is_read || !members) return 2;

  const auto got = background.wait((*made)->acquire({.deadline = ws::clock::now() + 500ms}));
  std::printf("%s\n", got ? "connected" : got.error().what.c_str());
  return got ? 1 : 0;  // nobody listens there
}
