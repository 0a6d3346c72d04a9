#pragma once

#include <vector>

#include "judgement/open_questions.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// What the rows of a connection tracking table leave open: connections that one side has closed
/// and the other has not, SYNs without an answer where the text shows nothing else, and packets
/// that lost a race for their entry.
void add_tracked_questions(const snapshot& s, std::vector<open_question>& questions);

}  // namespace waitstate::diagnosis
