#pragma once

#include <string>
#include <vector>

#include "judgement/followed_use.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Who opened them, how many a second, who closed them first, how long they live and what they
/// carry, each where it was seen.
[[nodiscard]] std::vector<evidence> followed_evidence(const snapshot& s, const followed_use& use);

/// ", opened by curl (pid 812)", ", opened by curl, which bash (pid 5) starts again and again";
/// with who closed them where that was another. Empty where nobody was seen to open them.
[[nodiscard]] std::string followed_opener_text(const snapshot& s, const followed_use& use);

}  // namespace waitstate::diagnosis
