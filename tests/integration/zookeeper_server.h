#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {

/// A standalone ZooKeeper server on a free port of 127.0.0.1, which keeps its data and its port
/// over a restart, and leaves nothing behind. Started when made; throws std::runtime_error when it
/// does not come up. Sessions may be as short as 400 ms.
class zookeeper_server {
 public:
  zookeeper_server();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "127.0.0.1:port", as the C client and serverset_address have it.
  [[nodiscard]] std::string hosts() const;

  /// kill -9.
  void kill();
  /// Starts it again after kill(), and waits until it listens.
  void restart();
  /// SIGSTOP and SIGCONT: connections stay, nothing is answered.
  void pause() const { running_->pause(); }
  void resume() const { running_->resume(); }

 private:
  netlab::temporary_folder folder_;
  std::uint16_t port_;
  std::optional<netlab::server_process> running_;
};

}  // namespace waitstate::integration_test
