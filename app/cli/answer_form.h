#pragma once

#include <string>

#include "waitstate/base/result.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/render/text.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// What a report is printed as.
enum class answer_form { text, json, markdown, brief };

/// The options that say so, as typed.
struct form_options {
  std::string format;
  bool brief = false;
};

/// Adds --brief and --format.
void add_form_options(CLI::App& sub, form_options& options);

/// The form that these and --json ask for together. Fails with errc::invalid_input where they
/// contradict each other.
[[nodiscard]] result<answer_form> checked(const form_options& options, bool json);

/// The report in that form.
[[nodiscard]] std::string written(const diagnosis::report& r, answer_form form,
                                  const render::text_style& style);

}  // namespace waitstate::cli
