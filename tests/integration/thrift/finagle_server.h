#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "echo_handler.h"
#include "mux/mux_message.h"

namespace waitstate::integration_test {

struct finagle_options {
  int port = 0;
  std::string name;
  bool has_mux = true;
  bool answers_pings = true;
  bool has_empty_frames = false;  ///< Oneway messages are answered with one.
  int nack_every = 0;             ///< Each n-th Tdispatch is refused; 0: none.
};

/// A server that does what Finagle's do on one port, by the rules of their wire: a first frame
/// that is no Mux message is framed Thrift, whose first message may ask for the upgrade.
class finagle_server {
 public:
  explicit finagle_server(const finagle_options& options);

  /// Until the process is killed. SIGUSR1 drains its Mux connections.
  [[noreturn]] void serve();

 private:
  class peer;
  using peer_ptr = std::shared_ptr<peer>;

  static void serve_connection(finagle_server& self, const peer_ptr& to);
  void serve_thrift(const peer_ptr& to, std::string first);
  void serve_mux(const peer_ptr& to, std::string first);
  void answer_mux(const peer_ptr& to, const client::mux_message& asked);
  void dispatch(const peer_ptr& to, const client::mux_message& asked);
  /// One Thrift message through the generated processor; empty for oneway.
  std::string process(std::string message);
  void drain_on_signal();

  const finagle_options options_;
  echo_serviceProcessor processor_;
  std::atomic<int> dispatched_{0};
  std::atomic<bool> draining_{false};
  std::mutex lock_;
  std::set<peer_ptr> mux_peers_;
};

}  // namespace waitstate::integration_test
