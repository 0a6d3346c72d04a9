#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// Writes all of it; false when the client is gone.
bool send_all(int socket, std::string_view bytes);

/// A server on loopback with a free port, that does with each connection what the test says, each
/// on a thread of its own. Stops, and closes everything, when destroyed.
class test_server {
 public:
  /// Called with each accepted socket; the socket is closed when it returns.
  using behaviour = std::function<void(int socket)>;

  /// `port`: where another one was before; 0: a free one.
  explicit test_server(behaviour serve, std::uint16_t port = 0);
  ~test_server();
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;

  [[nodiscard]] endpoint at() const { return {.host = "127.0.0.1", .port = port_}; }
  [[nodiscard]] int accepted() const { return accepted_; }

  /// Reads until the client closes; the behaviour of a polite server that says nothing.
  static void read_to_end(int socket);
  /// Sends back what it gets.
  static void echo(int socket);
  /// Sends the end of the stream at once and then waits for the client to close.
  static void half_close(int socket);

 private:
  void accept_all();

  const behaviour serve_;
  fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::vector<int> open_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace waitstate::client
