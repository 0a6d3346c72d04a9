#include "app/cli/answer_form.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "waitstate/render/json.h"
#include "waitstate/render/markdown.h"

namespace waitstate::cli {
namespace {

constexpr std::array<std::pair<std::string_view, answer_form>, 4> forms{{
    {"text", answer_form::text},
    {"json", answer_form::json},
    {"markdown", answer_form::markdown},
    {"brief", answer_form::brief},
}};

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

}  // namespace

void add_form_options(CLI::App& sub, form_options& options) {
  sub.add_flag("--brief", options.brief, "Print one line, for a chat or a pager");
  sub.add_option("--format", options.format,
                 "text, json, markdown (whole, for a ticket) or brief (one line)")
      ->type_name("FORMAT");
}

result<answer_form> checked(const form_options& options, bool json) {
  const auto asked = static_cast<int>(json) + static_cast<int>(options.brief) +
                     static_cast<int>(!options.format.empty());
  if (asked > 1) {
    return refused("--json, --brief and --format do not go together", "one form at a time");
  }
  if (json) return answer_form::json;
  if (options.brief) return answer_form::brief;
  if (options.format.empty()) return answer_form::text;
  const auto found = std::ranges::find(forms, std::string_view(options.format),
                                       &std::pair<std::string_view, answer_form>::first);
  if (found != forms.end()) return found->second;
  return refused(fmt::format("--format: there is no '{}'", options.format),
                 "text, json, markdown or brief");
}

std::string written(const diagnosis::report& r, answer_form form, const render::text_style& style) {
  switch (form) {
    case answer_form::json: return render::to_json(r);
    case answer_form::markdown: return render::to_markdown(r);
    case answer_form::brief: return render::to_one_line(r);
    case answer_form::text: break;
  }
  return render::to_text(r, style);
}

}  // namespace waitstate::cli
