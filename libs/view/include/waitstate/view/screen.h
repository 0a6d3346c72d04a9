#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_selector.h"
#include "waitstate/view/frame.h"
#include "waitstate/view/key.h"
#include "waitstate/view/moment.h"

namespace waitstate::view {

/// How often it is looked, and what that costs.
struct pace {
  std::chrono::milliseconds interval{0};  ///< From one look to the next, as it is now.
  std::chrono::milliseconds wanted{0};    ///< As it would be if looks cost nothing.
  std::chrono::milliseconds took{0};      ///< The processor's time of the last look.
};

/// What whoever owns the screen is asked for by a key.
enum class request : std::uint8_t {
  nothing,
  quit,
  look,  ///< Look now: a pause is over.
};

struct screen_options {
  bool ascii = false;         ///< Draw with ASCII alone.
  std::string net_namespace;  ///< As --netns has it, for the commands that it names; or empty.
  /// The words of the command line: a filter from the start.
  socket_selector filter;
  /// Lines that the help ends with: what the program may still do, say.
  std::vector<std::string> notes;
  /// The page about a finding in so many columns. May be empty: there is none.
  std::function<std::string(std::string_view id, std::size_t width)> explain;
};

/// The live screen without a terminal: it takes what was seen and what was pressed, and draws
/// frames. It does no I/O and has no clock; every call is told when it is.
///
/// Rows are groups, and the cursor stays on its group wherever that moves to. Two seconds after a
/// key that moves it rows begin to change places again. What it remembers is bounded: a minute of
/// counts, and the rows of the last look.
class screen {
 public:
  explicit screen(screen_options options);
  ~screen();
  screen(screen&&) noexcept;
  screen& operator=(screen&&) noexcept;

  /// A look, and what came of it. While it is paused nothing changes.
  void take(snapshot seen, diagnosis::report report, const pace& how, moment now);

  [[nodiscard]] request press(const key& k, moment now);

  /// It wants no looks now.
  [[nodiscard]] bool is_paused() const;

  /// What is to be seen now. Remembers how many rows there was room for, for the keys that turn
  /// pages.
  [[nodiscard]] frame draw(const frame_size& size, moment now);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::view
