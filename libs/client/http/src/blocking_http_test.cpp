#include "waitstate/client/http/blocking_http.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "http_test.h"
#include "test_server.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/http/http_service.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// Answers on one connection to a unix socket after the other, until it is destroyed.
class unix_server {
 public:
  explicit unix_server(const std::string& path)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(at.sun_path), sizeof(at.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    serving_ = std::thread([listener = listener_.get()] {
      for (fd one(::accept(listener, nullptr, nullptr)); one;
           one = fd(::accept(listener, nullptr, nullptr))) {
        answers(hi)(one.get());
      }
    });
  }
  ~unix_server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    serving_.join();
  }
  unix_server(const unix_server&) = delete;
  unix_server& operator=(const unix_server&) = delete;

 private:
  const fd listener_;
  std::thread serving_;
};

class blocking_http_test : public testing::Test {
 protected:
  static blocking_http_service over(io_threads& background, endpoint to) {
    auto servers = background.make_cluster(static_source({{.at = std::move(to)}}), {});
    return {background, *std::move(servers)};
  }
};

TEST_F(blocking_http_test, a_service_asks_a_unix_socket_over_one_kept_connection) {
  auto folder = (std::filesystem::temp_directory_path() / "waitstate-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const unix_server server(folder + "/socket");
  {
    io_threads background;
    auto app = over(background, {.host = folder + "/socket"});
    for (int i = 0; i < 3; ++i) {
      const auto got = app.request(http_get("/x"), 5s);
      ASSERT_TRUE(got) << got.error().what;
      EXPECT_EQ(got->body, "hi");
    }
    EXPECT_EQ(app.coroutines().over()->metrics().endpoints.at(0).counts.dials, 1U);
  }
  std::filesystem::remove_all(folder);
}

TEST(blocking_http, gives_the_body_to_its_sink_on_the_callers_thread_and_delays_nobody) {
  const test_server server(
      answers("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x')));
  const test_server other(answers(hi));
  const auto url = [](const test_server& at) { return "http://" + to_string(at.at()) + "/"; };
  io_threads background;
  blocking_http http(background);
  std::size_t got = 0;
  http_call_options options{.deadline = 10s};
  options.on_body = [&](const http_response& head, std::string_view piece) -> result<> {
    EXPECT_EQ(head.status, 200);
    got += piece.size();
    // It takes its time; a call of another thread does not wait for that.
    const auto began = clock::now();
    std::thread([&] { EXPECT_TRUE(http.request(http_get(url(other)), 5s)); }).join();
    EXPECT_LT(clock::now() - began, 4s);
    return {};
  };
  const auto answer = http.request(http_get(url(server)), options);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(got, 200'000U);
  EXPECT_TRUE(answer->body.empty());
}

TEST_F(blocking_http_test, a_service_says_which_socket_is_not_there) {
  io_threads background;
  auto nobody = over(background, {.host = "/nowhere/socket"});
  const auto got = nobody.request(http_post("/x", "y", "text/plain"), 1s);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("connect unix:/nowhere/socket: No such file or directory"),
            std::string::npos)
      << got.error().what;
}

}  // namespace
}  // namespace waitstate::client
