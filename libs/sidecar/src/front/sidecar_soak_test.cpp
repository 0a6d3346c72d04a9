// Servers that are killed and come back, that close after some requests, that are drained and
// called again; a file that is read again and again; clients that vanish: all at once, while calls
// go on. As long as WAITSTATE_SOAK_SECONDS says, else a few seconds.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sidecar_fixture.h"
#include "test_server.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::sidecar {
namespace {

using namespace std::chrono_literals;
using client::send_all;
using client::test_server;
using steady = std::chrono::steady_clock;

constexpr std::size_t servers_count = 3;
constexpr int callers = 4;
constexpr int requests_of_a_connection = 50;
constexpr std::size_t troubles_kept = 5;

// Sanitizers keep what was freed, for a while.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

std::chrono::seconds soak_time() {
  const auto* const said = std::getenv("WAITSTATE_SOAK_SECONDS");
  int seconds = 4;
  if (said != nullptr) std::from_chars(said, said + std::strlen(said), seconds);
  return std::chrono::seconds(seconds);
}

std::size_t descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident_pages() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident;
}

/// What has come of the calls, of all threads.
class soak_book {
 public:
  void failed(std::string why) {
    const std::scoped_lock held(lock_);
    ++failed_;
    if (troubles_.size() < troubles_kept) troubles_.push_back(std::move(why));
  }
  /// A server has got this POST.
  void posted(std::string target) {
    const std::scoped_lock held(lock_);
    if (!posts_.insert(std::move(target)).second) ++twice_;
  }
  void answered() { ++answered_; }

  [[nodiscard]] std::uint64_t all_answered() const { return answered_; }
  void expect_no_loss() {
    const std::scoped_lock held(lock_);
    EXPECT_EQ(failed_, 0) << testing::PrintToString(troubles_);
    EXPECT_EQ(twice_, 0) << "a POST was sent again";
    EXPECT_GT(posts_.size(), 0U);
  }

 private:
  std::mutex lock_;
  std::vector<std::string> troubles_;
  std::set<std::string> posts_;
  int failed_ = 0;
  int twice_ = 0;
  std::atomic<std::uint64_t> answered_{0};
};

class sidecar_soak : public sidecar_fixture {
 protected:
  test_server::behaviour http_server() {
    return [this](int socket) {
      for (int i = 0; i < requests_of_a_connection; ++i) {
        const auto request = read_request(socket);
        if (request.empty()) return;
        if (request.starts_with("POST ")) book_.posted(request.substr(5, request.find(' ', 5) - 5));
        if (!send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")) return;
      }
    };
  }

  static test_server::behaviour thrift_server() {
    return [](int socket) {
      for (;;) {
        const auto got = read_frame(socket);
        const auto read = client::read_thrift_envelope(got);
        if (!read) return;
        const bool is_probe = read->name.starts_with("__can");
        const auto type =
            is_probe ? client::thrift_message_type::exception : client::thrift_message_type::reply;
        std::string reply;
        client::append_thrift_envelope(reply,
                                       {.type = type, .seqid = read->seqid, .name = read->name});
        reply += '\0';
        std::string framed;
        client::append_thrift_frame(framed, reply);
        if (!send_all(socket, framed)) return;
      }
    };
  }

  /// A route of HTTP to all servers and one of Thrift; `turn` makes another file of it each time.
  [[nodiscard]] config file(int turn) const {
    std::vector<std::string> to;
    for (const auto port : ports_) to.push_back("http://127.0.0.1:" + std::to_string(port));
    auto c = single_route(client::to_string(front_), to).value();
    c.routes.front().idle_time_max = 30s + turn * 1s;
    auto thrift = single_route(client::to_string(thrift_front_),
                               {"thrift://" + client::to_string(thrift_at_)})
                      .value();
    c.routes.push_back(std::move(thrift.routes.front()));
    c.threads = 2;
    c.drain_time_max = 5s;
    return c;
  }

  /// Reads a response with a body of five bytes; the head of it.
  static std::string response_from(int socket) {
    auto head = read_request(socket);
    return read_exactly(socket, 5) == "hello" ? head : std::string();
  }

  void ask_as_http(int caller, int turn) {
    auto connection = connected_to(front_);
    const auto target = "/" + std::to_string(caller) + "-" + std::to_string(turn);
    if (turn % 7 == 0) {
      send_all(connection.get(), "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
      reset_on_close(connection.get());
      return;
    }
    const bool posts = turn % 5 == 0;
    for (int i = 0; i < turn % 4 + 1; ++i) {
      send_all(connection.get(), (posts ? "POST " : "GET ") + target + "-" + std::to_string(i) +
                                     " HTTP/1.1\r\nHost: a\r\n" +
                                     (posts ? "Content-Length: 0\r\n\r\n" : "\r\n"));
      const auto head = response_from(connection.get());
      // A POST whose connection is killed under it is lost, and may not be sent again.
      if (head.starts_with("HTTP/1.1 200 ")) {
        book_.answered();
      } else if (!posts) {
        book_.failed(target + ": " + head);
      }
      if (head.empty() || head.find("Connection: close") != head.npos) return;
    }
  }

  void ask_as_thrift() {
    auto connection = connected_to(thrift_front_);
    for (std::int32_t i = 0; i < 3; ++i) {
      std::string call;
      client::append_thrift_envelope(call, {.seqid = i, .name = "find"});
      call += '\0';
      std::string framed;
      client::append_thrift_frame(framed, call);
      send_all(connection.get(), framed);
      const auto reply = read_frame(connection.get());
      const auto read = client::read_thrift_envelope(reply);
      const bool is_well =
          read && read->type == client::thrift_message_type::reply && read->seqid == i;
      if (is_well) {
        book_.answered();
      } else {
        book_.failed("thrift: " + reply);
      }
    }
  }

  /// One fault after the other until the time is over.
  void trouble(const std::function<bool()>& is_over) {
    for (int turn = 0; !is_over(); ++turn) {
      const auto which = static_cast<std::size_t>(turn) % servers_count;
      servers_.at(which).reset();
      std::this_thread::sleep_for(30ms);
      servers_.at(which).emplace(http_server(), ports_.at(which));
      const client::endpoint other{.host = "127.0.0.1", .port = ports_.at((which + 1) % 3)};
      ASSERT_TRUE(running_->steer("http", other, server_order::drain));
      ASSERT_TRUE(running_->reload(file(turn % 2)));
      std::this_thread::sleep_for(30ms);
      ASSERT_TRUE(running_->steer("http", other, server_order::ready));
      std::this_thread::sleep_for(40ms);
    }
  }

  soak_book book_;
  std::array<std::optional<test_server>, servers_count> servers_;
  std::array<std::uint16_t, servers_count> ports_{};
  client::endpoint thrift_front_;
  client::endpoint thrift_at_;
};

TEST_F(sidecar_soak, no_call_is_lost_and_nothing_is_left_behind) {
  const auto before = descriptors();
  const test_server thrift(thrift_server());
  thrift_at_ = thrift.at();
  for (std::size_t i = 0; i < servers_count; ++i) {
    ports_.at(i) = servers_.at(i).emplace(http_server()).at().port;
  }
  front_ = {.host = "127.0.0.1", .port = test_server(test_server::echo).at().port};
  thrift_front_ = {.host = "127.0.0.1", .port = test_server(test_server::echo).at().port};
  running_ = sidecar::start(file(0), [](const std::string&) {}).value();

  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      for (int turn = 1; !is_over; ++turn) {
        try {
          ask_as_http(caller, turn);
          ask_as_thrift();
        } catch (const std::exception& e) {
          book_.failed(e.what());
        }
      }
    });
  }
  const auto began = steady::now();
  const auto warm_after = soak_time() / 3;
  trouble([&] { return steady::now() - began > warm_after; });
  const auto warm = resident_pages();
  trouble([&] { return steady::now() - began > soak_time(); });
  is_over = true;
  for (auto& t : threads) t.join();
  const auto grown = resident_pages();
  RecordProperty("answered", std::to_string(book_.all_answered()));
  book_.expect_no_loss();
  EXPECT_GT(book_.all_answered(), 100U);
  running_.reset();
  for (auto& one : servers_) one.reset();
  constexpr std::size_t grown_max = std::size_t{16} << 20 >> 12;
  if (!is_sanitized) EXPECT_LT(grown, warm + grown_max) << "pages";
  // The Thrift server holds a socket of each loop until it ends.
  EXPECT_LE(descriptors(), before + 1 + static_cast<std::size_t>(thrift.accepted()));
  std::printf("%llu calls answered, %zu pages after a third, %zu at the end\n",
              static_cast<unsigned long long>(book_.all_answered()), warm, grown);
}

}  // namespace
}  // namespace waitstate::sidecar
