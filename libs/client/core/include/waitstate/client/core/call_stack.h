#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace waitstate::client {

/// Who called: the return addresses of a thread's stack, at most 32. Names are looked up only when
/// they are asked for; without symbols (link with -rdynamic) a frame is its address in its object.
class call_stack {
 public:
  /// The stack of the calling thread, without the innermost `skipped` frames and this one.
  [[nodiscard]] static std::shared_ptr<const call_stack> capture(std::size_t skipped = 0);

  /// One frame a line, innermost first, each with four blanks in front.
  [[nodiscard]] std::string to_text() const;

 private:
  std::vector<const void*> frames_;
};

/// Takes every n-th stack, since taking one costs some microseconds. Any thread may call next().
class stack_sampler {
 public:
  /// 0: never.
  explicit stack_sampler(std::uint32_t every) : every_(every) {}

  /// The caller's stack, or null when it is not its turn.
  [[nodiscard]] std::shared_ptr<const call_stack> next();

 private:
  const std::uint32_t every_;
  std::atomic<std::uint64_t> asked_{0};
};

}  // namespace waitstate::client
