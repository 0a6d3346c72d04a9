// Story: a crawler forgot to release responses on errors until there were too many open files. Here
// a third of the answers are 404, cut short or endless, and the descriptors stay as many as the
// pool has.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "http_test.h"
#include "test_io.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/http.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using netlab::close_wait;
using netlab::count_sockets;

/// Many connections on one thread. What it does is in the path: /ok, /missing, /cut, /endless.
class moody_server {
 public:
  moody_server()
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    ::bind(listener_.get(), address, size);
    ::listen(listener_.get(), 1024);
    ::getsockname(listener_.get(), address, &size);
    port_ = ntohs(at.sin_port);
    watch(listener_.get());
    thread_ = std::thread([this] { serve(); });
  }
  ~moody_server() {
    stopped_ = true;
    thread_.join();
  }
  moody_server(const moody_server&) = delete;
  moody_server& operator=(const moody_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct peer {
    fd socket;
    std::string asked;
    bool is_endless = false;
  };

  void watch(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
  }

  void serve() {
    auto next_trickle = clock::now();
    while (!stopped_) {
      std::array<epoll_event, 64> events{};
      const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 10);
      for (int i = 0; i < count; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        socket == listener_.get() ? accept_all() : hear(socket);
      }
      if (clock::now() < next_trickle) continue;
      next_trickle = clock::now() + 10ms;
      for (auto& [socket, p] : peers_) {
        if (p.is_endless) say(socket, "5\r\nmore \r\n");
      }
    }
  }

  void accept_all() {
    for (;;) {
      fd made(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (made.get() < 0) return;
      const int socket = made.get();
      watch(socket);
      peers_[socket].socket = std::move(made);
    }
  }

  static void say(int socket, std::string_view text) {
    // What does not fit is not sent: only the endless answers could come to that.
    (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void hear(int socket) {
    std::array<char, 4096> bytes{};
    const auto got = ::read(socket, bytes.data(), bytes.size());
    auto& p = peers_[socket];
    if (got <= 0) {
      peers_.erase(socket);
      return;
    }
    p.asked.append(bytes.data(), static_cast<std::size_t>(got));
    if (!p.asked.ends_with("\r\n\r\n")) return;
    const auto asked = std::exchange(p.asked, {});
    if (asked.starts_with("GET /ok ")) {
      say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    } else if (asked.starts_with("GET /missing ")) {
      say(socket, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
    } else if (asked.starts_with("GET /cut ")) {
      say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nonly this");
      peers_.erase(socket);
    } else {
      say(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      p.is_endless = true;
    }
  }

  fd listener_;
  fd epoll_;
  std::uint16_t port_ = 0;
  std::map<int, peer> peers_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

struct crawl {
  std::string base;
  int requests = 0;
  std::atomic<int> next{0};
  std::atomic<int> good{0};
  std::atomic<int> missing{0};
  std::atomic<int> cut{0};
  std::atomic<int> endless{0};
  std::atomic<int> unexpected{0};
};

/// Every third answer is bad; of these every sixteenth is endless.
std::string_view path_of(int number) {
  if (number % 3 != 0) return "/ok";
  const int bad = number / 3;
  if (bad % 16 == 0) return "/endless";
  return bad % 2 == 0 ? "/cut" : "/missing";
}

task<bool> crawl_on(http_client http, std::shared_ptr<crawl> all) {
  for (int number = all->next++; number < all->requests; number = all->next++) {
    const auto path = path_of(number);
    const auto within = path == "/endless" ? 60ms : 20'000ms;
    const auto got =
        co_await http.request(http_get(all->base + std::string(path)), clock::now() + within);
    if (path == "/ok" && got && got->status == 200) {
      ++all->good;
    } else if (path == "/missing" && got && got->status == 404) {
      ++all->missing;
    } else if (path == "/cut" && !got) {
      ++all->cut;
    } else if (path == "/endless" && !got) {
      ++all->endless;
    } else {
      if (all->unexpected++ < 10) {
        ADD_FAILURE() << path << ": " << (got ? std::to_string(got->status) : got.error().what);
      }
    }
  }
  co_return true;
}

TEST(story_crawler, keeps_its_descriptors_over_100000_bad_and_good_answers) {
  constexpr int requests = 100'000;
  constexpr int at_once = 64;
  const moody_server server;
  io_threads background;
  http_client_settings settings;
  settings.cluster.pool.limits.connections_max = at_once;
  blocking_http http(background, settings);

  const auto all = std::make_shared<crawl>();
  all->base = fmt::format("http://127.0.0.1:{}", server.port());
  all->requests = requests;
  std::vector<std::future<result<bool>>> crawlers;
  for (int i = 0; i < at_once; ++i) {
    crawlers.push_back(
        asio::co_spawn(background.executor(), crawl_on(http.coroutines(), all), asio::use_future));
  }
  // Both ends of each connection are in this process.
  while (all->next < requests / 50) std::this_thread::sleep_for(1ms);
  auto least = open_descriptors();
  auto most = least;
  while (all->next < requests) {
    std::this_thread::sleep_for(5ms);
    least = std::min(least, open_descriptors());
    most = std::max(most, open_descriptors());
  }
  for (auto& one : crawlers) EXPECT_TRUE(one.get());

  EXPECT_EQ(all->unexpected, 0);
  EXPECT_EQ(all->good, 66'666);
  EXPECT_EQ(all->good + all->missing + all->cut + all->endless, requests);
  EXPECT_LE(most - least, 2 * at_once + 16) << least << " to " << most;

  const auto m = http.coroutines().clusters().at(0)->metrics().endpoints.at(0);
  EXPECT_EQ(m.leased, 0U);
  EXPECT_EQ(m.counts.leases, m.counts.returns + m.counts.late_returns + m.counts.reclaims);
  EXPECT_LE(m.connections, static_cast<std::uint32_t>(at_once));
  EXPECT_TRUE(soon([&] { return count_sockets(close_wait, server.port()) == 0; }));
}

}  // namespace
}  // namespace waitstate::client
