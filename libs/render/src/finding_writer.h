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

/// How much of a finding is shown. What is shown is whole; what is not is counted.
struct finding_detail {
  static constexpr auto everything = std::numeric_limits<std::size_t>::max();

  std::size_t evidence_max;
  /// Remedies after the first one, which is always shown with its command, risk and undo. They have
  /// only their text, unless it is everything that is shown.
  std::size_t other_remedies_max;
  bool with_forecast = true;

  [[nodiscard]] bool is_everything() const { return other_remedies_max == everything; }
};

/// Writes findings one after the other: what it is, why, what to do, what else it may be, the
/// proof, what happens next. The first command is within eight lines where the words allow it.
class finding_writer {
 public:
  finding_writer(page& to, const finding_detail& detail) : to_(to), detail_(detail) {}

  /// The next finding.
  void write(const diagnosis::finding& f);
  /// The same where its title is the last that was written.
  void write_under_headline(const diagnosis::finding& f);

  /// Something was left out so far.
  [[nodiscard]] bool left_out() const { return left_out_; }

 private:
  void write_body(const diagnosis::finding& f, std::size_t title_lines);
  void write_cause(const diagnosis::finding& f, std::size_t title_lines);
  void write_remedies(const diagnosis::finding& f);
  void write_remedy(std::string_view lead, ink lead_ink, const diagnosis::remedy& r);
  /// Nothing where the finding is certain.
  void write_other_cause(const diagnosis::certainty& c);
  void write_proof(const diagnosis::finding& f);
  void write_forecast(const diagnosis::finding& f);
  /// Without the facts that stand under an earlier finding.
  [[nodiscard]] std::vector<const diagnosis::evidence*> new_evidence(const diagnosis::finding& f);

  page& to_;
  finding_detail detail_;
  std::size_t number_ = 0;
  bool left_out_ = false;
  /// Remedies that were written, and under which finding they stand whole, or 0: two findings may
  /// share one.
  std::map<std::string, std::size_t> written_;
  /// Facts that were written, with their values.
  std::set<std::string> proven_;
  /// Causes and forecasts that were written: they are not told again.
  std::set<std::string> said_;
};

}  // namespace waitstate::render
