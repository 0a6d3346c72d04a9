#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace waitstate::cli {

/// What takes long, in one line on standard error that is cleared at the end. Nothing at all when
/// that is not a terminal, and nothing for work of less than a third of a second.
class progress_line {
 public:
  progress_line();
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// "reading sockets: 1,204,000"; a `done` of 0 is not shown.
  void show(std::string_view what, std::uint64_t done);
  /// Removes the line; a later show() writes it again.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  bool on_terminal_;
  bool shown_ = false;
  clock::time_point next_;
};

}  // namespace waitstate::cli
