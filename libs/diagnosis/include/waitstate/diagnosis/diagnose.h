#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/watched_queue.h"

namespace waitstate::diagnosis {

/// Applies every rule to a snapshot. Pure: the same snapshot gives the same report; no clock, no
/// I/O. Findings are ordered most important first; a rule that lacks what it needs adds a limit
/// instead of a guess.
/// `watched` is what was seen of its accept queues after it was taken.
[[nodiscard]] report diagnose(const snapshot& s, const std::vector<watched_queue>& watched = {});

/// Does a finding about connections that come and go name no process? TIME-WAIT has no owner; who
/// opens sockets now (snapshot::openers) most likely made them, and is worth a moment's watching.
/// Not where connections were followed: who opened any is known.
[[nodiscard]] bool lacks_opener(const snapshot& s, const report& r);

/// A listening port whose queue is found standing, and for how long it is worth watching: three
/// times what a program that takes one after the other would leave between two of them, from one
/// to three seconds.
struct standing_queue {
  watched_queue queue;
  std::chrono::milliseconds worth{0};
};

/// Those of a live snapshot: whether they move decides between a program that stands still and one
/// that is too slow.
[[nodiscard]] std::vector<standing_queue> standing_queues(const snapshot& s);

/// The processes that a finding blames for standing still or for not closing, at most eight: who
/// works for them and where their threads are (snapshot::workers, process::threads) is worth a
/// look.
[[nodiscard]] std::vector<std::int32_t> stalled_processes(const snapshot& s, const report& r);

/// The ids of every kind of finding there is, in order of precedence.
[[nodiscard]] std::vector<std::string_view> finding_ids();

}  // namespace waitstate::diagnosis
