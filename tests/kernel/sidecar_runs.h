#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::kernel_test {

/// `waitstate sidecar` with a file of its own. Ends with the test.
class running_sidecar {
 public:
  /// Returns when it accepts; throws when it ends instead. `before` are words of the command line
  /// in front of it, as of prlimit(1).
  explicit running_sidecar(const std::string& toml, std::vector<std::string> before = {});

  /// Writes the file anew and has it read; does not wait.
  void change_to(const std::string& toml);
  /// What it has printed.
  [[nodiscard]] std::string said() const;
  [[nodiscard]] server_process& process() { return process_; }

 private:
  temporary_folder folder_;
  server_process process_;
};

/// nginx on a port of 127.0.0.1 that answers everything with `name`.
class running_nginx {
 public:
  /// `settings` go into its http block: "keepalive_timeout 1s;".
  running_nginx(std::uint16_t port, std::string name, std::string settings = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void kill() { process_->kill(); }
  /// After kill(); returns when it accepts.
  void start();

 private:
  std::uint16_t port_;
  temporary_folder folder_;
  std::string config_;
  std::optional<server_process> process_;
};

/// Of a unix socket; throws std::system_error.
[[nodiscard]] fd connect_to_path(const std::string& path);

/// What a call came to.
struct call_answer {
  std::string text;     ///< All that was received.
  std::string trouble;  ///< Why there is no answer of status 200; empty: there is.

  [[nodiscard]] std::string body() const;
};

/// Connects, sends it, and reads to the end: a client that makes one call a connection. The front
/// is a port of 127.0.0.1 or the path of a unix socket.
[[nodiscard]] call_answer call_once(std::uint16_t front, const std::string& request);
[[nodiscard]] call_answer call_once(const std::string& front, const std::string& request);

/// "GET /path" of a client that wants the connection closed.
[[nodiscard]] std::string get_once(const std::string& path = "/");
[[nodiscard]] std::string post_once(const std::string& path, const std::string& body);

/// What became of many calls.
struct calls_made {
  int failed = 0;
  std::vector<std::string> troubles;   ///< Of the first that failed.
  std::map<std::string, int> answers;  ///< How often each body came.
};

/// Makes `count` calls with four threads; `call` is told which one it is, from 0 on.
[[nodiscard]] calls_made call_many(int count, const std::function<call_answer(int)>& call);

/// How many calls a test makes: WAITSTATE_SIDECAR_CALLS, or 20,000.
[[nodiscard]] int calls_wanted();

}  // namespace waitstate::kernel_test
