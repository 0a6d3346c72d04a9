#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// What many goroutines, or threads, wait for at one place.
struct shared_wait {
  enum class what : std::uint8_t { lock, read, lease } kind = what::lock;
  std::uint64_t threads = 0;
  std::string_view place;  ///< "sync.Mutex.Lock": a constant.

  friend bool operator==(const shared_wait&, const shared_wait&) = default;
};

/// Reads the profile of goroutines that net/http/pprof gives with debug=1, a line at a time: equal
/// stacks are one, with their number.
///   1034 @ 0x43e1b6 0x44f1c5 0x44f1ae 0x46d2a5
///   #	0x46d2a4	sync.runtime_SemacquireMutex+0x24	/usr/lib/go/src/runtime/sema.go:77
class goroutine_profile {
 public:
  /// Takes a line of one; false where it is none.
  bool read(std::string_view line);
  /// What the stack of the line that was read last waits for, once it is known: once a stack.
  [[nodiscard]] const std::optional<shared_wait>& found() const { return found_; }

 private:
  std::uint64_t threads_ =
      0;  ///< Of the stack that is read; 0 outside of one, and once it is told.
  bool in_stack_ = false;
  std::optional<shared_wait> found_;
};

}  // namespace waitstate::paste
