// The Redis client against Debian's redis-server.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "test_io.h"
#include "tests/integration/redis_server.h"
#include "waitstate/client/redis.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using integration_test::redis_server;
using netlab::temporary_folder;

std::string text(const result<redis_reply>& r) {
  return r ? to_string(*r) : "! " + r.error().what;
}
std::string text(const result<std::vector<redis_reply>>& r) {
  if (!r) return "! " + r.error().what;
  return to_string(redis_reply{.kind = redis_kind::array, .elements = *r});
}

blocking_redis connect(io_threads& runs, std::vector<endpoint> to, redis_settings settings = {}) {
  settings.endpoints = std::move(to);
  return blocking_redis::make(runs, std::move(settings)).value();
}

/// A server, and a client of it.
class redis : public testing::Test {
 protected:
  redis_server server_;
  io_threads runs_;
  blocking_redis redis_ = connect(runs_, {server_.at()});

  std::string command(redis_command c) { return text(redis_.command(std::move(c), 5s)); }
};

TEST_F(redis, gives_values_of_every_kind) {
  const std::string bytes("\0\r\n\xff", 4);
  EXPECT_EQ(command({"SET", "k", bytes}), "OK");
  EXPECT_EQ(redis_.command({"GET", "k"}, 5s)->text, bytes);
  EXPECT_EQ(command({"GET", "none"}), "(nil)");
  EXPECT_EQ(command({"INCR", "n"}), "1");
  EXPECT_EQ(command({"RPUSH", "l", "a", "b"}), "2");
  EXPECT_EQ(command({"LRANGE", "l", "0", "-1"}), "[\"a\", \"b\"]");
  EXPECT_EQ(command({"LPUSH", "k", "x"}),
            "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(command({"EVAL", "return {1,{2,{3,{4,{5,{6,{7}}}}}}}", "0"}),
            "[1, [2, [3, [4, [5, [6, [7]]]]]]]");
  EXPECT_EQ(redis_.coroutines()->write()->metrics().endpoints.at(0).counts.dials, 1U);
}

TEST_F(redis, answers_a_pipeline_of_ten_thousand_in_order) {
  std::vector<redis_command> commands;
  for (int i = 0; i < 10'000; ++i) {
    commands.push_back(i == 5000 ? redis_command{"LPUSH", "n"} : redis_command{"INCR", "n"});
  }
  const auto replies = redis_.pipeline(std::move(commands), 10s);
  ASSERT_EQ(replies->size(), 10'000U);
  EXPECT_EQ((*replies)[0].number, 1);
  EXPECT_TRUE((*replies)[5000].is_error());
  EXPECT_EQ((*replies)[9999].number, 9999);
  EXPECT_EQ(command({"GET", "n"}), "\"9999\"");
  EXPECT_EQ(redis_.coroutines()->write()->metrics().endpoints.at(0).counts.dials, 1U);
}

TEST_F(redis, moves_a_large_value_in_a_pipeline_both_ways) {
  const std::string large(std::size_t{8} << 20, 'x');
  const auto got =
      redis_.pipeline({{"SET", "a", large}, {"GET", "a"}, {"SET", "b", large}, {"GET", "b"}}, 20s);
  ASSERT_EQ(got->size(), 4U);
  EXPECT_EQ((*got)[3].text, large);
}

TEST_F(redis, executes_a_transaction_or_nothing_of_it) {
  EXPECT_EQ(text(redis_.transaction({{"SET", "a", "1"}, {"INCR", "a"}, {"GET", "a"}}, 5s)),
            "[OK, 2, \"2\"]");
  EXPECT_EQ(text(redis_.transaction({{"SET", "a", "x"}, {"INCR", "a"}}, 5s)),
            "[OK, (error) ERR value is not an integer or out of range]");
  EXPECT_EQ(text(redis_.transaction({{"SET", "a", "lost"}, {"NO.SUCH"}}, 5s)).substr(0, 75),
            "! redis: the transaction was discarded: 'NO.SUCH': ERR unknown command 'NO.");
  EXPECT_EQ(command({"GET", "a"}), "\"x\"");
}

TEST_F(redis, leaves_nothing_of_a_session_to_the_next_lease) {
  const auto dials = [this] {
    return redis_.coroutines()->write()->metrics().endpoints.at(0).counts.dials;
  };
  EXPECT_EQ(command({"SET", "k", "of 0"}), "OK");
  auto session = redis_.session(5s).value();
  EXPECT_EQ(text(session.pipeline({{"SELECT", "3"},
                                   {"CLIENT", "SETNAME", "mine"},
                                   {"MULTI"},
                                   {"SET", "k", "never executed"}},
                                  5s)),
            "[OK, OK, OK, QUEUED]");
  EXPECT_TRUE(session.end(5s));
  EXPECT_EQ(command({"GET", "k"}), "\"of 0\"");
  EXPECT_EQ(text(redis_.command({"CLIENT", "GETNAME"}, 5s)), "(nil)");
  EXPECT_EQ(dials(), 1U) << "the connection was reset, not closed";
}

TEST_F(redis, resets_a_session_that_was_just_dropped) {
  {
    EXPECT_EQ(text(redis_.session(5s)->command({"SELECT", "3"}, 5s)), "OK");
  }
  EXPECT_TRUE(
      soon([this] { return redis_.coroutines()->write()->metrics().endpoints.at(0).idle == 1; }));
  EXPECT_EQ(command({"SET", "k", "v"}), "OK");
  EXPECT_NE(command({"INFO", "keyspace"}).find("db0:keys=1"), std::string::npos);
}

TEST_F(redis, subscribes_in_a_session_and_comes_back) {
  auto session = redis_.session(5s).value();
  EXPECT_EQ(text(session.command({"SUBSCRIBE", "a", "b"}, 5s)), "[\"subscribe\", \"a\", 1]");
  EXPECT_EQ(text(session.receive(5s)), "[\"subscribe\", \"b\", 2]");
  EXPECT_EQ(command({"PUBLISH", "a", "hello"}), "1");
  EXPECT_EQ(text(session.receive(5s)), "[\"message\", \"a\", \"hello\"]");
  // Some are under way when it ends.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(command({"PUBLISH", "b", "more"}), "1");
  EXPECT_TRUE(session.end(5s));
  EXPECT_EQ(command({"PUBLISH", "a", "nobody"}), "0");
  EXPECT_EQ(redis_.coroutines()->write()->metrics().endpoints.at(0).idle, 2U);
}

TEST_F(redis, watches_keys_in_a_session) {
  auto session = redis_.session(5s).value();
  EXPECT_EQ(text(session.command({"WATCH", "k"}, 5s)), "OK");
  EXPECT_EQ(command({"SET", "k", "changed"}), "OK");
  EXPECT_EQ(text(session.pipeline({{"MULTI"}, {"SET", "k", "mine"}, {"EXEC"}}, 5s)),
            "[OK, QUEUED, (nil)]");
}

TEST_F(redis, ends_a_blocking_command_at_the_deadline) {
  auto session = redis_.session(5s).value();
  EXPECT_EQ(text(session.command({"BLPOP", "nothing", "0"}, 300ms)),
            "! redis " + to_string(server_.at()) + ": read: the deadline passed");
  EXPECT_FALSE(session.end(1s));
  EXPECT_EQ(command({"PING"}), "PONG");
}

TEST_F(redis, notices_a_killed_idle_connection_before_it_is_leased) {
  EXPECT_EQ(command({"PING"}), "PONG");
  const auto metrics = [this] { return redis_.coroutines()->write()->metrics().endpoints.at(0); };
  ASSERT_EQ(metrics().idle, 1U);
  auto killer = connect(runs_, {server_.at()});
  EXPECT_EQ(text(killer.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}, 5s)), "1");
  EXPECT_TRUE(soon([&] { return metrics().idle == 0; }));
  EXPECT_EQ(command({"INCR", "n"}), "1");
  EXPECT_EQ(redis_.coroutines()->write()->metrics().retries, 0U);
}

TEST(redis_idle, limit_of_the_server_is_learned_and_undercut) {
  const redis_server server({"--timeout", "1"});
  io_threads runs;
  auto r = connect(runs, {server.at()});
  const auto metrics = [&] { return r.coroutines()->write()->metrics().endpoints.at(0); };
  const auto until = clock::now() + 20s;
  while (!metrics().idle_limit_learned && clock::now() < until) {
    ASSERT_TRUE(r.command({"PING"}, 5s));
    ASSERT_TRUE(soon([&] { return metrics().idle == 0; }));
  }
  ASSERT_TRUE(metrics().idle_limit_learned);
  EXPECT_LT(*metrics().idle_limit_learned, 2s);
  EXPECT_GT(*metrics().idle_limit_learned, 500ms);
}

TEST(redis_auth, greets_each_connection_and_each_that_was_reset) {
  const redis_server server(
      {"--requirepass", "geheim", "--user", "app", "on", ">s3cret", "~*", "&*", "+@all"});
  io_threads runs;
  auto stranger = connect(runs, {server.at()});
  EXPECT_EQ(text(stranger.command({"GET", "k"}, 5s)), "(error) NOAUTH Authentication required.");

  auto of_user =
      connect(runs, {server.at()},
              {.username = "app", .password = "s3cret", .database = 2, .client_name = "shop"});
  EXPECT_EQ(text(of_user.command({"ACL", "WHOAMI"}, 5s)), "\"app\"");
  EXPECT_EQ(text(of_user.command({"CLIENT", "GETNAME"}, 5s)), "\"shop\"");
  auto session = of_user.session(5s).value();
  EXPECT_EQ(text(session.command({"SELECT", "5"}, 5s)), "OK");
  EXPECT_TRUE(session.end(5s));
  EXPECT_NE(of_user.command({"CLIENT", "LIST"}, 5s)->text.find("name=shop"), std::string::npos);
  EXPECT_EQ(text(of_user.command({"SET", "k", "v"}, 5s)), "OK");
  EXPECT_NE(text(of_user.command({"INFO", "keyspace"}, 5s)).find("db2:keys=1"), std::string::npos);
  EXPECT_EQ(of_user.coroutines()->write()->metrics().endpoints.at(0).counts.dials, 1U);

  auto wrong = connect(runs, {server.at()}, {.password = "falsch"});
  const auto refused = wrong.command({"GET", "k"}, 1s);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("WRONGPASS"), std::string::npos) << refused.error().what;
}

TEST(redis_unix, works_over_a_unix_socket) {
  const temporary_folder folder;
  const auto path = (folder.path() / "redis.sock").string();
  const redis_server server({"--unixsocket", path});
  io_threads runs;
  auto r = connect(runs, {parse_endpoint("unix:" + path).value()});
  EXPECT_EQ(text(r.command({"SET", "k", "v"}, 5s)), "OK");
  EXPECT_EQ(text(r.command({"GET", "k"}, 5s)), "\"v\"");
}

bool has_flag(const redis_reply& flags, std::string_view which) {
  return std::ranges::any_of(flags.elements, [&](const auto& f) { return f.text == which; });
}

TEST_F(redis, classifies_commands_as_the_server_does) {
  const auto all = redis_.command({"COMMAND"}, 5s).value();
  ASSERT_GT(all.elements.size(), 200U);
  for (const auto& entry : all.elements) {
    const auto name = entry.elements.at(0).text;
    const auto& flags = entry.elements.at(2);
    const auto kind = classify({name});
    const bool has_no_keys = name == "ping" || name == "echo";
    if (kind == redis_command_kind::read) {
      EXPECT_TRUE(has_flag(flags, "readonly") || has_no_keys) << name;
    }
    if (has_flag(flags, "write")) {
      EXPECT_NE(kind, redis_command_kind::read) << name;
    }
    if (has_flag(flags, "pubsub") && name != "publish" && name != "spublish" && name != "pubsub") {
      EXPECT_EQ(kind, redis_command_kind::stateful) << name;
    }
    const bool blocks_by_option = name == "xread" || name == "xreadgroup";
    if (has_flag(flags, "blocking") && !blocks_by_option) {
      EXPECT_EQ(kind, redis_command_kind::stateful) << name;
    }
  }
}

/// A primary with a replica, known to a client that was not told which is which.
class redis_pair : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(
        text(direct_to(b_).command({"REPLICAOF", "127.0.0.1", std::to_string(a_.at().port)}, 5s)),
        "OK");
    ASSERT_TRUE(soon([this] {
      const auto set = redis_.coroutines()->read()->endpoints();
      return primary() == a_.at() && set.endpoints.size() == 1 && set.endpoints[0].at == b_.at();
    }));
  }

  blocking_redis direct_to(const redis_server& s) { return connect(runs_, {s.at()}); }
  endpoint primary() {
    const auto set = redis_.coroutines()->write()->endpoints();
    return set.endpoints.size() == 1 ? set.endpoints[0].at : endpoint{};
  }

  redis_server a_;
  redis_server b_;
  io_threads runs_{2};
  blocking_redis redis_ = connect(runs_, {b_.at(), a_.at()});
};

TEST_F(redis_pair, sends_reads_to_the_replica_and_writes_to_the_primary) {
  EXPECT_EQ(primary(), a_.at());
  EXPECT_EQ(text(redis_.command({"SET", "k", "v"}, 5s)), "OK");
  EXPECT_TRUE(soon([this] { return text(redis_.command({"GET", "k"}, 5s)) == "\"v\""; }));
  const auto port_of = [this](redis_route route) {
    const auto info = redis_.command({"CONFIG", "GET", "port"}, 5s, route).value();
    return info.elements.at(1).text;
  };
  EXPECT_EQ(port_of(redis_route::by_command), std::to_string(a_.at().port));
  EXPECT_EQ(port_of(redis_route::replica), std::to_string(b_.at().port));
  EXPECT_EQ(text(redis_.command({"GET", "k"}, 5s, redis_route::primary)), "\"v\"");
  // Who answered reads before the replica was linked may still be leaving, the replica as it was
  // then among them.
  std::vector<endpoint> staying;
  for (const auto& e : redis_.coroutines()->read()->metrics().endpoints) {
    if (!e.leaving) staying.push_back(e.to);
  }
  EXPECT_EQ(staying, std::vector{b_.at()});
}

TEST_F(redis_pair, follows_a_switch_of_roles_without_losing_a_write) {
  EXPECT_EQ(text(redis_.command({"INCR", "n"}, 5s)), "1");
  auto to_a = direct_to(a_);
  auto to_b = direct_to(b_);
  ASSERT_TRUE(soon([&] { return text(to_b.command({"GET", "n"}, 5s)) == "\"1\""; }));
  EXPECT_EQ(text(to_b.command({"REPLICAOF", "NO", "ONE"}, 5s)), "OK");
  EXPECT_EQ(text(to_a.command({"REPLICAOF", "127.0.0.1", std::to_string(b_.at().port)}, 5s)), "OK");
  // The first meets READONLY at the old primary, was not applied, and is sent to the new one.
  for (int i = 2; i < 50; ++i)
    EXPECT_EQ(text(redis_.command({"INCR", "n"}, 5s)), std::to_string(i));
  EXPECT_EQ(primary(), b_.at());
}

TEST_F(redis_pair, goes_on_reading_and_soon_writes_again_when_the_primary_dies) {
  EXPECT_EQ(text(redis_.command({"SET", "k", "v"}, 5s)), "OK");
  ASSERT_TRUE(soon([this] { return text(redis_.command({"GET", "k"}, 5s)) == "\"v\""; }));
  std::atomic<bool> is_over{false};
  std::atomic<int> reads{0};
  std::atomic<int> failed_reads{0};
  std::thread reader([&] {
    while (!is_over) {
      const auto got = redis_.command({"GET", "k"}, 1s);
      ++reads;
      if (!got || got->text != "v") ++failed_reads;
      std::this_thread::sleep_for(1ms);
    }
  });
  auto to_b = direct_to(b_);
  a_.kill();
  EXPECT_EQ(text(redis_.command({"SET", "k", "v"}, 300ms)).substr(0, 1), "!");
  const auto promoted = clock::now();
  EXPECT_EQ(text(to_b.command({"REPLICAOF", "NO", "ONE"}, 5s)), "OK");
  EXPECT_EQ(text(redis_.command({"INCR", "n"}, 3s)), "1");
  const auto took = clock::now() - promoted;
  EXPECT_LT(took, 3s);
  RecordProperty(
      "write_again_after_ms",
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  // The old one comes back, empty, and says that it is a primary, too.
  a_.start();
  std::this_thread::sleep_for(1500ms);  // more than an interval, in which nothing may happen
  EXPECT_EQ(primary(), b_.at());
  is_over = true;
  reader.join();
  EXPECT_EQ(failed_reads, 0) << "of " << reads;
  EXPECT_GT(reads, 500);
}

TEST_F(redis_pair, does_not_wait_for_a_primary_that_hangs) {
  auto to_b = direct_to(b_);
  a_.pause();
  EXPECT_EQ(text(to_b.command({"REPLICAOF", "NO", "ONE"}, 5s)), "OK");
  EXPECT_TRUE(soon([this] { return primary() == b_.at(); }));
  EXPECT_EQ(text(redis_.command({"INCR", "n"}, 3s)), "1");
  a_.resume();
}

}  // namespace
}  // namespace waitstate::client
