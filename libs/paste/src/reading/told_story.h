#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// What the sentences around the pasted parts tell of, in people's own words. Heard line by line,
/// judged at the end: whether anybody speaks of themselves, or which error it explains, may stand
/// anywhere in the text. What a program or the kernel says counts more, and is told once.
class told_story {
 public:
  /// A line that is no row, setting or count; an empty one ends a paragraph.
  void hear(std::string_view line);

  /// Is a trouble told by somebody who met it?
  [[nodiscard]] bool tells_of_trouble() const { return is_of_witness_ && !troubles_.empty(); }
  /// Adds what was told to what was said, and gives errors the kind that the story makes them.
  void settle(snapshot& s) const;

 private:
  struct trouble {
    message_kind kind;
    std::string text;
  };

  void judge();

  std::deque<std::string> passage_;  ///< The last sentences of the paragraph, as they stand.
  std::vector<trouble> troubles_;    ///< One of each kind.
  bool is_of_witness_ = false;
  bool tells_idle_close_ = false;
  int clients_ = 0;
  std::size_t lines_ = 0;
};

}  // namespace waitstate::paste
