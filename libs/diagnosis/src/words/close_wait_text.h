#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judgement/close_wait_piles.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The words that the rules about CLOSE-WAIT have in common.

/// How many are in CLOSE-WAIT and, where the source shows any, how many are not: "400, none
/// ESTABLISHED".
[[nodiscard]] evidence count_evidence(const snapshot& s, const pile& p, std::string_view where);

/// What lies unread, how old they are, how fast they grow, what share of the descriptors they take:
/// each as far as it is known.
[[nodiscard]] std::vector<evidence> pile_evidence(const snapshot& s, const pile& p);

/// What the receive queues say about the program, in a sentence or two. Empty without queues, and
/// off Linux, which alone counts the FIN as one unread byte.
[[nodiscard]] std::string queue_meaning(const snapshot& s, const socket_group& close_wait);

/// "the oldest for at least 3 min 20 s", or empty when no age is known.
[[nodiscard]] std::string oldest_text(const socket_group& close_wait);

/// When the descriptors run out at the present growth, with the arithmetic; else that these sockets
/// never go away by themselves.
[[nodiscard]] std::string close_wait_forecast(const snapshot& s, const pile& p);

/// "10.0.0.7:80", or empty for an endpoint of which nothing is known.
[[nodiscard]] std::string known_text(const snapshot& s, const tcp::endpoint& e);

/// Runtime of the owner, or the one that a program's message gives away.
[[nodiscard]] runtime runtime_for(const snapshot& s, const owner_ref& owner);

}  // namespace waitstate::diagnosis
