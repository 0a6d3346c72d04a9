#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "rules/rules.h"

namespace waitstate::diagnosis {

/// One kind of finding: its id, as in docs/findings.md, the rule that looks for it, and how
/// many a report tells.
struct catalogue_entry {
  std::string_view id;
  rule look;
  std::size_t told = 3;  ///< Of one kind a report has no more; the rest is counted in its limits.
};

/// Every kind of finding, in order of precedence: what is told first among findings of one
/// severity. A cause comes before what it causes, what breaks a program before what slows it.
[[nodiscard]] std::span<const catalogue_entry> catalogue();

/// The place of an id in it; past the end where it is none of ours.
[[nodiscard]] std::size_t rank_of(std::string_view id);

}  // namespace waitstate::diagnosis
