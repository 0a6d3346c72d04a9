#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::kernel_test {

/// A test with a policy, a state and an audit log of its own.
class guard_test : public network_test {
 protected:
  /// Writes the policy: these rules, looked at each second.
  void rules(const std::string& text);
  /// A rule that closes CLOSE-WAIT to port 9443 from 10 on, with more lines.
  [[nodiscard]] static std::string reaping(const std::string& lines);

  /// The words of `waitstate guard --json` with these files, and more.
  [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more = {}) const;
  /// One look, in this process's place; what it said, a line each.
  [[nodiscard]] std::vector<nlohmann::json> once(int status = 0,
                                                 const std::vector<std::string>& more = {}) const;

  /// The lines of `event`, of all.
  [[nodiscard]] static std::vector<nlohmann::json> of(const std::vector<nlohmann::json>& lines,
                                                      const std::string& event);

  [[nodiscard]] std::string file(const std::string& name) const { return folder_.path() / name; }

  temporary_folder folder_;
};

/// A guard that goes on; what it says is in a folder of its own.
class running_guard {
 public:
  explicit running_guard(std::vector<std::string> words);

  [[nodiscard]] std::vector<nlohmann::json> said() const;
  /// Waits until it has said so many lines of that event; false after 20 s.
  [[nodiscard]] bool says(const std::string& event, std::size_t times = 1) const;
  [[nodiscard]] server_process& process() { return process_; }

 private:
  temporary_folder folder_;
  server_process process_;
};

/// Waits until there is such a file; false after 20 s.
[[nodiscard]] bool appears(const std::string& path);

/// Sockets of this network namespace in CLOSE-WAIT, of both families.
[[nodiscard]] std::size_t close_waits();

}  // namespace waitstate::kernel_test
