#pragma once

#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Who ended the connections that a finding is about, where a packet capture shows it: "closed
/// first: 40 by the other side, 2 here". Of the destination or listener that is its subject;
/// nothing where there was no capture.
[[nodiscard]] std::vector<evidence> captured_evidence(const snapshot& s, const finding& f);

}  // namespace waitstate::diagnosis
