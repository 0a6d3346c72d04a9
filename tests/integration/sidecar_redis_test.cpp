// The sidecar's Redis route between real clients and Debian's redis-server.
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "redis/redis_commands.h"
#include "redis/redis_service.h"
#include "tests/integration/redis_server.h"
#include "waitstate/client/redis.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/netlab/tcp_table.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/sidecar.h"

namespace waitstate::sidecar {
namespace {

using namespace std::chrono_literals;
using integration_test::redis_server;
using netlab::free_port;
using netlab::temporary_folder;

/// The route in a process of its own making: a loop with a thread, a TCP front and a unix one.
class front {
 public:
  explicit front(const redis_server& server, redis_route_settings how = {}) {
    auto source = client::static_source({{.at = {.host = "127.0.0.1", .port = server.number()}}});
    client::cluster_settings settings;
    settings.name = "cache";
    settings.pool.redial_max = 250ms;
    cluster_ = client::cluster::make(io_.get_executor(), std::move(source), settings).value();
    service_ = std::make_unique<redis_service>(io_.get_executor(), cluster_, nullptr, how);
    asio::co_spawn(io_, cluster_->run(), asio::detached);
    asio::co_spawn(io_, accept(this, std::ref(tcp_)), asio::detached);
    asio::co_spawn(io_, accept(this, std::ref(unix_)), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~front() {
    asio::post(io_, [this] {
      service_.reset();
      cluster_->stop();
    });
    std::this_thread::sleep_for(20ms);
    io_.stop();
    thread_.join();
  }
  front(const front&) = delete;
  front& operator=(const front&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(tcp_.local_endpoint().port()); }
  [[nodiscard]] std::uint16_t number() const { return tcp_.local_endpoint().port(); }
  [[nodiscard]] std::string path() const { return path_; }
  [[nodiscard]] redis_counts counts() {
    return asio::co_spawn(io_, ask([this] { return service_->counts(); }), asio::use_future).get();
  }
  void drain() {
    asio::post(io_, [this] { service_->drain(); });
  }

 private:
  static asio::awaitable<redis_counts> ask(std::function<redis_counts()> what) { co_return what(); }
  // As the loop does of all clients.
  static asio::awaitable<void> keep_time(client_ptr who) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (who->socket.is_open()) {
      timer.expires_after(100ms);
      co_await timer.async_wait(client::as_value);
      boost::system::error_code ignored;
      if (client::clock::now() > who->deadline) {
        who->socket.shutdown(asio::socket_base::shutdown_both, ignored);
      }
    }
  }
  template <class Acceptor>
  static asio::awaitable<void> accept(front* self, std::reference_wrapper<Acceptor> from) {
    for (std::uint64_t number = 1;; ++number) {
      auto [code, socket] = co_await from.get().async_accept(client::as_value);
      if (code) co_return;
      const auto who =
          std::make_shared<client_connection>(client_connection::socket_type(std::move(socket)));
      who->number = number;
      asio::co_spawn(self->io_, serve(self, who), asio::detached);
    }
  }
  static asio::awaitable<void> serve(front* self, client_ptr who) {
    asio::co_spawn(self->io_, keep_time(who), asio::detached);
    co_await self->service_->serve(who);
    boost::system::error_code ignored;
    who->socket.close(ignored);
  }

  temporary_folder folder_;
  std::string path_ = folder_.path().string() + "/front.sock";
  asio::io_context io_{1};
  asio::ip::tcp::acceptor tcp_{io_, {asio::ip::address_v4::loopback(), 0}};
  asio::local::stream_protocol::acceptor unix_{io_, {path_}};
  std::shared_ptr<client::cluster> cluster_;
  std::unique_ptr<redis_service> service_;
  std::thread thread_;
};

/// A client that writes and reads bytes as they are.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  /// What comes until there are so many bytes, or the end.
  std::string read(std::size_t bytes) {
    std::string all;
    std::array<char, 65536> some{};
    while (all.size() < bytes) {
      const auto got = ::recv(socket_.native_handle(), some.data(),
                              std::min(some.size(), bytes - all.size()), 0);
      if (got <= 0) return all + (got == 0 ? "<end>" : "<nothing>");
      all.append(some.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  std::string read_line() {
    std::string line;
    while (!line.ends_with('\n') && !line.ends_with('>')) line += read(1);
    return line.substr(0, line.find('\r'));
  }
  /// What comes for this, which is as long as `expected`.
  std::string ask(std::string_view bytes, std::string_view expected) {
    send(bytes);
    return read(expected.size());
  }
  void close() { socket_.close(); }
  void close_half() { socket_.shutdown(asio::socket_base::shutdown_send); }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
};

#define EXPECT_READ(who, expected) \
  EXPECT_EQ((who).read(std::string_view(expected).size()), expected)
#define EXPECT_REPLY(who, bytes, expected) EXPECT_EQ((who).ask(bytes, expected), expected)

/// What a program prints.
std::string output_of(const std::string& command) {
  std::string all;
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> some{};
  while (const auto got = std::fread(some.data(), 1, some.size(), pipe)) {
    all.append(some.data(), got);
  }
  ::pclose(pipe);
  return all;
}

bool soon(const std::function<bool()>& is_true) {
  for (int i = 0; i < 500; ++i) {
    if (is_true()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return is_true();
}

TEST(sidecar_redis, answers_commands_and_pipelines_over_one_connection) {
  const redis_server server;
  front front(server);
  raw_client one(front.number());
  raw_client two(front.number());
  EXPECT_REPLY(one, "SET a 1\r\nGET a\r\nINCR a\r\n", "+OK\r\n$1\r\n1\r\n:2\r\n");
  EXPECT_REPLY(two, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "$1\r\n2\r\n");
  std::string many;
  std::string expected;
  for (int i = 3; i < 20'000; ++i) {
    many += "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n";
    expected += ":" + std::to_string(i) + "\r\n";
  }
  std::thread writer([&] { one.send(many); });
  EXPECT_EQ(one.read(expected.size()), expected);
  writer.join();
  const auto counts = front.counts();
  EXPECT_EQ(counts.links, 1U);
  EXPECT_EQ(counts.requests, 4U + 19'997U);
  EXPECT_EQ(counts.failed, 0U);
}

TEST(sidecar_redis, passes_large_values_both_ways) {
  const redis_server server;
  front front(server);
  raw_client client(front.number());
  const std::string value(30 << 20, 'v');
  const auto bulk = "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n" + bulk);
  EXPECT_EQ(client.read(5), "+OK\r\n");
  client.send("GET k\r\nPING\r\n");
  EXPECT_TRUE(client.read(bulk.size()) == bulk);
  EXPECT_EQ(client.read(7), "+PONG\r\n");
}

TEST(sidecar_redis, keeps_databases_protocols_and_names_of_clients_apart) {
  const redis_server server({"--databases", "4"});
  front front(server);
  raw_client zero(front.number());
  raw_client two(front.number());
  raw_client three(front.number());
  EXPECT_REPLY(zero, "SET a zero\r\n", "+OK\r\n");
  EXPECT_REPLY(two, "SELECT 2\r\nSET a two\r\nCLIENT SETNAME b\r\n", "+OK\r\n+OK\r\n+OK\r\n");
  three.send("HELLO 3\r\n");
  EXPECT_TRUE(three.read(4).starts_with("%7\r\n"));
  EXPECT_NE(three.read(30).find("redis"), std::string::npos);
  while (three.read(1) != "*") {
  }
  EXPECT_EQ(three.read(3), "0\r\n");
  EXPECT_REPLY(three, "HSET h f v\r\nHGETALL h\r\nCLIENT GETNAME\r\n",
               ":1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n_\r\n");
  EXPECT_REPLY(zero, "GET a\r\nHGETALL h\r\n", "$4\r\nzero\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
  EXPECT_REPLY(two, "GET a\r\nCLIENT GETNAME\r\n", "$3\r\ntwo\r\n$1\r\nb\r\n");
  const std::string_view out_of_range = "-ERR DB index is out of range\r\n";
  EXPECT_REPLY(two, "SELECT 4\r\n", out_of_range);
  EXPECT_REPLY(two, "GET a\r\n", "$3\r\ntwo\r\n");
  EXPECT_REPLY(two, "RESET\r\nGET a\r\n", "+RESET\r\n$4\r\nzero\r\n");
  EXPECT_REPLY(two, "QUIT\r\nGET a\r\n", "+OK\r\n<end>");
}

TEST(sidecar_redis, authenticates_clients_here_and_itself_there) {
  const redis_server server({"--requirepass", "upstream"});
  front front(server,
              {.client_password = "ours", .upstream = {.user = {}, .password = "upstream"}});
  raw_client client(front.number());
  EXPECT_REPLY(client, "GET a\r\n", "-NOAUTH Authentication required.\r\n");
  EXPECT_REPLY(client, "AUTH upstream\r\n",
               "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  EXPECT_REPLY(client, "AUTH ours\r\nSET a 1\r\nMULTI\r\nGET a\r\nEXEC\r\n",
               "+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n$1\r\n1\r\n");
}

TEST(sidecar_redis, says_what_the_server_says_of_a_wrong_password) {
  const redis_server server({"--requirepass", "upstream"});
  front front(server, {.upstream = {.user = {}, .password = "wrong"}});
  raw_client client(front.number());
  const std::string_view expected =
      "-WRONGPASS invalid username-password pair or user is disabled.";
  EXPECT_REPLY(client, "GET a\r\n", expected);
}

TEST(sidecar_redis, pins_transactions_and_gives_the_connection_back) {
  const redis_server server;
  front front(server);
  raw_client one(front.number());
  raw_client two(front.number());
  EXPECT_REPLY(one, "WATCH a\r\nMULTI\r\nSET a 1\r\n", "+OK\r\n+OK\r\n+QUEUED\r\n");
  EXPECT_REPLY(two, "SET a 2\r\nGET a\r\n", "+OK\r\n$1\r\n2\r\n");
  EXPECT_REPLY(one, "EXEC\r\nGET a\r\n", "*-1\r\n$1\r\n2\r\n");
  for (int i = 0; i < 50; ++i) {
    EXPECT_REPLY(one, "MULTI\r\nINCR n\r\nEXEC\r\nPING\r\n",
                 "+OK\r\n+QUEUED\r\n*1\r\n:" + std::to_string(i + 1) + "\r\n+PONG\r\n");
  }
  // One that is shared, and one that is pinned by turns.
  EXPECT_EQ(front.counts().pins, 51U);
  EXPECT_NE(
      output_of("redis-cli -p " + server.port() + " INFO clients").find("connected_clients:3\r"),
      std::string::npos);
}

TEST(sidecar_redis, lets_others_through_while_one_blocks) {
  const redis_server server;
  front front(server);
  raw_client waits(front.number());
  raw_client other(front.number());
  waits.send("BLPOP list 0\r\nGET a\r\n");
  EXPECT_REPLY(other, "SET a 1\r\nPING\r\n", "+OK\r\n+PONG\r\n");
  EXPECT_TRUE(soon([&] {
    return other.ask("PING\r\n", "+PONG\r\n") == "+PONG\r\n" &&
           output_of("redis-cli -p " + server.port() + " INFO clients").find("blocked_clients:1") !=
               std::string::npos;
  }));
  EXPECT_REPLY(other, "RPUSH list x\r\n", ":1\r\n");
  EXPECT_READ(waits, "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n$1\r\n1\r\n");
  // One that leaves while it blocks takes nothing with it.
  raw_client leaves(front.number());
  leaves.send("BLPOP list 0\r\n");
  EXPECT_TRUE(soon([&] {
    return output_of("redis-cli -p " + server.port() + " INFO clients").find("blocked_clients:1") !=
           std::string::npos;
  }));
  leaves.close();
  EXPECT_TRUE(soon([&] {
    return output_of("redis-cli -p " + server.port() + " INFO clients").find("blocked_clients:0") !=
           std::string::npos;
  }));
  EXPECT_REPLY(other, "RPUSH list y\r\nLLEN list\r\n", ":1\r\n:1\r\n");
}

TEST(sidecar_redis, answers_a_client_that_has_said_all) {
  const redis_server server;
  front front(server);
  raw_client client(front.number());
  client.send("MULTI\r\nINCR a\r\nEXEC\r\nGET a\r\nSELECT 1\r\nGET a\r\nINCR");
  client.close_half();
  EXPECT_READ(client, "+OK\r\n+QUEUED\r\n*1\r\n:1\r\n$1\r\n1\r\n+OK\r\n$-1\r\n<end>");
  raw_client waits(front.number());
  waits.send("BLPOP list 0\r\n");
  waits.close_half();
  EXPECT_READ(waits, "-ERR waitstate: its client has left\r\n<end>");
}

TEST(sidecar_redis, passes_messages_to_subscribers) {
  const redis_server server;
  front front(server);
  raw_client old_one(front.number());
  raw_client new_one(front.number());
  raw_client talks(front.number());
  EXPECT_REPLY(old_one, "SUBSCRIBE news\r\n", "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  new_one.send("HELLO 3\r\n");
  while (new_one.read(1) != "*") {
  }
  EXPECT_EQ(new_one.read(3), "0\r\n");
  EXPECT_REPLY(new_one, "SUBSCRIBE news\r\n", ">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  EXPECT_REPLY(talks, "PUBLISH news hi\r\n", ":2\r\n");
  EXPECT_READ(old_one, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  EXPECT_READ(new_one, ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  EXPECT_REPLY(old_one, "PING\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  EXPECT_REPLY(old_one, "RESET\r\nGET a\r\n", "+RESET\r\n$-1\r\n");
  EXPECT_REPLY(talks, "PUBLISH news hi\r\n", ":1\r\n");
}

TEST(sidecar_redis, sends_reads_again_when_the_server_was_killed_and_says_so_of_writes) {
  redis_server server;
  front front(server);
  raw_client client(front.number());
  EXPECT_REPLY(client, "SET a 1\r\nGET a\r\n", "+OK\r\n$1\r\n1\r\n");
  for (int round = 0; round < 5; ++round) {
    server.pause();
    client.send("GET a\r\nINCR a\r\nECHO still\r\n");
    std::this_thread::sleep_for(50ms);
    server.kill();
    server.start();
    const auto got = client.read(5);
    EXPECT_EQ(got, "$-1\r\n");
    const auto line = client.read_line();
    EXPECT_TRUE(line.starts_with("-ERR waitstate: the connection to 127.0.0.1:")) << line;
    EXPECT_EQ(client.read(11), "$5\r\nstill\r\n");
  }
  EXPECT_EQ(front.counts().retried, 10U);
  EXPECT_EQ(front.counts().failed, 5U);
}

TEST(sidecar_redis, never_runs_a_write_twice) {
  redis_server server;
  front front(server);
  raw_client direct(server.number());
  std::uint64_t sure = 0;
  std::uint64_t unsure = 0;
  raw_client client(front.number());
  for (int i = 0; i < 300; ++i) {
    client.send("INCR n\r\n");
    if (i % 10 == 3) {
      direct.send("CLIENT KILL TYPE normal SKIPME yes\r\n");
      EXPECT_TRUE(direct.read_line().starts_with(":"));
    }
    const auto line = client.read_line();
    ++(line.starts_with(':') ? sure : unsure);
  }
  direct.send("GET n\r\n");
  EXPECT_TRUE(direct.read_line().starts_with("$"));
  const auto n = std::stoull(direct.read_line());
  EXPECT_GE(n, sure);
  EXPECT_LE(n, sure + unsure);
  EXPECT_EQ(sure + unsure, 300U);
  EXPECT_LE(unsure, 30U);
}

TEST(sidecar_redis, closes_a_client_whose_transaction_was_lost) {
  redis_server server;
  front front(server);
  raw_client client(front.number());
  EXPECT_REPLY(client, "SET a 1\r\nWATCH a\r\n", "+OK\r\n+OK\r\n");
  server.kill();
  const auto got = client.read(2000);
  EXPECT_TRUE(got.starts_with("-ERR waitstate: the connection to ")) << got;
  EXPECT_TRUE(got.ends_with("<end>")) << got;
}

TEST(sidecar_redis, waits_for_a_server_that_restarts_and_says_when_there_is_none) {
  redis_server server;
  front patient(server);
  raw_client client(patient.number());
  EXPECT_REPLY(client, "SET a 1\r\n", "+OK\r\n");
  server.kill();
  client.send("SET a 2\r\n");
  std::this_thread::sleep_for(400ms);
  server.start();
  EXPECT_EQ(client.read_line(), "+OK");
  server.kill();
  const std::string_view expected = "-ERR waitstate: cluster 'cache': connect 127.0.0.1:";
  front hasty(server, {.unreachable_max = 100ms});
  raw_client another(hasty.number());
  EXPECT_REPLY(another, "SET a 3\r\n", expected);
}

TEST(sidecar_redis, ends_requests_that_have_no_reply_in_time) {
  const redis_server server;
  front front(server, {.call_time_max = 300ms});
  raw_client client(front.number());
  EXPECT_REPLY(client, "PING\r\n", "+PONG\r\n");
  server.pause();
  const auto expected =
      "-ERR waitstate: no reply from 127.0.0.1:" + server.port() + " in 0.3 s\r\n";
  EXPECT_REPLY(client, "GET a\r\n", expected);
  server.resume();
  EXPECT_REPLY(client, "PING\r\n", "+PONG\r\n");
}

TEST(sidecar_redis, takes_back_what_a_silent_client_holds) {
  const redis_server server;
  front front(server, {.pin_idle_max = 500ms});
  raw_client client(front.number());
  raw_client subscriber(front.number());
  EXPECT_REPLY(client, "MULTI\r\n", "+OK\r\n");
  EXPECT_REPLY(subscriber, "SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
  EXPECT_EQ(client.read(1), "<end>");
  EXPECT_TRUE(soon([&] {
    return output_of("redis-cli -p " + server.port() + " CLIENT LIST").find("multi=0") ==
           std::string::npos;
  }));
  EXPECT_REPLY(subscriber, "PING\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
}

TEST(sidecar_redis, closes_a_client_that_does_not_read_and_no_other) {
  const redis_server server;
  front front(server, {.replies_bytes_max = 4 << 20});
  raw_client slow(front.number());
  raw_client other(front.number());
  const std::string value(1 << 20, 'v');
  EXPECT_REPLY(other, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048576\r\n" + value + "\r\n", "+OK\r\n");
  for (int i = 0; i < 40; ++i) slow.send("GET k\r\n");
  EXPECT_TRUE(soon([&] { return front.counts().slow_clients == 1; }));
  EXPECT_REPLY(other, "PING\r\n", "+PONG\r\n");
  EXPECT_TRUE(soon([&] { return front.counts().drained > 0; }));
}

TEST(sidecar_redis, gives_a_client_the_time_of_its_route_for_the_rest_of_a_request) {
  const redis_server server;
  front front(server, {.call_time_max = 500ms});
  raw_client idle(front.number());
  raw_client stops(front.number());
  EXPECT_REPLY(idle, "PING\r\n", "+PONG\r\n");
  stops.send("*2\r\n$3\r\nGET\r\n$4\r\na");
  EXPECT_EQ(stops.read(1), "<end>");
  EXPECT_REPLY(idle, "PING\r\n", "+PONG\r\n");
}

TEST(sidecar_redis, refuses_what_is_no_request_and_hides_nothing_behind_it) {
  const redis_server server;
  front front(server);
  raw_client good(front.number());
  for (const std::string bytes :
       {"*1\r\n$-1\r\nSET a 1\r\n", "*01\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        "get \"a\"\r\nSET a 1\r\n"}) {
    raw_client bad(front.number());
    bad.send(bytes);
    const auto got = bad.read(1000);
    EXPECT_TRUE(got.starts_with("-ERR ")) << got;
    EXPECT_TRUE(got.ends_with("\r\n<end>")) << got;
    EXPECT_REPLY(good, "GET a\r\n", "$-1\r\n");
  }
  EXPECT_EQ(front.counts().links, 1U);
  EXPECT_EQ(front.counts().links_lost, 0U);
}

/// "readonly", "blocking" ... of a command, as the server states them.
std::set<std::string> flags_of(const client::redis_reply& command) {
  std::set<std::string> flags;
  for (const auto& flag : command.elements.at(2).elements) flags.insert(flag.text);
  return flags;
}

TEST(sidecar_redis, knows_what_each_command_of_the_server_does) {
  const redis_server server;
  client::io_threads background;
  auto redis = client::blocking_redis::make(background, {.endpoints = {server.at()}}).value();
  const auto all = redis.command({"COMMAND"}, 5s).value();
  ASSERT_GT(all.elements.size(), 200U);
  for (const auto& command : all.elements) {
    const auto& name = command.elements.at(0).text;
    const auto flags = flags_of(command);
    const std::array<std::string_view, 1> said{name};
    const auto use = use_of(said);
    // What is sent again must change nothing; what waits must not make others wait.
    if (use == redis_use::read) EXPECT_FALSE(flags.contains("write")) << name;
    const bool is_shared = use == redis_use::read || use == redis_use::write;
    // XREAD and XREADGROUP wait where their arguments say so, which the unit test holds.
    const bool decides_by_arguments = name.starts_with("xread");
    if (flags.contains("blocking") && !decides_by_arguments) EXPECT_FALSE(is_shared) << name;
    if (flags.contains("pubsub") && flags.contains("noscript") && name.ends_with("subscribe")) {
      EXPECT_EQ(use, redis_use::tunnel) << name;
    }
  }
}

TEST(sidecar_redis, lets_clients_go_between_two_commands_when_it_drains) {
  const redis_server server;
  front front(server);
  raw_client idle(front.number());
  raw_client holds(front.number());
  EXPECT_REPLY(idle, "PING\r\n", "+PONG\r\n");
  EXPECT_REPLY(holds, "MULTI\r\nSET a 1\r\n", "+OK\r\n+QUEUED\r\n");
  front.drain();
  // What is on its way then is still answered.
  EXPECT_REPLY(idle, "PING\r\n", "+PONG\r\n");
  EXPECT_EQ(idle.read(1), "<end>");
  EXPECT_REPLY(holds, "EXEC\r\n", "*1\r\n+OK\r\n");
  EXPECT_EQ(holds.read(1), "<end>");
}

TEST(sidecar_redis, gives_no_connection_back_that_is_not_as_it_was) {
  const redis_server server;
  front front(server);
  {
    raw_client one(front.number());
    EXPECT_REPLY(one, "MULTI\r\nSET mine 1\r\nDISCARD x\r\n",
                 "+OK\r\n+QUEUED\r\n-ERR wrong number of arguments for 'discard' command\r\n");
  }
  for (const std::string_view end : {"DISCARD\r\n", "EXEC\r\n", "UNWATCH x\r\n", "MULTI x\r\n"}) {
    {
      raw_client watches(front.number());
      EXPECT_REPLY(watches, "WATCH w\r\n" + std::string(end), "+OK\r\n-ERR ");
    }
    raw_client other(front.number());
    const auto count = other.ask("INCR w\r\n", ":1\r\n");
    EXPECT_TRUE(count.starts_with(":")) << count;
    EXPECT_REPLY(other, "MULTI\r\nSET b 3\r\nEXEC\r\n", "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n") << end;
  }
  raw_client last(front.number());
  EXPECT_REPLY(last, "EXISTS mine\r\n", ":0\r\n");
}

TEST(sidecar_redis, closes_at_once_what_clients_leave_behind) {
  const redis_server server;
  front front(server);
  raw_client other(front.number());
  EXPECT_REPLY(other, "PING\r\n", "+PONG\r\n");
  const auto left = [&] { return netlab::count_sockets(netlab::time_wait, server.number()); };
  const auto before = left();
  for (int i = 0; i < 150; ++i) {
    raw_client leaves(front.number());
    leaves.send(std::array{"BLPOP q 0\r\n", "MULTI\r\nSET x 1\r\n", "SUBSCRIBE c\r\n"}.at(
        static_cast<std::size_t>(i % 3)));
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 300));
  }
  std::string list;
  EXPECT_TRUE(soon([&] {
    other.send("CLIENT LIST\r\n");
    list = other.read(std::stoul(other.read_line().substr(1)) + 2);
    return list.find("cmd=blpop") == std::string::npos &&
           list.find("multi=1") == std::string::npos &&
           list.find("cmd=subscribe") == std::string::npos;
  })) << list;
  EXPECT_REPLY(other, "RPUSH q 1 2 3\r\nLLEN q\r\nEXISTS x\r\n", ":3\r\n:3\r\n:0\r\n");
  EXPECT_EQ(left(), before);
  EXPECT_EQ(front.counts().retried, 0U);
}

TEST(sidecar_redis, never_runs_a_transaction_twice_whose_client_leaves) {
  const redis_server server;
  front front(server);
  for (int i = 0; i < 1500; ++i) {
    raw_client leaves(front.number());
    const auto key = "t:" + std::to_string(i);
    leaves.send("MULTI\r\nINCR " + key + "\r\nECHO " + key + "\r\nEXEC\r\n");
    std::this_thread::sleep_for(std::chrono::microseconds(i % 5 * 150));
  }
  // All that they sent is done once nothing waits any more: the last drained replies have come.
  std::this_thread::sleep_for(300ms);
  const std::string_view script =
      "local n=0 for _,k in ipairs(redis.call('keys','t:*')) do "
      "if redis.call('get',k)~='1' then n=n+1 end end return n";
  EXPECT_EQ(output_of("redis-cli -p " + server.port() + " EVAL \"" + std::string(script) + "\" 0"),
            "0\n");
}

TEST(sidecar_redis, takes_each_request_after_those_before_it) {
  const redis_server server;
  front front(server);
  raw_client selects(front.number());
  EXPECT_REPLY(selects, "SELECT 1\r\nSELECT 0\r\nSET zero x\r\n", "+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(output_of("redis-cli -p " + server.port() + " -n 1 DBSIZE"), "0\n");
  EXPECT_REPLY(selects, "SELECT 1\r\nRESET\r\nGET zero\r\n", "+OK\r\n+RESET\r\n$1\r\nx\r\n");
  raw_client greets(front.number());
  greets.send("HELLO 3\r\nSELECT 5\r\nHSET h f v\r\nHGETALL h\r\nQUIT\r\n");
  const auto said = greets.read(4000);
  EXPECT_TRUE(said.ends_with("+OK\r\n:1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n+OK\r\n<end>")) << said;
}

TEST(sidecar_redis, keeps_the_order_of_replies_within_a_tunnel) {
  const redis_server server;
  front front(server);
  const std::string_view subscribed = "*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n";
  raw_client asks(front.number());
  EXPECT_REPLY(asks, "SET k1 one\r\nCLIENT TRACKING OFF\r\nGET k1\r\nAUTH x\r\nGET k2\r\n",
               "+OK\r\n+OK\r\n$3\r\none\r\n+OK\r\n$-1\r\n");
  raw_client quits(front.number());
  EXPECT_REPLY(quits, "SUBSCRIBE ch\r\nQUIT\r\n", std::string(subscribed) + "+OK\r\n<end>");
  raw_client resets(front.number());
  EXPECT_REPLY(resets, "SUBSCRIBE ch\r\nRESET\r\nGET k1\r\n",
               std::string(subscribed) + "+RESET\r\n$3\r\none\r\n");
}

TEST(sidecar_redis, does_what_was_said_before_a_client_left_that_wants_no_replies) {
  const redis_server server;
  front front(server);
  for (const std::string name : {"quits", "closes"}) {
    raw_client silent(front.number());
    std::string all = "CLIENT REPLY OFF\r\n";
    for (int i = 0; i < 100; ++i) all += "SET " + name + std::to_string(i) + " 1\r\n";
    silent.send(name == "quits" ? all + "QUIT\r\n" : all);
    if (name == "quits") {
      EXPECT_READ(silent, "+OK\r\n<end>");
    }
    silent.close();
    const auto expected = name == "quits" ? "100\n" : "200\n";
    EXPECT_TRUE(soon([&] {
      return output_of("redis-cli -p " + server.port() + " DBSIZE") == expected;
    })) << name;
  }
}

TEST(sidecar_redis, lets_others_through_while_one_blocks_behind_many_words) {
  const redis_server server;
  front front(server);
  raw_client waits(front.number());
  std::string asks = "XREAD";
  for (int i = 0; i < 8; ++i) asks += " COUNT 1";
  waits.send(asks + " BLOCK 0 STREAMS st $\r\n");
  EXPECT_TRUE(soon([&] {
    return output_of("redis-cli -p " + server.port() + " INFO clients").find("blocked_clients:1") !=
           std::string::npos;
  }));
  raw_client other(front.number());
  EXPECT_REPLY(other, "INCR n\r\n", ":1\r\n");
}

// redis-benchmark's -k 0 makes a connection for each command.
TEST(sidecar_redis, makes_fifty_thousand_short_connections_one_long_one) {
  const redis_server server;
  front front(server);
  const auto left = [&] { return netlab::count_sockets(netlab::time_wait, server.number()); };
  const auto before = left();  // of who waited for the server to be there
  const auto tcp =
      output_of("redis-benchmark -p " + front.port() + " -t get -n 25000 -c 20 -k 0 --csv");
  EXPECT_NE(tcp.find("\"GET\""), std::string::npos) << tcp;
  const auto over_unix =
      output_of("redis-benchmark -s " + front.path() + " -t set -n 25000 -c 20 -k 0 --csv");
  EXPECT_NE(over_unix.find("\"SET\""), std::string::npos) << over_unix;
  EXPECT_LE(left(), before);
  const auto counts = front.counts();
  EXPECT_GE(counts.clients, 50'000U);
  EXPECT_GE(counts.requests, 50'000U);
  EXPECT_EQ(counts.links, 1U);
  EXPECT_EQ(counts.failed, 0U);
}

TEST(sidecar_redis, stands_everything_that_redis_benchmark_does) {
  const redis_server server;
  front front(server);
  const auto said = output_of("redis-benchmark -p " + front.port() + " -n 3000 -c 25 -P 8 --csv");
  for (const auto* const test : {"PING_INLINE", "SET", "LPUSH", "ZADD", "LRANGE_600", "MSET"}) {
    EXPECT_NE(said.find(test), std::string::npos) << said;
  }
  EXPECT_EQ(said.find("Error"), std::string::npos) << said;
  EXPECT_EQ(front.counts().failed, 0U);
}

TEST(sidecar_redis, is_a_route_of_a_file) {
  const redis_server server({"--requirepass", "upstream"});
  const temporary_folder folder;
  const auto port = std::to_string(free_port());
  const auto path = folder.path().string() + "/redis.sock";
  const auto text = "[[route]]\nname = \"cache\"\nlisten = [\"127.0.0.1:" + port +
                    "\", \"unix:" + path +
                    "\"]\nto = \"redis://:upstream@127.0.0.1:" + server.port() +
                    "/3\"\nredis = {client_password = \"ours\"}\n";
  auto config = parse_config(text);
  ASSERT_TRUE(config) << config.error().what;
  const auto running = sidecar::start(*config, [](const std::string&) {});
  ASSERT_TRUE(running) << running.error().what;
  const auto cli = [](const std::string& words) { return output_of("redis-cli " + words); };
  EXPECT_EQ(cli("-p " + port + " GET a"), "NOAUTH Authentication required.\n\n");
  EXPECT_EQ(cli("-p " + port + " --pass ours --no-auth-warning SET a 1"), "OK\n");
  EXPECT_EQ(cli("-s " + path + " --pass ours --no-auth-warning GET a"), "1\n");
  EXPECT_EQ(cli("-p " + server.port() + " --pass upstream --no-auth-warning -n 3 GET a"), "1\n");
  const auto status = (*running)->status();
  ASSERT_EQ(status.size(), 1U);
  const auto requests =
      std::ranges::find(status.front().figures, "redis_requests_total", &route_figure::name);
  ASSERT_NE(requests, status.front().figures.end());
  EXPECT_GE(requests->count, 5U);
}

TEST(sidecar_redis, leaves_a_server_that_was_taken_out) {
  const redis_server first;
  const redis_server second;
  const temporary_folder folder;
  const auto path = folder.path().string() + "/redis.sock";
  const auto config = parse_config("[[route]]\nname = \"cache\"\nlisten = \"unix:" + path +
                                   "\"\nto = [\"redis://127.0.0.1:" + first.port() +
                                   "\", \"redis://127.0.0.1:" + second.port() + "\"]\n");
  ASSERT_TRUE(config) << config.error().what;
  const auto running = sidecar::start(*config, [](const std::string&) {});
  ASSERT_TRUE(running) << running.error().what;
  const auto clients_of = [](const redis_server& server) {
    const auto said = output_of("redis-cli -p " + server.port() + " INFO clients");
    return said.substr(0, said.find("\r\nc", 12));
  };
  const auto ask_both = [&] {
    for (int i = 0; i < 4; ++i) output_of("redis-benchmark -s " + path + " -t get -n 500 -c 5 -q");
  };
  ask_both();
  EXPECT_EQ(clients_of(first), "# Clients\r\nconnected_clients:2");
  ASSERT_TRUE((*running)->steer("cache", {.host = "127.0.0.1", .port = first.number()},
                                server_order::drain));
  EXPECT_TRUE(soon([&] {
    ask_both();
    return clients_of(first) == "# Clients\r\nconnected_clients:1";
  }));
  EXPECT_EQ(clients_of(second), "# Clients\r\nconnected_clients:2");
}

// Debian's php-redis, as php-fpm has it.
TEST(sidecar_redis, is_what_phpredis_expects) {
  if (output_of("php -m").find("redis") == std::string::npos) GTEST_SKIP() << "no php-redis";
  const redis_server server;
  front front(server);
  const temporary_folder folder;
  const auto script = folder.write("client.php", R"(<?php
    foreach ([[$argv[1], (int)$argv[2]], [$argv[3], 0]] as $at) {
      $r = new Redis();
      $it = null;
      $r->connect($at[0], $at[1], 2.0);
      $r->auth('anything');
      $r->select(1);
      $r->set('a', 'x');
      $r->setex('b', 100, serialize(['y' => 1]));
      $r->watch('a');
      $t = $r->multi()->incr('n')->get('a')->exec();
      $p = $r->pipeline()->set('c', 'z')->get('c')->exec();
      $l = $r->lPush('l', 'v') && $r->brPop(['l'], 1)[1];
      echo json_encode([$r->get('a'), $t, $p, $l, $r->getDbNum(), $r->ping(), count($r->scan($it)) > 0]), "\n";
      $r->close();
    })");
  EXPECT_EQ(output_of("php " + script + " 127.0.0.1 " + front.port() + " " + front.path()),
            "[\"x\",[1,\"x\"],[true,\"z\"],true,1,true,true]\n"
            "[\"x\",[2,\"x\"],[true,\"z\"],true,1,true,true]\n");
}

// Debian's python3-redis.
TEST(sidecar_redis, is_what_redis_py_expects) {
  if (!output_of("/usr/bin/python3 -c 'import redis'").empty()) GTEST_SKIP() << "no python3-redis";
  const redis_server server;
  front front(server, {.client_password = "ours"});
  const temporary_folder folder;
  const auto script = folder.write("client.py", R"(import redis, sys, threading
for how in ({'host': '127.0.0.1', 'port': int(sys.argv[1])}, {'unix_socket_path': sys.argv[2]}):
    r = redis.Redis(db=2, password='ours', client_name='me', decode_responses=True, **how)
    r.flushdb()
    print(r.set('a', 'x'), r.get('a'), r.client_getname(), r.ping(), r.echo('e'), r.dbsize())
    with r.pipeline() as p:
        p.watch('a')
        p.multi()
        p.incr('n').get('a')
        print(p.execute())
    print(r.transaction(lambda p: (p.multi(), p.set('a', 'y')), 'a'))
    with r.pipeline(transaction=False) as p:
        print(p.rpush('l', 1, 2).lrange('l', 0, -1).execute())
    print(r.blpop('l', timeout=1), r.brpop('none', timeout=0.1))
    s = r.pubsub(ignore_subscribe_messages=True)
    s.subscribe('news')
    s.get_message(timeout=2)
    print(r.publish('news', 'hi'), [m['data'] for m in (s.get_message(timeout=2) for _ in range(2)) if m])
    s.close()
    print(sorted(r.scan_iter()), r.xadd('x', {'f': 'v'}) is not None, len(r.xread({'x': 0}, block=50)))
    with r.lock('lock', timeout=1):
        print(r.eval('return redis.call("exists", KEYS[1])', 1, 'lock'))
    try:
        redis.Redis(password='wrong', **how).ping()
    except redis.RedisError as e:
        print(e)
)");
  const std::string each =
      "True x me True e 1\n[1, 'x']\n[True]\n[2, ['1', '2']]\n('l', '1') None\n1 ['hi']\n"
      "['a', 'l', 'n'] True 1\n1\nWRONGPASS invalid username-password pair or user is disabled.\n";
  EXPECT_EQ(output_of("/usr/bin/python3 " + script + " " + front.port() + " " + front.path()),
            each + each);
}

}  // namespace
}  // namespace waitstate::sidecar
