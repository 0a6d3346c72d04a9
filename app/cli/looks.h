#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "waitstate/base/result.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/kernel/observer.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::cli {

/// How often it is looked: as often as that, but with looks taking at most one part in `share` of
/// one processor.
struct look_pace {
  std::chrono::milliseconds wanted{1'000};
  unsigned share = 40;

  /// From one look to the next, when one takes so long.
  [[nodiscard]] std::chrono::milliseconds interval_after(std::chrono::milliseconds took) const;
};

/// A look and what came of it.
struct one_look {
  snapshot seen;
  diagnosis::report report;
  std::chrono::milliseconds took{0};      ///< Of the processor's time.
  std::chrono::milliseconds interval{0};  ///< To the next one.
};

/// Looks at this host again and again on a thread of its own, so that whoever shows it is never
/// kept waiting. Keeps the last look only.
class looks {
 public:
  looks(kernel::look_options options, const look_pace& pace);
  /// Waits for a look that is being taken.
  ~looks();
  looks(const looks&) = delete;
  looks& operator=(const looks&) = delete;

  /// Is readable while there is a look to take.
  [[nodiscard]] int descriptor() const;
  /// The look that was made since the last call; nothing without one. Where one failed there are
  /// no more.
  [[nodiscard]] std::optional<result<one_look>> take();
  /// No look begins from now on, or the next one does at once.
  void pause(bool is_paused);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::cli
