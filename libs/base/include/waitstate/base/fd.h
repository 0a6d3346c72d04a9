#pragma once

namespace waitstate {

/// Owns one file descriptor and closes it. Move-only; not shared between threads.
///
/// An fd that owns nothing holds -1 and converts to false.
class fd {
 public:
  fd() = default;
  /// Takes ownership of `number`; any negative number means "nothing".
  explicit fd(int number);
  ~fd();
  fd(fd&& other) noexcept;
  fd& operator=(fd&& other) noexcept;
  fd(const fd&) = delete;
  fd& operator=(const fd&) = delete;

  /// The descriptor, still owned by this object; -1 when there is none.
  [[nodiscard]] int get() const { return number_; }
  /// Gives the descriptor away: the caller closes it.
  [[nodiscard]] int release();
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

}  // namespace waitstate
