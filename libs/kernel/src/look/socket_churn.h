#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace waitstate::kernel {

/// Who opens sockets again and again, from samples of what each process holds. Pure: the samples
/// are taken elsewhere. Bounded: a process counts up to `sockets_max` different sockets.
class socket_churn {
 public:
  static constexpr std::size_t sockets_max = 65'536;

  /// What a process holds now. Its first sample is what it starts from and counts nothing.
  void see(std::int32_t pid, const std::vector<std::uint64_t>& inodes);

  /// A process that was not there in the sample before. Its parent may be starting one after the
  /// other; `parent` 0 is nobody.
  void see_child(std::int32_t pid, std::int32_t parent);

  struct count {
    std::int32_t pid = 0;
    std::uint64_t sockets = 0;
    std::uint64_t children = 0;

    friend bool operator==(const count&, const count&) = default;
  };
  /// Those that opened anything or started three children or more, the busiest first.
  [[nodiscard]] std::vector<count> busiest() const;

 private:
  struct seen {
    std::set<std::uint64_t> before;
    std::set<std::uint64_t> opened;
  };
  std::map<std::int32_t, seen> by_process_;
  std::map<std::int32_t, std::set<std::int32_t>> children_of_;
};

}  // namespace waitstate::kernel
