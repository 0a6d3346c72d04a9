#include "look/descriptor_source.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "bpf/bpf_descriptors.h"
#include "bpf/bpf_load.h"
#include "proc/proc_file.h"
#include "waitstate/base/text.h"
#include "waitstate/procfs/sockstat.h"

namespace waitstate::kernel {
namespace {

/// TCP sockets of all namespaces, those that wait to be freed among them.
std::uint64_t allocated_sockets() {
  constexpr std::size_t bytes_max = 4096;
  socket_totals totals;
  procfs::add_sockstat(totals, read_file("/proc/net/sockstat", bytes_max).value_or(""));
  return totals.allocated.value_or(0);
}

limit read_one_by_one(std::uint64_t descriptors, error why) {
  return {.id = "no-bpf",
          .text = fmt::format("{} were read one by one, which is slow: {}",
                              counted(descriptors, "descriptor"), why.what),
          .hint = std::move(why.hint)};
}

limit refused_twice(std::uint64_t processes, error why) {
  return {.id = "no-bpf",
          .text = fmt::format("{} may not be looked into in /proc, and not by BPF: {}",
                              counted(processes, "process", "processes"), why.what),
          .hint = std::move(why.hint)};
}

}  // namespace

result<read_descriptors_outcome> read_descriptors(
    kernel_source wanted, const std::function<void(std::uint64_t)>& progress) {
  if (wanted == kernel_source::bpf) {
    auto scan = scan_descriptors_by_bpf(progress);
    if (!scan) return failure(std::move(scan).error());
    return read_descriptors_outcome{.scan = *std::move(scan), .lost = {}};
  }
  std::optional<error> why_not;
  if (wanted == kernel_source::automatic && allocated_sockets() >= sockets_worth_loading) {
    auto scan = scan_descriptors_by_bpf(progress);
    if (scan) return read_descriptors_outcome{.scan = *std::move(scan), .lost = {}};
    why_not = std::move(scan).error();
  }
  read_descriptors_outcome read{.scan = scan_descriptors(progress), .lost = {}};
  if (wanted == kernel_source::automatic && !why_not && read.scan.unreadable_processes > 0 &&
      may_load_bpf()) {
    auto scan = scan_descriptors_by_bpf(progress);
    if (scan) {
      read.scan = *std::move(scan);
    } else {
      read.lost = refused_twice(read.scan.unreadable_processes, std::move(scan).error());
    }
  }
  if (why_not) read.lost = read_one_by_one(read.scan.descriptors, *std::move(why_not));
  return read;
}

}  // namespace waitstate::kernel
