#include "thrift/thrift_service.h"

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "sidecar_fixture.h"
#include "test_server.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::sidecar {
namespace {

using client::send_all;
using client::test_server;
using client::thrift_envelope;
using client::thrift_message_type;
using namespace std::chrono_literals;

std::string message(const thrift_envelope& begin) {
  std::string made;
  client::append_thrift_envelope(made, begin);
  return made + '\0';
}

std::string call_of(std::string_view name, std::int32_t seqid) {
  return message({.seqid = seqid, .name = name});
}

std::string framed(std::string_view bytes) {
  std::string made;
  client::append_thrift_frame(made, bytes);
  return made;
}

/// What a server says to a message; empty: nothing.
using answer_to_call = std::function<std::string(const thrift_envelope&)>;

std::string reply_to(const thrift_envelope& call) {
  return message({.type = thrift_message_type::reply, .seqid = call.seqid, .name = call.name});
}

class thrift_route : public sidecar_fixture {
 protected:
  thrift_route() { scheme_ = "thrift"; }

  /// Is asked for the upgrade, too, and does not know it.
  static test_server::behaviour serving(answer_to_call answer) {
    return [answer = std::move(answer)](int socket) {
      for (;;) {
        const auto got = read_frame(socket);
        const auto read = client::read_thrift_envelope(got);
        if (!read) return;
        if (read->name.starts_with("__can")) {
          const auto no = message({.type = thrift_message_type::exception, .name = read->name});
          if (!send_all(socket, framed(no))) return;
          continue;
        }
        const auto said = answer(*read);
        if (said == "end") return;
        if (!said.empty() && !send_all(socket, framed(said))) return;
      }
    };
  }

  /// What the frame that comes back is.
  static std::string exchange(int socket, const std::string& call) {
    send_all(socket, framed(call));
    return read_frame(socket);
  }

  static std::string exception_in(std::string_view reply) {
    const auto read = client::read_thrift_envelope(reply);
    if (!read || read->type != thrift_message_type::exception) return "none";
    return client::read_thrift_exception(reply, *read)->message;
  }
};

TEST_F(thrift_route, gives_each_client_its_own_numbers_over_one_connection) {
  const test_server server(serving(reply_to));
  start(server);
  for (int i = 0; i < 20; ++i) {
    const auto client = connected();
    for (const std::int32_t seqid : {0, i, -1}) {
      const auto reply = exchange(client.get(), call_of("find", seqid));
      const auto read = client::read_thrift_envelope(reply).value();
      EXPECT_EQ(read.seqid, seqid);
      EXPECT_EQ(read.name, "find");
    }
  }
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(figure_of("thrift_calls_total"), 60U);
  EXPECT_EQ(figure_of("thrift_calls_over_reused_total"), 59U);
}

TEST_F(thrift_route, serves_clients_without_frames) {
  const test_server server(serving(reply_to));
  start(server);
  const auto client = connected();
  const auto call = call_of("find", 3);
  const auto expected = message({.type = thrift_message_type::reply, .seqid = 3, .name = "find"});
  for (int i = 0; i < 3; ++i) {
    send_all(client.get(), call + call);
    EXPECT_EQ(read_exactly(client.get(), 2 * expected.size()), expected + expected);
  }
}

TEST_F(thrift_route, waits_for_no_reply_of_a_method_that_the_file_lists) {
  std::atomic<int> logged{0};
  const test_server server(serving([&](const thrift_envelope& call) {
    if (call.name != "search:log") return reply_to(call);
    EXPECT_EQ(call.type, thrift_message_type::oneway);
    ++logged;
    return std::string();
  }));
  start(server, [](route& r) { r.thrift.oneway = {"log"}; });
  const auto client = connected();
  for (int i = 0; i < 10; ++i) {
    send_all(client.get(), framed(call_of("search:log", 1)));
    const auto reply = exchange(client.get(), call_of("find", i));
    EXPECT_EQ(client::read_thrift_envelope(reply).value().seqid, i);
  }
  for (int i = 0; i < 500 && logged < 10; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(logged, 10);
  EXPECT_EQ(figure_of("thrift_oneway_calls_total"), 10U);
}

TEST_F(thrift_route, never_makes_a_call_twice_that_was_written) {
  std::atomic<int> made{0};
  const test_server server(serving([&](const thrift_envelope& call) {
    ++made;
    return call.name == "warm" ? reply_to(call) : std::string("end");
  }));
  start(server);
  const auto client = connected();
  exchange(client.get(), call_of("warm", 1));
  const auto told = exception_in(exchange(client.get(), call_of("pay", 2)));
  EXPECT_TRUE(told.starts_with("waitstate: thrift: 127.0.0.1:")) << told;
  EXPECT_EQ(made, 2);
  EXPECT_EQ(figure_of("thrift_calls_failed_total"), 1U);
  EXPECT_EQ(figure_of("thrift_retries_total"), 0U);
  const auto after = exchange(client.get(), call_of("warm", 3));
  EXPECT_EQ(client::read_thrift_envelope(after).value().type, thrift_message_type::reply);
}

TEST_F(thrift_route, makes_a_call_again_that_the_file_says_may_be) {
  std::atomic<int> made{0};
  const test_server server(serving([&](const thrift_envelope& call) {
    return ++made == 2 ? std::string("end") : reply_to(call);
  }));
  start(server, [](route& r) { r.thrift.idempotent = {"get"}; });
  const auto client = connected();
  exchange(client.get(), call_of("get", 1));
  const auto reply = exchange(client.get(), call_of("get", 2));
  EXPECT_EQ(client::read_thrift_envelope(reply).value().type, thrift_message_type::reply);
  EXPECT_EQ(made, 3);
  EXPECT_EQ(figure_of("thrift_retries_helped_total"), 1U);
}

TEST_F(thrift_route, keeps_the_connection_of_a_client_that_has_gone) {
  const test_server server(serving([](const thrift_envelope& call) {
    if (call.name == "slow") std::this_thread::sleep_for(50ms);
    return reply_to(call);
  }));
  start(server);
  {
    const auto gone = connected();
    send_all(gone.get(), framed(call_of("slow", 1)));
    reset_on_close(gone.get());
    std::this_thread::sleep_for(10ms);
  }
  for (int i = 0; i < 500 && figure_of("thrift_replies_drained_total") == 0; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(figure_of("thrift_replies_drained_total"), 1U);
  const auto client = connected();
  EXPECT_NE(exchange(client.get(), call_of("find", 1)), "");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(thrift_route, tells_a_client_what_is_wrong_with_what_it_sends) {
  const test_server server(serving(reply_to));
  start(server, [](route& r) { r.thrift.message_max = 10'000; });
  const auto told = [&](const std::string& sent) {
    const auto client = connected();
    send_all(client.get(), sent);
    auto text = exception_in(read_frame(client.get()));
    EXPECT_EQ(read_frame(client.get()), "") << "and ends";
    return text;
  };
  EXPECT_EQ(told("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "waitstate: a frame of 1,195,725,856 B, over the limit of 10,000 B; the client speaks "
            "HTTP, and this is a route of Thrift");
  EXPECT_EQ(told(framed("nonsense")),
            "waitstate: thrift message: begins with 0x6e, neither TBinaryProtocol nor "
            "TCompactProtocol");
  EXPECT_EQ(told(framed(message({.type = thrift_message_type::reply, .name = "find"}))),
            "waitstate: a message that is no call");
  EXPECT_EQ(figure_of("thrift_clients_refused_total"), 3U);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(thrift_route, says_that_nobody_could_be_reached) {
  {
    const test_server server(serving(reply_to));
    gone_ = server.at();
  }
  start_to(gone_, [](route& r) { r.time_max = 300ms; });
  const auto client = connected();
  const auto told = exception_in(exchange(client.get(), call_of("find", 1)));
  EXPECT_NE(told.find("Connection refused"), std::string::npos) << told;
}

}  // namespace
}  // namespace waitstate::sidecar
