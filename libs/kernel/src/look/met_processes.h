#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "trace/follower.h"
#include "waitstate/snapshot/process.h"

namespace waitstate::kernel {

/// Says who stands for a process that was met between two looks: itself, or where it is gone, and
/// was one of several that one program started, that program.
class met_processes {
 public:
  /// Of those that are gone and stand for themselves, so many are told apart; the others by name.
  static constexpr std::size_t gone_max = 64;
  /// One child is any program that starts another; a loop has several.
  static constexpr std::uint64_t children_min = 3;

  /// `is_there` says whether a process of that name has the pid now.
  using is_there = std::function<bool(std::int32_t, const std::string&)>;
  met_processes(const std::map<std::int32_t, met_process>& met, const is_there& is_there);

  struct stand_in {
    process who;
    std::string started;  ///< What those are called that it stands for; or empty.
  };
  /// nullptr where nothing is known of it. Lives as long as this.
  [[nodiscard]] const stand_in* of(std::int32_t pid) const;

 private:
  std::map<std::int32_t, stand_in> by_pid_;
};

/// Asks /proc.
[[nodiscard]] bool is_process_there(std::int32_t pid, const std::string& name);

}  // namespace waitstate::kernel
