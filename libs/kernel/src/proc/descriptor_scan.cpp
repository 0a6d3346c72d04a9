#include "proc/descriptor_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "proc/directory.h"
#include "proc/proc_file.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

std::vector<scanned_process> list_processes() {
  std::vector<scanned_process> processes;
  const auto proc = open_directory("/proc");
  if (proc == nullptr) return processes;
  while (const auto* const entry = ::readdir(proc.get())) {
    const auto pid = to_number<std::int32_t>(entry->d_name);
    if (pid && *pid > 0) processes.push_back({.pid = *pid});
  }
  std::ranges::sort(processes, {}, &scanned_process::pid);
  return processes;
}

/// The workers share the table and hand over what they found in batches.
class scanner {
 public:
  explicit scanner(descriptor_scan& found) : found_(found) {}

  /// Takes processes until none is left; several threads run this at once.
  void work(const std::function<void(std::uint64_t)>& progress) {
    std::vector<held_socket> batch;
    batch.reserve(batch_max);
    while (true) {
      const auto index = next_.fetch_add(1);
      if (index >= found_.processes.size()) break;
      scan(static_cast<std::uint32_t>(index), batch, progress);
    }
    hand_over(batch);
  }

  [[nodiscard]] std::uint64_t descriptors() const { return descriptors_; }
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  static constexpr std::size_t batch_max = 4096;

  void scan(std::uint32_t index, std::vector<held_socket>& batch,
            const std::function<void(std::uint64_t)>& progress) {
    auto& p = found_.processes[index];
    struct stat ns{};
    const auto ns_path = fmt::format("/proc/{}/ns/net", p.pid);
    if (::stat(ns_path.c_str(), &ns) == 0) p.net_namespace = ns.st_ino;

    const auto fds = open_directory(fmt::format("/proc/{}/fd", p.pid));
    bool refused = fds == nullptr && errno != ENOENT && errno != ESRCH;
    while (fds != nullptr && !refused) {
      errno = 0;
      const auto* const entry = ::readdir(fds.get());
      if (entry == nullptr) {
        refused = errno != 0 && errno != ENOENT && errno != ESRCH;
        break;
      }
      const auto number = to_number<std::uint32_t>(entry->d_name);
      if (number) refused = !take(::dirfd(fds.get()), entry->d_name, *number, index, batch);
      if (batch.size() == batch_max) {
        hand_over(batch);
        if (progress) progress(descriptors_);
      }
    }
    if (refused) ++unreadable_;
    descriptors_ += p.fd_count;
    if (progress) progress(descriptors_);
  }

  /// False when we may not see where the descriptor leads.
  bool take(int fds, const char* name, std::uint32_t number, std::uint32_t index,
            std::vector<held_socket>& batch) {
    std::array<char, 64> link{};  // long paths are cut: only their beginning counts
    const auto size = ::readlinkat(fds, name, link.data(), link.size());
    if (size < 0) return errno != EACCES && errno != EPERM;
    const std::string_view target(link.data(), static_cast<std::size_t>(size));
    auto& p = found_.processes[index];
    ++p.fd_count;
    count_kind(p.kinds, target);
    const auto inode = parse_socket_link(target);
    if (inode) batch.push_back({.inode = *inode, .process = index, .fd = number});
    return true;
  }

  void hand_over(std::vector<held_socket>& batch) {
    const std::lock_guard lock(table_);
    for (const auto& held : batch) found_.owners.insert(held);
    batch.clear();
  }

  descriptor_scan& found_;
  std::mutex table_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> descriptors_{0};
  std::atomic<std::uint64_t> unreadable_{0};
};

}  // namespace

descriptor_scan scan_descriptors(const std::function<void(std::uint64_t)>& progress) {
  constexpr unsigned threads_max = 4;
  descriptor_scan found;
  found.processes = list_processes();
  scanner work(found);
  std::mutex of_thrown;
  std::exception_ptr thrown;
  {
    std::vector<std::jthread> helpers;
    const auto threads = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
    // On a host that is out of threads this one does it all.
    try {
      for (unsigned i = 1; i < threads; ++i) {
        helpers.emplace_back([&]() noexcept {
          try {
            work.work({});
          } catch (...) {
            const std::lock_guard lock(of_thrown);
            thrown = std::current_exception();
          }
        });
      }
    } catch (const std::system_error&) {
      assert(helpers.size() < threads);
    }
    work.work(progress);
  }
  if (thrown) std::rethrow_exception(thrown);
  found.descriptors = work.descriptors();
  found.unreadable_processes = work.unreadable();
  // The helpers may have taken everything: then nobody has told yet.
  if (progress) progress(found.descriptors);
  return found;
}

}  // namespace waitstate::kernel
