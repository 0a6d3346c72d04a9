#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/remedy/guard/census.h"
#include "waitstate/remedy/guard/memory.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::remedy::guard {

/// What is worth a line, once.
enum class happening : std::uint8_t {
  begins,  ///< A subject came over its rule's threshold.
  ends,    ///< It has been under it for the quiet period, or nobody watches it any more.
  stops,   ///< A rule would have closed more than its limit.
};
/// "begins", "ends", "stops".
[[nodiscard]] std::string_view to_string(happening what);

/// A happening with what is known of it.
struct notice {
  happening what = happening::begins;
  std::string rule;
  sighting seen;  ///< As of now; of what ended, who it was.
  /// Of what ended: how long it was over, how many sockets it were at the worst, how many of them
  /// the rule closed.
  std::chrono::milliseconds lasted{0};
  std::uint64_t most = 0;
  std::uint64_t closed = 0;
  std::string why;  ///< Of what ended otherwise than by itself: "the host was started again".
};

/// Something to do: the command of a rule, or closing sockets of one subject.
struct deed {
  std::size_t rule = 0;
  sighting seen;
  std::uint64_t at_most = 0;  ///< To close; counted against the limit already.
};

/// What follows from a look.
struct decision {
  std::vector<notice> notices;
  std::vector<deed> deeds;
  memory after;  ///< To be kept before any deed is done, so that a restart knows of it.
};

/// Holds what was seen against the policy and what is remembered. Pure: the same for the same.
///
/// With `may_act` false it decides as if every rule only reported.
[[nodiscard]] decision judge(const policy& p, const census& now_seen, memory before,
                             const moment& now, bool may_act = true);

/// Notes what became of a deed: `closed` of those that were counted against the limit.
void note_closed(memory& m, const policy& p, const deed& done, std::uint64_t closed);

}  // namespace waitstate::remedy::guard
