// A channel against servers that do not keep to the rules, byte by byte.
#include "waitstate/client/thrift/thrift_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"
#include "thrift_test.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::string message(const thrift_envelope& begin, std::string_view body = {}) {
  std::string made;
  append_thrift_envelope(made, begin);
  made += body;
  made += '\0';
  return made;
}

std::string message(thrift_message_type type, std::int32_t seqid, std::string_view body = {}) {
  return message({.type = type, .seqid = seqid, .name = "ask"}, body);
}

std::string framed(std::string_view bytes) {
  std::string made;
  append_thrift_frame(made, bytes);
  return made;
}

/// The struct of a TApplicationException, without its end.
std::string exception_body(char type) {
  return std::string("\x08\0\x02\0\0\0", 6) + type;
}

constexpr std::string_view no_answer = "-";

/// Serves each frame with what `answer` makes of it, until that is empty.
test_server::behaviour serving(std::function<std::string(const thrift_envelope&)> answer) {
  return [answer = std::move(answer)](int socket) {
    for_each_frame(socket, [&](std::string_view frame) {
      const auto bytes = answer(read_thrift_envelope(frame).value());
      return bytes == no_answer || (!bytes.empty() && send_all(socket, bytes));
    });
  };
}

class thrift_channel_test : public testing::Test {
 protected:
  void TearDown() override {
    if (cluster_) cluster_->stop();
    cluster_.reset();
    io_.stop();
  }

  std::shared_ptr<thrift_channel> make(const test_server& server, thrift_settings how = {}) {
    cluster_settings settings{.name = "x", .random = seeded_random(7)};
    settings.pool = thrift_channel::greeted(settings.pool, how);
    cluster_ = cluster::make(io_.executor(), static_source({{server.at()}}), settings).value();
    io_.spawn(cluster_->run());
    return thrift_channel::make(cluster_, how);
  }

  result<std::string> call(const std::shared_ptr<thrift_channel>& over, std::string what,
                           bool idempotent = false) {
    const call_options options{.deadline = clock::now() + 5s, .idempotent = idempotent};
    return io_.await(over->call(std::move(what), options));
  }

  [[nodiscard]] endpoint_metrics metrics() const { return cluster_->metrics().endpoints.at(0); }

  test_io io_{2};
  std::shared_ptr<cluster> cluster_;
  thrift_settings plain_{.attempt_upgrade = false};
};

const auto ask = message(thrift_message_type::call, 99);

TEST_F(thrift_channel_test, numbers_calls_itself_and_gives_the_callers_number_back) {
  std::vector<std::int32_t> seen;
  const test_server server(serving([&](const auto& asked) {
    seen.push_back(asked.seqid);
    return framed(message(thrift_message_type::reply, asked.seqid));
  }));
  const auto over = make(server, plain_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(call(over, ask).value(), message(thrift_message_type::reply, 99));
  }
  EXPECT_EQ(seen, (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(thrift_channel_test, drops_the_connection_when_the_reply_is_to_another_message) {
  const test_server server(serving([](const auto& asked) {
    return framed(message(thrift_message_type::reply, asked.seqid + 1));
  }));
  const auto over = make(server, plain_);
  const auto got = call(over, ask, true);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::corrupt);
  EXPECT_EQ(got.error().what,
            "thrift: " + to_string(server.at()) + ": the reply is to message 2, not to 1");
  EXPECT_EQ(metrics().idle, 0U);
  EXPECT_EQ(metrics().failed, 1U);
}

TEST_F(thrift_channel_test, keeps_no_connection_with_bytes_behind_the_reply) {
  const test_server server(serving([](const auto& asked) {
    return framed(message(thrift_message_type::reply, asked.seqid)) + "more";
  }));
  const auto over = make(server, plain_);
  EXPECT_TRUE(call(over, ask));
  EXPECT_EQ(metrics().idle, 0U);
  EXPECT_TRUE(call(over, ask));
  EXPECT_EQ(metrics().counts.dials, 2U);
}

TEST_F(thrift_channel_test, passes_over_the_late_answer_to_a_oneway_message) {
  // It is sent together with the answer to the call that follows.
  std::string late;
  const test_server server(serving([&](const auto& asked) {
    if (asked.type == thrift_message_type::oneway) {
      late = framed(message(thrift_message_type::exception, asked.seqid, exception_body(1)));
      return std::string(no_answer);
    }
    return std::exchange(late, {}) + framed(message(thrift_message_type::reply, asked.seqid));
  }));
  const auto over = make(server, plain_);
  EXPECT_EQ(call(over, message(thrift_message_type::oneway, 1)).value(), "");
  EXPECT_EQ(call(over, ask).value(), message(thrift_message_type::reply, 99));
}

TEST_F(thrift_channel_test, passes_over_the_late_answers_to_several_oneway_messages) {
  std::string late;
  const test_server server(serving([&](const auto& asked) {
    if (asked.type == thrift_message_type::oneway) {
      late += framed(message(thrift_message_type::exception, asked.seqid, exception_body(1)));
      return std::string(no_answer);
    }
    return std::exchange(late, {}) + framed(message(thrift_message_type::reply, asked.seqid));
  }));
  const auto over = make(server, plain_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(call(over, message(thrift_message_type::oneway, 1)));
  EXPECT_EQ(call(over, ask).value(), message(thrift_message_type::reply, 99));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(thrift_channel_test, gives_no_call_the_late_answer_to_a_oneway_message_without_own_number) {
  const auto compact = [](thrift_message_type type) {
    return message({.protocol = thrift_protocol::compact, .type = type, .name = "ask"});
  };
  const test_server server(serving([](const auto& asked) {
    // Answers everything, the oneway message late, with the next.
    if (asked.type == thrift_message_type::oneway) return std::string(no_answer);
    return framed(message({.protocol = asked.protocol,
                           .type = thrift_message_type::reply,
                           .seqid = asked.seqid,
                           .name = asked.name}));
  }));
  const auto in_compact = make(server, plain_);
  EXPECT_TRUE(call(in_compact, compact(thrift_message_type::oneway)));
  EXPECT_EQ(metrics().idle, 0U);
  EXPECT_EQ(call(in_compact, compact(thrift_message_type::call)).value(),
            compact(thrift_message_type::reply));
  EXPECT_EQ(server.accepted(), 2);
  cluster_->stop();
  const auto callers = make(server, {.attempt_upgrade = false, .own_seqids = false});
  EXPECT_TRUE(call(callers, message(thrift_message_type::oneway, 0)));
  EXPECT_EQ(metrics().idle, 0U);
}

TEST_F(thrift_channel_test, drops_the_connection_when_the_reply_is_to_another_method) {
  std::string name = "tell";
  const test_server server(serving([&](const auto& asked) {
    return framed(
        message({.type = thrift_message_type::reply, .seqid = asked.seqid, .name = name}));
  }));
  const auto over = make(server, plain_);
  const auto got = call(over, ask, true);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::corrupt);
  EXPECT_EQ(got.error().what,
            "thrift: " + to_string(server.at()) + ": the reply is to 'tell', not to 'ask'");
  EXPECT_EQ(metrics().idle, 0U);

  const thrift_envelope many{.type = thrift_message_type::call, .name = "service:ask"};
  name = "ask";
  EXPECT_TRUE(call(over, message(many))) << "as several services at one server answer";
  name = "sk";
  EXPECT_FALSE(call(over, message(many)));
}

TEST_F(thrift_channel_test, an_exception_is_the_callers_and_only_the_servers_own_count) {
  char type = thrift_exception::unknown_method;
  const test_server server(serving([&](const auto& asked) {
    return framed(message(thrift_message_type::exception, asked.seqid, exception_body(type)));
  }));
  const auto over = make(server, plain_);
  EXPECT_EQ(call(over, ask).value(),
            message(thrift_message_type::exception, 99, exception_body(type)));
  EXPECT_EQ(metrics().failed, 0U);
  type = thrift_exception::internal_error;
  EXPECT_TRUE(call(over, ask));
  EXPECT_EQ(metrics().failed, 1U);
  EXPECT_EQ(metrics().counts.dials, 1U);
}

TEST_F(thrift_channel_test, asks_a_server_that_hangs_up_on_the_question_only_once) {
  std::atomic<int> asked_for_upgrade{0};
  const test_server server(serving([&](const auto& asked) {
    if (asked.name.starts_with("__can__")) {
      ++asked_for_upgrade;
      return std::string();
    }
    return framed(message(thrift_message_type::reply, asked.seqid));
  }));
  const auto over = make(server);
  EXPECT_TRUE(call(over, ask));
  cluster_->rebuild();
  EXPECT_TRUE(call(over, ask));
  EXPECT_EQ(asked_for_upgrade, 1);
  EXPECT_EQ(metrics().counts.dial_failures, 0U);
  EXPECT_EQ(metrics().ejections, 0U);
}

TEST_F(thrift_channel_test, does_not_send_again_what_the_server_may_have_done) {
  std::atomic<int> asked_for{0};
  const test_server server(serving([&](const auto& asked) {
    return asked_for++ % 2 == 0 ? framed(message(thrift_message_type::reply, asked.seqid))
                                : std::string();
  }));
  const auto over = make(server, plain_);
  EXPECT_TRUE(call(over, ask));
  const auto lost = call(over, ask);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().what,
            "thrift: " + to_string(server.at()) + ": read the reply: End of file");
  EXPECT_TRUE(call(over, ask));
  EXPECT_TRUE(call(over, ask, true)) << "the connection had served a call before";
  EXPECT_EQ(asked_for, 5);
}

TEST_F(thrift_channel_test, refuses_what_is_no_call) {
  const test_server server(test_server::read_to_end);
  const auto over = make(server, {.frame_max = 100, .attempt_upgrade = false});
  EXPECT_EQ(call(over, message(thrift_message_type::reply, 1)).error().what,
            "thrift: only messages of type call and oneway can be sent");
  EXPECT_EQ(call(over, message(thrift_message_type::call, 1, std::string(100, 'x'))).error().what,
            "thrift: a call of 116 B, over the limit of 100 B");
  EXPECT_EQ(metrics().counts.dials, 0U);
}

}  // namespace
}  // namespace waitstate::client
