#include "waitstate/sidecar/config.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view shortest = R"([[route]]
name = "api"
listen = "127.0.0.1:8080"
to = "http://10.0.0.5:80"
)";

std::string with(std::string_view line) {
  return std::string(shortest) + std::string(line) + "\n";
}

std::string thrift_with(std::string_view line) {
  return "[[route]]\nname = \"t\"\nlisten = \"127.0.0.1:1\"\nto = \"thrift://10.0.0.5:9\"\n"
         "[route.thrift]\n" +
         std::string(line) + "\n";
}

TEST(sidecar_config, needs_four_lines) {
  const auto c = parse_config(shortest).value();
  ASSERT_EQ(c.routes.size(), 1U);
  const auto& r = c.routes.front();
  EXPECT_EQ(r.name, "api");
  EXPECT_EQ(to_string(r.listen.front()), "127.0.0.1:8080");
  EXPECT_EQ(r.speaks, protocol::http);
  EXPECT_EQ(r.servers.fixed, (std::vector<client::endpoint>{{.host = "10.0.0.5", .port = 80}}));
  EXPECT_FALSE(r.tls);
}

TEST(sidecar_config, reads_what_may_be_said) {
  const auto c = parse_config(R"(
threads = 2
drain_time_max = "5s"
[[route]]
name = "cache"
listen = ["unix:/run/cache.sock", "systemd:cache"]
to = ["rediss://u:w@10.0.0.5/3", "rediss://10.0.0.6:7000"]
tls = { authorities = "/etc/ca.pem", verify = true }
connections_max = 4
time_max = "200ms"
balance = "latency"
source_addresses = ["10.0.0.1", "10.0.0.2"]
)")
                     .value();
  EXPECT_EQ(c.threads, 2U);
  EXPECT_EQ(c.drain_time_max, 5s);
  const auto& r = c.routes.front();
  EXPECT_EQ(r.speaks, protocol::redis);
  EXPECT_EQ(r.redis.username, "u");
  EXPECT_EQ(r.redis.password, "w");
  EXPECT_EQ(r.redis.database, 3U);
  EXPECT_EQ(r.servers.fixed, (std::vector<client::endpoint>{{.host = "10.0.0.5", .port = 6379},
                                                            {.host = "10.0.0.6", .port = 7000}}));
  ASSERT_TRUE(r.tls);
  EXPECT_EQ(r.tls->authorities, "/etc/ca.pem");
  EXPECT_EQ(r.connections_max, 4U);
  EXPECT_EQ(r.time_max, 200ms);
  EXPECT_EQ(r.balance, client::balance_policy::p2c_peak_ewma);
  EXPECT_EQ(r.source_addresses.size(), 2U);
  EXPECT_EQ(to_string(r.listen.at(0)), "unix:/run/cache.sock");
  EXPECT_EQ(to_string(r.listen.at(1)), "systemd:cache");
}

TEST(sidecar_config, takes_servers_from_where_they_are_known) {
  const auto from = [](const std::string& to) {
    return single_route("127.0.0.1:1", {to}).value().routes.front().servers;
  };
  EXPECT_EQ(from("http+file:/etc/api.servers").file, "/etc/api.servers");
  EXPECT_EQ(from("http+unix:/run/app.sock").fixed.front().host, "/run/app.sock");
  const auto zookeeper = from("http+zk://10.0.0.1:2181,10.0.0.2:2181/services/search").zookeeper;
  ASSERT_TRUE(zookeeper);
  EXPECT_EQ(zookeeper->ensemble, "10.0.0.1:2181,10.0.0.2:2181");
  EXPECT_EQ(zookeeper->path, "/services/search");
  EXPECT_EQ(from("https://api.example").fixed.front().port, 443);
}

TEST(sidecar_config, reads_what_a_route_of_thrift_says) {
  const auto c = parse_config(thrift_with("oneway = [\"log\"]\nidempotent = [\"get\"]\n"
                                          "upgrade = false\nclient_id = \"web\"\n"
                                          "dest = \"/s/x\"\nmessage_max = 100000"))
                     .value();
  const auto& r = c.routes.front();
  EXPECT_EQ(r.speaks, protocol::thrift);
  EXPECT_EQ(r.thrift, (thrift_options{.oneway = {"log"},
                                      .idempotent = {"get"},
                                      .message_max = 100'000,
                                      .upgrade = false,
                                      .client_id = "web",
                                      .dest = "/s/x"}));
  const auto mux =
      single_route("127.0.0.1:1", {"thriftmux://10.0.0.5:9", "thriftmux://10.0.0.6:9"});
  EXPECT_TRUE(mux.value().routes.front().thrift.is_mux);
  EXPECT_FALSE(single_route("127.0.0.1:1", {"thriftmux://10.0.0.5:9", "thrift://10.0.0.6:9"}));
}

struct refusal {
  std::string text;
  std::string_view what;
  std::string_view hint;
};

TEST(sidecar_config, says_where_and_what_is_wrong) {
  const std::vector<refusal> rows{
      {"", "there are from 1 to 256 routes", "[[route]]"},
      {"[[route]]\n", "line 1, column 1: a route needs a name", "name ="},
      {"[[route]]\nname = \"a b\"\n", "line 2, column 8: a route needs a name of letters", ""},
      {"[[route]]\nname = \"a\"\n", "a route has an address where clients connect", "listen ="},
      {"[[route]]\nname = \"a\"\nlisten = \"127.0.0.1:1\"\n", "a route has servers", "to ="},
      {with("time_max = 3"), "line 5, column 12: time_max is not a duration", "\"1ms\""},
      {with("connections_max = 0"), "line 5, column 19: connections_max is not a number", ""},
      {with("tls = {}"), "line 5, column 7: the servers are reached without TLS", "https://"},
      {with("redis = {}"), "the servers are none of Redis", "redis://"},
      {with("thrift = {}"), "line 5, column 10: the servers are none of Thrift", "thrift://"},
      {with("host = \"a b\""), "line 5, column 8: it is no name", "host ="},
      {with("balance = \"best\""), "there is no balance 'best'", "least-loaded"},
      {std::string(shortest) + std::string(shortest),
       "line 6, column 8: there is another route 'api'", ""},
      {std::string(shortest) +
           "[[route]]\nname = \"b\"\nlisten = \"127.0.0.1:8080\"\nto = \"tcp://10.0.0.5:1\"\n",
       "route 'api' listens on 127.0.0.1:8080, too", ""},
      {thrift_with("oneway = [\"\"]"), "line 6, column 10: oneway is a list of names", "oneway ="},
      {thrift_with("message_max = 1"), "line 6, column 15: message_max is not a number", ""},
      {thrift_with("onewy = []"), "line 6, column 1: there is no key 'onewy' here", ""},
      {thrift_with("dest = \"" + std::string(1'001, 'x') + '"'), "dest has 1000 bytes at most", ""},
      {"threads = 65\n" + std::string(shortest), "line 1, column 11: threads is not a number", ""},
  };
  for (const auto& row : rows) {
    const auto read = parse_config(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_THAT(read.error().what, HasSubstr(row.what));
    EXPECT_THAT(read.error().hint, HasSubstr(row.hint));
  }
}

TEST(sidecar_config, says_what_is_wrong_with_an_address) {
  const std::vector<refusal> rows{
      {"10.0.0.5:80", "there is no scheme '10.0.0.5'", "http://"},
      {"10.0.0.5", "it has no scheme", "http://"},
      {"ftp://10.0.0.5", "there is no scheme 'ftp'", "http://"},
      {"http:10.0.0.5", "it has no //", ""},
      {"http://10.0.0.5/path", "it has a path, and requests have theirs", ""},
      {"tcp://10.0.0.5", "there is no port", "tcp://10.0.0.5:PORT"},
      {"http://10.0.0.5:99999", "port", ""},
      {"redis://word@10.0.0.5", "a login is USER:PASSWORD", ""},
      {"redis://10.0.0.5/two", "the database is no number", ""},
      {"http+zk://10.0.0.1", "it has no ensemble or no path", ""},
      {"http+dns://10.0.0.1", "servers come from unix, file or zk", ""},
      {"http+unix:run", "there is no path", ""},
  };
  for (const auto& row : rows) {
    const auto read = single_route("127.0.0.1:8080", {row.text});
    ASSERT_FALSE(read) << row.text;
    EXPECT_THAT(read.error().what, HasSubstr(row.what)) << row.text;
    EXPECT_THAT(read.error().hint, HasSubstr(row.hint)) << row.text;
  }
  EXPECT_FALSE(single_route("localhost:80", {"http://a"})) << "a front is an address";
  EXPECT_FALSE(single_route("127.0.0.1:8080", {"http://a", "tcp://b:1"})) << "one protocol a route";
}

}  // namespace
}  // namespace waitstate::sidecar
