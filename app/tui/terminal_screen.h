#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "waitstate/base/result.h"
#include "waitstate/view/frame.h"
#include "waitstate/view/key.h"

namespace waitstate::tui {

/// Does the terminal, as its environment says, show UTF-8?
[[nodiscard]] bool shows_unicode();

/// The terminal of this process as a screen, and the only code that knows ncurses. While one lives
/// standard input is read key by key; when it goes, the terminal is as it was. One at a time, and
/// from one thread. Ctrl-Z stops the program with the terminal as it was and goes on with the
/// screen.
class terminal_screen {
 public:
  /// Takes the terminal over. Fails with errc::unsupported where standard input or output is none
  /// or its kind ($TERM) is not known; nothing has happened then.
  [[nodiscard]] static result<terminal_screen> open(bool colour);
  ~terminal_screen();
  terminal_screen(terminal_screen&&) noexcept;
  terminal_screen& operator=(terminal_screen&&) noexcept;

  [[nodiscard]] view::frame_size size() const;
  /// Draws what differs from the frame before.
  void show(const view::frame& f);
  /// Waits so long for a key, for `also` to be readable (-1: nothing) or for the terminal to
  /// change its size, whichever comes first.
  void wait(std::chrono::milliseconds longest, int also) const;
  /// The next key that was pressed; nothing without one.
  [[nodiscard]] std::optional<view::key> next_key();
  /// SIGINT, SIGTERM or SIGHUP came, or the terminal has gone.
  [[nodiscard]] bool is_end_asked() const;

 private:
  struct state;
  explicit terminal_screen(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::tui
