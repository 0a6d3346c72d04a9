#pragma once

#include <string>
#include <vector>

#include "picture.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Something that was seen and that no rule explains, so that "nothing wrong" would be a guess.
struct open_question {
  std::string text;  ///< What was seen, for the headline behind "could not tell: ".
  limit to_add;      ///< What it means, and what to add so that it can be judged.
};

/// What keeps a snapshot without a finding above info from being called healthy, the most telling
/// first: an error that somebody got, a text most of which was not read, sockets without a state,
/// sockets that a bound left out, TIME-WAIT that may hold the ports.
[[nodiscard]] std::vector<open_question> open_questions(const picture& seen);

}  // namespace waitstate::diagnosis
