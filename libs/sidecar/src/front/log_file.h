#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"

namespace waitstate::sidecar {

/// A log that lines are appended to, in pieces of many lines. Nobody waits for it: what cannot be
/// written now stays for the next time, up to 1 MiB, and what is past that is counted as lost. Of
/// one loop, and of its thread alone.
class log_file {
 public:
  /// Appends to the file, made with mode 0640; "-" is standard output. An empty path: lines go
  /// nowhere.
  static result<log_file> open(const std::string& path);
  log_file() = default;

  explicit operator bool() const { return static_cast<bool>(file_); }
  /// Adds a line, without its end.
  void add(std::string_view line);
  void flush();
  [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  static constexpr std::size_t flushed_from = std::size_t{32} << 10;
  static constexpr std::size_t kept_max = std::size_t{1} << 20;

  fd file_;
  std::string waiting_;
  std::uint64_t lost_ = 0;
};

}  // namespace waitstate::sidecar
