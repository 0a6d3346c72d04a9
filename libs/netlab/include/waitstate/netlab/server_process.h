#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace waitstate::netlab {

/// A folder that is removed, with what is in it, at the end.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file into it and returns its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
[[nodiscard]] std::uint16_t free_port();

/// Waits until somebody listens on that port of 127.0.0.1; false after 20 s. Leaves no
/// TIME-WAIT.
[[nodiscard]] bool wait_for_port(std::uint16_t port);

/// A real server: a program in a process group of its own that dies with the test. What it prints
/// goes to output.log in `folder`.
class server_process {
 public:
  /// argv[0] is looked up in PATH; there is no shell. Throws std::runtime_error when it cannot be
  /// started.
  server_process(const std::vector<std::string>& argv, const std::filesystem::path& folder);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] bool is_running();
  /// SIGKILL, to it and its children, and waits for its end.
  void kill();
  /// SIGTERM, and waits for its end, 10 s at most.
  void terminate();
  /// SIGSTOP and SIGCONT: a server that hangs, and goes on.
  void pause() const;
  void resume() const;

 private:
  int pid_ = -1;
};

}  // namespace waitstate::netlab
