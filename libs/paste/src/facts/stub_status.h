#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// Reads nginx's stub_status page, a line at a time:
///   Active connections: 291
///   server accepts handled requests
///    16630948 16630948 31070465
///   Reading: 6 Writing: 179 Waiting: 106
class stub_status {
 public:
  /// Takes a line of it; false where it is none.
  bool read(std::string_view line);
  /// Since nginx started: connections that it accepted and those it kept. It drops what is more
  /// than worker_connections.
  [[nodiscard]] std::optional<std::uint64_t> accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t dropped() const;
  /// Open, those to back ends not counted.
  [[nodiscard]] std::optional<std::uint64_t> active() const { return active_; }

 private:
  std::optional<std::uint64_t> active_;
  std::optional<std::uint64_t> accepted_;
  std::optional<std::uint64_t> handled_;
  bool numbers_follow_ = false;
};

}  // namespace waitstate::paste
