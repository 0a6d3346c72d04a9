#pragma once

namespace waitstate::cli {

/// While one lives, Ctrl-C is noted instead of ending the program, so that what was seen so far can
/// be told. A second Ctrl-C ends it as ever. One at a time.
class interrupt_guard {
 public:
  interrupt_guard();
  ~interrupt_guard();
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  [[nodiscard]] bool happened() const;
};

}  // namespace waitstate::cli
