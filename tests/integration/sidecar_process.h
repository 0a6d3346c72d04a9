#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {

/// `waitstate sidecar` with one route, listening on 127.0.0.1 and on a unix socket.
class sidecar_process {
 public:
  /// `to` is "http://127.0.0.1:8080". `more` are further words of the command line.
  explicit sidecar_process(const std::string& to, const std::vector<std::string>& more = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] netlab::server_process& process() { return *process_; }
  /// What it wrote so far.
  [[nodiscard]] std::string output() const;

 private:
  netlab::temporary_folder folder_;
  std::uint16_t port_ = netlab::free_port();
  std::optional<netlab::server_process> process_;
};

/// A client of HTTP that sends what the test says, and knows as little of it as possible.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port);

  /// False: the other side is gone.
  bool send(std::string_view bytes);
  /// Reads until `count` status lines have come, and the end of what came with the last of them,
  /// or the other side has closed, or the time is over.
  std::string read_responses(int count, std::chrono::milliseconds limit);
  /// Reads one response with a length, as far as it comes within five seconds.
  std::string exchange(std::string_view request);
  /// True: the other side closed within the limit, and sent nothing more.
  bool is_closed_within(std::chrono::milliseconds limit);
  void close() { socket_ = {}; }

 private:
  /// False: nothing came, it is over or the other side has closed.
  bool read_some(std::string& into, std::chrono::steady_clock::time_point until);

  fd socket_;
  bool is_at_end_ = false;
};

/// The statuses of the responses in it, by their status lines: "200 200 400".
[[nodiscard]] std::string statuses_of(std::string_view responses);
/// Behind the first empty line.
[[nodiscard]] std::string_view body_of(std::string_view response);

/// What a command of the shell prints, both streams.
[[nodiscard]] std::string shell_output(const std::string& command);

/// Reads from a socket of a server until an empty line; what it has read. Empty: the client is
/// gone.
[[nodiscard]] std::string read_head(int socket);

}  // namespace waitstate::integration_test
