#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"

namespace waitstate::render {

/// How much of a finding is shown.
struct finding_detail {
  static constexpr auto everything = std::numeric_limits<std::size_t>::max();

  std::size_t evidence_max;
  std::size_t remedies_max;  ///< One line at least for each; the others are counted.
  /// Lines of commands in all. The first remedy's are always shown, whatever their number.
  std::size_t command_lines_max;
};

/// Writes findings one after the other as title, proof, why, next and do.
class finding_writer {
 public:
  finding_writer(page& to, const finding_detail& detail) : to_(to), detail_(detail) {}

  /// The next finding. `already_said` is what the reader has just read above it: a title that is
  /// the same gives way to the finding's id and subject.
  void write(const diagnosis::finding& f, std::string_view already_said);

  /// Something was left out or cut so far.
  [[nodiscard]] bool left_out() const { return left_out_; }

 private:
  void write_proof(const diagnosis::finding& f);
  /// Without the facts that stand under an earlier finding.
  [[nodiscard]] std::vector<const diagnosis::evidence*> new_evidence(const diagnosis::finding& f);
  /// Nothing where the finding is certain.
  void write_other_cause(const diagnosis::certainty& c);
  void write_remedies(const diagnosis::finding& f);
  void write_remedy(std::string_view lead, ink lead_ink, const diagnosis::remedy& r);

  page& to_;
  finding_detail detail_;
  std::size_t number_ = 0;
  bool left_out_ = false;
  /// Commands that were written, and under which finding: two findings may share a remedy.
  std::map<std::string, std::size_t> written_;
  /// Facts that were written, with their values.
  std::set<std::string> proven_;
};

}  // namespace waitstate::render
