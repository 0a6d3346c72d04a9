#pragma once

#include <cstddef>
#include <limits>

#include "page.h"
#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

/// How much of a finding is shown.
struct finding_detail {
  static constexpr auto everything = std::numeric_limits<std::size_t>::max();

  std::size_t evidence_max;
  std::size_t remedies_max;  ///< One line at least for each; the others are counted.
  /// Lines of commands in all. The first remedy's are always shown, whatever their number.
  std::size_t command_lines_max;
};

/// Writes a finding as title, proof, why, next and do. Returns whether anything was left out.
bool write_finding(page& to, const diagnosis::finding& f, std::size_t number,
                   const finding_detail& detail);

}  // namespace waitstate::render
