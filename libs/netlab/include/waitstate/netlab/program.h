#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace waitstate::netlab {

/// A process with a name of its own that does something with sockets and then stays until the
/// test is over, so that what it holds can be diagnosed.
class program {
 public:
  /// Tells the test that the sockets are as they should be, with a word about how it went.
  using ready = std::function<void(std::string_view)>;

  /// Starts a child named `name` (at most 15 bytes) that runs `body` and then waits to be killed.
  /// Returns once the body has called its `ready` (or has returned). An exception that leaves the
  /// body, or 30 s without ready, throws here.
  program(const std::string& name, const std::function<void(const ready&)>& body);
  /// Kills it, and with it everything it holds.
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  /// What the body said when it was ready.
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  int pid_ = -1;
  std::string said_;
};

}  // namespace waitstate::netlab
