#pragma once

#include <vector>

#include "judgement/open_questions.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Questions about states that a socket leaves within a round trip where the other side answers
/// (SYN-RECEIVED, FIN-WAIT-1, CLOSING, LAST-ACK), or a program that closes (CLOSE-WAIT), and of
/// which a paste shows many or nothing else; and about rows of nothing but open connections whose
/// queues hold data. One look cannot tell whether they stay.
void add_passing_states(const snapshot& s, std::vector<open_question>& questions);

}  // namespace waitstate::diagnosis
