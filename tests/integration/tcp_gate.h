#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "test_io.h"

namespace waitstate::integration_test {

/// Stands between a client and a server on 127.0.0.1, to take one from the other while both live.
class tcp_gate {
 public:
  explicit tcp_gate(std::uint16_t to);
  ~tcp_gate();
  tcp_gate(const tcp_gate&) = delete;
  tcp_gate& operator=(const tcp_gate&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Ends all connections, and new ones at once.
  void close();
  void open();
  /// Of what the server says on connections that come from now on only the first packet (a length
  /// in 4 bytes and as many bytes) is passed on.
  void pass_only_the_first_answer(bool is_on);

 private:
  struct state;
  client::test_io io_;
  std::shared_ptr<state> state_;
  std::uint16_t port_ = 0;
};

}  // namespace waitstate::integration_test
