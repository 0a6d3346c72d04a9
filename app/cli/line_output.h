#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace waitstate::cli {

/// Lines to a descriptor whose reader may be slow, or stand still: a pager, a pipe that nobody
/// reads. For who has something to do besides talking. A line is written whole or not at all.
class line_output {
 public:
  /// So long a line waits for room; while none of those before found any, the next do not wait.
  static constexpr std::chrono::milliseconds patience{500};

  explicit line_output(int descriptor) : descriptor_(descriptor) {}

  /// A line end is added where there is none; a text may be several lines.
  void write(std::string line);
  /// How many texts were lost since this was asked for the last time.
  [[nodiscard]] std::uint64_t take_lost() { return std::exchange(lost_, 0); }

 private:
  /// What is left of `rest_` when no more goes.
  void write_rest(std::chrono::milliseconds longest);

  int descriptor_;
  std::string rest_;  ///< Of a line that was begun.
  std::uint64_t lost_ = 0;
  bool is_stuck_ = false;
};

}  // namespace waitstate::cli
