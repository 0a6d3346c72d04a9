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
