#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// Writes datagrams as the kernel would: for tests, fuzz targets and benchmarks, which need bytes
/// without a kernel.
class inet_diag_writer {
 public:
  explicit inet_diag_writer(std::uint32_t sequence) : sequence_(sequence) {}

  /// One socket with every attribute that the record has a value for. `info_size` cuts tcp_info
  /// short, as an older kernel has it.
  void add(const socket_record& s, std::size_t info_size = 248);
  void add_done(int error = 0);
  void add_error(int error);
  /// A message of any type with any payload.
  void add_message(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload);

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::uint32_t sequence_;
  std::vector<std::byte> bytes_;
};

/// Every field that a message carries is the same.
[[nodiscard]] bool same_on_the_wire(const socket_record& a, const socket_record& b);

}  // namespace waitstate::kernel
