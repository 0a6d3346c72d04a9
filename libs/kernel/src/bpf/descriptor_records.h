#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "bpf/descriptor_record.h"
#include "proc/descriptor_scan.h"

namespace waitstate::kernel {

/// Makes a descriptor_scan of what the kernel's iterators write: first every process, then every
/// descriptor, both in the order of pids. Pure.
///
/// Descriptors of a process that began in between are not taken: as in any pass over /proc they are
/// of the next look. Where threads of one process have tables of their own (CLONE_FILES was not
/// asked for), that of the first counts, as in /proc/PID/fd.
class descriptor_records {
 public:
  void add(const process_record& p);
  void add(const descriptor_record& d);

  [[nodiscard]] std::uint64_t descriptors() const { return found_.descriptors; }
  /// The end.
  [[nodiscard]] descriptor_scan take() { return std::move(found_); }

 private:
  /// Index into descriptor_scan::processes of the process with this number, from where the last one
  /// was found.
  [[nodiscard]] bool find(std::uint32_t pid);

  descriptor_scan found_;
  std::vector<std::uint32_t> thread_of_;  ///< Whose table counts, by process; 0: none came yet.
  std::size_t at_ = 0;
};

/// Hands over the records that `bytes` holds whole; returns the rest, the beginning of one.
template <class Record>
[[nodiscard]] std::span<const std::byte> take_records(std::span<const std::byte> bytes,
                                                      descriptor_records& to) {
  while (bytes.size() >= sizeof(Record)) {
    Record r;
    std::memcpy(&r, bytes.data(), sizeof(r));
    to.add(r);
    bytes = bytes.subspan(sizeof(r));
  }
  return bytes;
}

}  // namespace waitstate::kernel
