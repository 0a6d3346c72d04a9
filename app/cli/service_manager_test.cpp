#include "app/cli/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

/// The other end: a socket in the abstract name space, of which nothing is left behind.
class manager {
 public:
  manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    name_ = "@waitstate-test-" + std::to_string(::getpid());
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::ranges::copy(name_, at.sun_path);
    at.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), length), 0);
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
  }
  ~manager() {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;

  [[nodiscard]] std::string heard() const {
    std::array<char, 512> bytes{};
    const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    return got < 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(got));
  }

 private:
  fd socket_;
  std::string name_;
};

TEST(service_manager, is_told_what_we_do) {
  const manager other;
  service_manager us;
  us.ready("2 rules");
  EXPECT_EQ(other.heard(), "READY=1\nSTATUS=2 rules");
  us.reloading();
  EXPECT_THAT(other.heard(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  us.stopping();
  EXPECT_EQ(other.heard(), "STOPPING=1");
  us.tick();
  EXPECT_EQ(other.heard(), "") << "no watchdog waits";
}

TEST(service_manager, hears_of_our_life_thrice_in_its_time_and_not_more) {
  const manager other;
  ::setenv("WATCHDOG_USEC", "300000", 1);
  service_manager us;
  EXPECT_EQ(us.tick_every(), 100ms);
  us.tick();
  us.tick();
  EXPECT_EQ(other.heard(), "WATCHDOG=1");
  EXPECT_EQ(other.heard(), "");
  std::this_thread::sleep_for(110ms);
  us.tick();
  EXPECT_EQ(other.heard(), "WATCHDOG=1");
}

TEST(service_manager, of_another_process_has_a_watchdog_that_is_none_of_ours) {
  const manager other;
  ::setenv("WATCHDOG_USEC", "300000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(service_manager().tick_every());
}

TEST(service_manager, that_does_not_read_holds_nobody_up) {
  const manager other;
  ::setenv("WATCHDOG_USEC", "3000", 1);
  service_manager us;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 2'000; ++i) {
    us.tick();
    std::this_thread::sleep_for(1ms);
  }
  us.stopping();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 8s);
}

TEST(service_manager, that_is_not_there_is_no_trouble) {
  service_manager().ready("x");
  ::setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
  service_manager().ready("x");
  ::unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace waitstate::cli
