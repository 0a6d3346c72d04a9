#include "zookeeper_session.h"

#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include <functional>
#include <future>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/strand.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/internal/byte_reader.h"

// ZooKeeper's C client asks calloc() for a negative number of strings and goes on with the null
// that it gets; a sanitizer would end the process there, which no program without one sees.
extern "C" {
const char* __asan_default_options();
const char* __tsan_default_options();
const char* __lsan_default_suppressions();
const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
const char* __tsan_default_options() {
  return "allocator_may_return_null=1";
}
const char* __lsan_default_suppressions() {
  return "leak:libzookeeper_mt";
}
}

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::string receive(int socket, std::size_t size) {
  std::string bytes(size, '\0');
  const auto got = ::recv(socket, bytes.data(), size, MSG_WAITALL);
  return std::cmp_equal(got, size) ? bytes : std::string();
}

std::string framed(const std::string& body) {
  std::string frame;
  append_counted<std::int32_t>(frame, body);
  return frame;
}

/// Takes a session, and answers every request in it with this after the header.
test_server::behaviour answers_with(std::string body) {
  return [body](int socket) {
    const auto next = [&] {
      const auto size = receive(socket, 4);
      return receive(socket, byte_reader(size).number<std::uint32_t>());
    };
    next();
    std::string session;
    append_number<std::int32_t>(session, 0);       // version
    append_number<std::int32_t>(session, 10'000);  // time-out
    append_number<std::int64_t>(session, 0x1234);
    append_counted<std::int32_t>(session, std::string(16, 'p'));
    send_all(socket, framed(session));
    for (auto asked = next(); !asked.empty(); asked = next()) {
      std::string answer;
      append_number(answer, byte_reader(asked).number<std::int32_t>());  // xid
      append_number<std::int64_t>(answer, 1);                            // zxid
      append_number<std::int32_t>(answer, ZOK);
      send_all(socket, framed(answer + body));
    }
  };
}

std::string number(std::int32_t value) {
  std::string bytes;
  append_number(bytes, value);
  return bytes;
}

using request = std::function<zookeeper_session::pending(zookeeper_session&)>;

task<zookeeper_reply> ask(std::shared_ptr<zookeeper_session> session, request what) {
  const auto reply = co_await zookeeper_session::take(what(*session), clock::now() + 60s);
  session->close();
  co_await zookeeper_session::closed(session, clock::now() + 60s);
  co_return reply;
}

/// What a session makes of a server that answers with this.
int code_for(const std::string& body, const request& what) {
  test_server server(answers_with(body));
  test_io io;
  std::promise<void> connected;
  bool is_connected = false;
  const auto session = std::make_shared<zookeeper_session>(
      asio::make_strand(io.executor()),
      zookeeper_session::settings{.hosts = to_string(server.at()), .auth = {}},
      [&](const zookeeper_event& event) {
        if (event.what != zookeeper_event::kind::connected || std::exchange(is_connected, true))
          return;
        connected.set_value();
      });
  connected.get_future().wait();
  const auto reply = io.await(ask(session, what));
  return reply->code;
}

TEST(zookeeper_session, outlives_lists_of_children_that_are_broken) {
  const auto children = [](zookeeper_session& s) { return s.children("/a"); };
  const auto one = number(1) + "a";
  const auto rest_of_stat = std::string(68, '\0');
  EXPECT_EQ(code_for(number(3) + one, children), ZMARSHALLINGERROR) << "a short list";
  EXPECT_EQ(code_for(number(1) + number(-1), children), ZMARSHALLINGERROR) << "a null string";
  EXPECT_EQ(code_for(number(1'000'000) + one, children), ZMARSHALLINGERROR);
  EXPECT_EQ(code_for(number(-5), children), ZMARSHALLINGERROR);
  EXPECT_EQ(code_for("", children), ZMARSHALLINGERROR) << "nothing at all";
  EXPECT_EQ(code_for(number(1) + one + rest_of_stat, children), ZMARSHALLINGERROR)
      << "a node that has no children, it says";
}

TEST(zookeeper_session, outlives_data_that_are_announced_and_do_not_come) {
  const auto data = [](zookeeper_session& s) { return s.data("/a", false); };
  EXPECT_EQ(code_for(number(1 << 20), data), ZMARSHALLINGERROR);
  EXPECT_EQ(code_for(number(-7), data), ZMARSHALLINGERROR);
  EXPECT_EQ(code_for("", data), ZMARSHALLINGERROR);
}

TEST(zookeeper_session, outlives_other_answers_without_their_bytes) {
  code_for("", [](zookeeper_session& s) { return s.exists("/a"); });
  code_for("", [](zookeeper_session& s) { return s.sync("/a"); });
  code_for(number(-1), [](zookeeper_session& s) {
    return s.create("/a", "", zookeeper_session::node_kind::persistent, true);
  });
}

TEST(zookeeper_session, says_that_an_answer_is_broken) {
  const auto why = from_zookeeper(ZMARSHALLINGERROR, "read /a");
  EXPECT_EQ(why.code, errc::corrupt);
  EXPECT_EQ(why.what, "read /a: the answer breaks ZooKeeper's format");
}

}  // namespace
}  // namespace waitstate::client
