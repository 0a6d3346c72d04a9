// Servers that misbehave. What a real one does is tests/integration/redis_test.cpp's.
#include "waitstate/client/redis/redis_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// Answers every read with the same bytes.
test_server::behaviour always(std::string bytes) {
  return [bytes](int socket) {
    std::array<char, 65536> in{};
    while (::read(socket, in.data(), in.size()) > 0) send_all(socket, bytes);
  };
}

class redis_client_test : public testing::Test {
 protected:
  void TearDown() override {
    if (redis_) redis_->stop();
    redis_.reset();
    io_.stop();
  }

  void use(redis_settings settings) {
    settings.cluster.random = seeded_random(7);
    redis_ = redis_client::make(io_.executor(), std::move(settings)).value();
    io_.spawn(redis_->run());
  }
  void use(const test_server& server, const redis_limits& limits = {}) {
    redis_settings settings;
    settings.endpoints = {server.at()};
    settings.limits = limits;
    use(std::move(settings));
  }

  static redis_call within(duration time) { return {.deadline = clock::now() + time}; }
  std::string command(redis_command what, duration time = 5s) {
    const auto got = io_.await(redis_->command(std::move(what), within(time)));
    return got ? to_string(*got) : "! " + got.error().what;
  }
  std::string pipeline(std::vector<redis_command> commands) {
    const auto got = io_.await(redis_->pipeline(std::move(commands), within(5s)));
    if (!got) return "! " + got.error().what;
    return to_string(redis_reply{.kind = redis_kind::array, .elements = *got});
  }
  std::string about(const test_server& server) const {
    return "! redis " + to_string(server.at()) + ": ";
  }

  test_io io_{2};
  std::shared_ptr<redis_client> redis_;
};

TEST_F(redis_client_test, puts_a_reply_together_that_comes_in_pieces) {
  const test_server server([](int socket) {
    std::array<char, 1024> in{};
    if (::read(socket, in.data(), in.size()) <= 0) return;
    for (const char c : std::string_view("*2\r\n$5\r\nhello\r\n:7\r\n")) send_all(socket, {&c, 1});
    test_server::read_to_end(socket);
  });
  use(server);
  EXPECT_EQ(command({"GET", "x"}), "[\"hello\", 7]");
}

TEST_F(redis_client_test, keeps_a_connection_that_is_clean) {
  const test_server server(always("+OK\r\n"));
  use(server);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(command({"INCR", "x"}), "OK");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(redis_client_test, drops_a_connection_with_bytes_past_the_reply) {
  const test_server server(always("+OK\r\n+STALE\r\n"));
  use(server);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(command({"INCR", "x"}), "OK");
  EXPECT_EQ(server.accepted(), 5);
}

TEST_F(redis_client_test, refuses_what_is_not_redis_and_drops_the_connection) {
  const test_server server(always("HTTP/1.1 400 Bad Request\r\n"));
  use(server);
  EXPECT_EQ(command({"INCR", "x"}), about(server) + "Protocol error, got \"H\" as reply type byte");
  EXPECT_EQ(redis_->write()->metrics().endpoints.at(0).idle, 0U);
  EXPECT_EQ(redis_->write()->metrics().endpoints.at(0).failed, 1U);
}

TEST_F(redis_client_test, refuses_nesting_and_length_past_the_limits) {
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "*1\r\n";
  const test_server nested(always(deep + ":1\r\n"));
  use(nested);
  EXPECT_EQ(command({"INCR", "x"}),
            about(nested) + "No support for nested multi bulk replies with depth > 7");
  redis_->stop();
  const test_server long_one(always("$1000000\r\nxxx"));
  use(long_one, {.reply_bytes_max = 10'240});
  EXPECT_EQ(command({"INCR", "x"}), about(long_one) + "a reply is longer than 10 KiB");
}

TEST_F(redis_client_test, says_how_far_a_pipeline_came_that_was_cut) {
  const test_server server([](int socket) {
    std::array<char, 65536> in{};
    if (::read(socket, in.data(), in.size()) <= 0) return;
    send_all(socket, ":1\r\n:2\r\n$5\r\nhel");
  });
  use(server);
  EXPECT_EQ(pipeline({{"INCR", "x"}, {"INCR", "x"}, {"GET", "y"}}),
            about(server) + "read: End of file, after 2 of 3 replies");
  EXPECT_EQ(server.accepted(), 1) << "INCR was sent, so that it is not sent again";
}

TEST_F(redis_client_test, bounds_the_replies_to_a_pipeline_together) {
  const test_server server(always("$5\r\nhello\r\n$5\r\nhello\r\n$5\r\nhello\r\n"));
  use(server, {.pipeline_bytes_max = 33});
  EXPECT_EQ(pipeline({{"GET", "a"}, {"GET", "b"}, {"GET", "c"}}),
            "[\"hello\", \"hello\", \"hello\"]");
  redis_->stop();
  use(server, {.pipeline_bytes_max = 32});
  EXPECT_EQ(pipeline({{"INCR", "a"}, {"GET", "b"}, {"GET", "c"}}),
            about(server) + "the replies to a pipeline are longer than 32 B");
  EXPECT_EQ(redis_->write()->metrics().endpoints.at(0).idle, 0U);
}

TEST_F(redis_client_test, does_not_run_a_script_again_for_what_it_answers) {
  std::atomic<int> asked{0};
  const auto with_role = [&asked](std::string role) -> test_server::behaviour {
    return [&asked, role = std::move(role)](int socket) {
      std::array<char, 1024> in{};
      for (;;) {
        const auto got = ::read(socket, in.data(), in.size());
        if (got <= 0) return;
        const std::string_view request(in.data(), static_cast<std::size_t>(got));
        const bool is_role = request.find("ROLE") != std::string_view::npos;
        if (!is_role) ++asked;
        send_all(socket, is_role ? role : "-BUSY says the script\r\n");
      }
    };
  };
  const test_server primary(with_role("*3\r\n$6\r\nmaster\r\n:5\r\n*0\r\n"));
  const test_server replica(
      with_role("*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:5\r\n"));
  use({.endpoints = {primary.at(), replica.at()}});
  EXPECT_EQ(command({"EVAL", "...", "0"}), "(error) BUSY says the script");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(command({"INCR", "x"}, 500ms), "(error) BUSY says the script");
  EXPECT_GT(asked, 2) << "which the server itself refused";
}

TEST_F(redis_client_test, ends_a_call_at_its_deadline) {
  const test_server server(test_server::read_to_end);
  use(server);
  const auto began = clock::now();
  EXPECT_EQ(command({"GET", "x"}, 200ms), about(server) + "read: the deadline passed");
  EXPECT_LT(clock::now() - began, 2s);
  EXPECT_TRUE(soon([this] { return redis_->write()->metrics().connections == 0; }));
}

TEST_F(redis_client_test, tells_when_it_sent_what_was_not_answered) {
  const test_server server(test_server::read_to_end);
  std::optional<call_record> told;
  redis_settings settings;
  settings.endpoints = {server.at()};
  settings.cluster.calls.ended = [&](const call_record& r) { told = r; };
  use(std::move(settings));
  EXPECT_TRUE(command({"SET", "x", "1"}, 100ms).starts_with("!"));
  ASSERT_TRUE(told && told->connected && told->sent);
  EXPECT_LE(*told->connected, *told->sent);
  EXPECT_LT(*told->sent, told->began + 100ms) << "not when it was given up";
  EXPECT_FALSE(told->first_byte);
}

TEST_F(redis_client_test, sends_again_only_what_may_be_sent_twice) {
  // Answers the first request on each connection and hangs up at the second.
  std::atomic<int> requests{0};
  const test_server server([&requests](int socket) {
    std::array<char, 1024> in{};
    if (::read(socket, in.data(), in.size()) <= 0) return;
    ++requests;
    send_all(socket, "+OK\r\n");
    if (::read(socket, in.data(), in.size()) > 0) ++requests;
  });
  use(server);
  EXPECT_EQ(command({"GET", "x"}), "OK");
  EXPECT_EQ(command({"GET", "x"}), "OK") << "on another connection";
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(command({"INCR", "x"}), about(server) + "read: End of file");
  EXPECT_EQ(requests, 4);
}

TEST_F(redis_client_test, refuses_commands_that_need_a_session) {
  const test_server server(always("+OK\r\n"));
  use(server);
  const redis_command cases[] = {{"SELECT", "3"},
                                 {"multi"},
                                 {"SUBSCRIBE", "c"},
                                 {"BLPOP", "k", "0"},
                                 {"CLIENT", "SETNAME", "x"}};
  for (const auto& c : cases) {
    EXPECT_EQ(command(c), "! redis: '" + c[0] + "' changes the connection for the next user");
  }
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(redis_client_test, counts_a_refusal_as_the_servers_failure) {
  const test_server server(always("-LOADING Redis is loading the dataset in memory\r\n"));
  use(server);
  EXPECT_EQ(command({"GET", "x"}), "(error) LOADING Redis is loading the dataset in memory");
  EXPECT_EQ(redis_->read()->metrics().endpoints.at(0).failed, 1U);
}

TEST_F(redis_client_test, drops_a_session_whose_server_does_not_know_reset) {
  const test_server server([](int socket) {
    std::array<char, 1024> in{};
    for (;;) {
      const auto got = ::read(socket, in.data(), in.size());
      if (got <= 0) return;
      const std::string_view request(in.data(), static_cast<std::size_t>(got));
      send_all(socket, request.find("RESET") != std::string_view::npos
                           ? "-ERR unknown command 'RESET'\r\n"
                           : "+OK\r\n");
    }
  });
  use(server);
  auto session = io_.await(redis_->session(within(5s))).value();
  EXPECT_TRUE(io_.await(session.command({"SELECT", "3"}, clock::now() + 5s)));
  const auto ended = io_.await(session.end(clock::now() + 5s));
  ASSERT_FALSE(ended);
  EXPECT_EQ("! " + ended.error().what,
            about(server) + "RESET: (error) ERR unknown command 'RESET'");
  EXPECT_EQ(command({"INCR", "x"}), "OK");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(redis_client_test, does_not_connect_when_the_greeting_is_refused) {
  const test_server server(always("-WRONGPASS invalid username-password pair\r\n"));
  redis_settings settings;
  settings.endpoints = {server.at()};
  settings.password = "secret";
  use(std::move(settings));
  const auto got = command({"GET", "x"}, 1s);
  EXPECT_NE(got.find("WRONGPASS invalid username-password pair"), std::string::npos) << got;
  EXPECT_EQ(got.find("secret"), std::string::npos);
}

TEST_F(redis_client_test, does_not_repeat_a_password_that_the_server_does) {
  const test_server server(
      always("-ERR unknown command 'AUTH', with args beginning with: 'secret' secret\x1b\n\r\n"));
  redis_settings settings;
  settings.endpoints = {server.at()};
  settings.password = "secret";
  use(std::move(settings));
  const auto got = command({"GET", "x"}, 1s);
  EXPECT_NE(got.find("ERR unknown command 'AUTH', with args beginning with: '***' ***??"),
            std::string::npos)
      << got;
}

TEST_F(redis_client_test, drops_a_connection_whose_transaction_may_be_open) {
  const test_server server([](int socket) {
    std::array<char, 1024> in{};
    for (;;) {
      const auto got = ::read(socket, in.data(), in.size());
      if (got <= 0) return;
      const std::string_view request(in.data(), static_cast<std::size_t>(got));
      const bool is_transaction = request.find("EXEC") != std::string_view::npos;
      send_all(socket,
               is_transaction ? "+OK\r\n+QUEUED\r\n-BUSY a script is running\r\n" : "+OK\r\n");
    }
  });
  use(server);
  EXPECT_EQ(command({"INCR", "x"}), "OK");
  const auto done = io_.await(redis_->transaction({{"INCR", "x"}}, within(5s)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what,
            "redis: the transaction was discarded: 'EXEC': BUSY a script is running");
  EXPECT_EQ(command({"INCR", "x"}), "OK");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(redis_client_test, says_that_a_transaction_did_not_begin) {
  const test_server server(always("-NOPERM no MULTI\r\n:1\r\n-ERR EXEC without MULTI\r\n"));
  use(server);
  const auto done = io_.await(redis_->transaction({{"INCR", "x"}}, within(5s)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what,
            "redis: no transaction, its commands were done one by one: 'MULTI': NOPERM no MULTI");
}

TEST(redis_settings, must_make_sense) {
  const test_io io;
  const endpoint at{.host = "10.0.0.1", .port = 6379};
  redis_settings twice{.endpoints = {at, at}};
  EXPECT_EQ(redis_client::make(test_io().executor(), twice).error().what,
            "redis settings: endpoint '10.0.0.1:6379' is there twice");
  EXPECT_EQ(redis_client::make(test_io().executor(), {}).error().what,
            "redis settings: 0 endpoints, it must be 1 to 64");
  redis_settings nobody{.endpoints = {at}, .username = "app"};
  EXPECT_EQ(redis_client::make(test_io().executor(), nobody).error().what,
            "redis settings: username 'app' without a password");
}

}  // namespace
}  // namespace waitstate::client
