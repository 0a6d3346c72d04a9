#pragma once

#include <string>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The far ends of the connections that a finding of this snapshot is about, most of them first:
/// those in the state that its kind is about, of the process, destination or listener that is its
/// subject, or all of them where its subject is the host.
[[nodiscard]] std::vector<far_end> far_ends_of(const snapshot& s, const finding& f);

/// What they are, as proof: "their other ends on db1: 40 in CLOSE-WAIT, held by java (pid 12)".
[[nodiscard]] evidence far_end_evidence(const far_end& far);

/// Which side is to act, in a sentence: the one in CLOSE-WAIT has not closed, the one with unread
/// data does not read. Empty where the states blame nobody.
[[nodiscard]] std::string blame_of(const far_end& far);

/// Is it the other end that is to act?
[[nodiscard]] bool is_fault_of_far_end(const far_end& far);

}  // namespace waitstate::diagnosis
