// waitstate diagnose: what is wrong, the proof, what happens next, what to do.
#include "waitstate/diagnosis/diagnose.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/source.h"
#include "waitstate/kernel/openers.h"
#include "waitstate/render/json.h"
#include "waitstate/render/text.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::cli {
namespace {

/// As a Nagios or Icinga check reads them.
enum check_status : int { healthy = 0, warning = 1, critical = 2, unknown = 3 };

int status_of(diagnosis::verdict v) {
  switch (v) {
    case diagnosis::verdict::healthy: return healthy;
    case diagnosis::verdict::attention: return warning;
    case diagnosis::verdict::critical: return critical;
    case diagnosis::verdict::unknown: return unknown;
  }
  return unknown;
}

struct diagnose_options {
  source_options from;
  output_options output;
};

/// A program that asked for JSON gets JSON, also of nothing: verdict "unknown" and the reason.
std::string json_of_nothing(const source& from, const error& why) {
  const snapshot_summary nothing{
      .source = from.from.empty() ? source_kind::live : source_kind::pasted,
      .taken_at = std::chrono::system_clock::now(),
      .namespaces = 1};
  return render::to_json({.about = nothing,
                          .verdict = diagnosis::verdict::unknown,
                          .headline = "nothing to judge",
                          .limits = {{.id = "nothing-read", .text = why.what, .hint = why.hint}}});
}

result<int> diagnose(const source& from, const render::text_style& style, bool json) {
  auto seen = take_snapshot(from);
  if (!seen) {
    if (json) write_out(json_of_nothing(from, seen.error()));
    return failure(in_step("diagnose", seen.error()));
  }
  auto report = diagnosis::diagnose(*seen);
  if (diagnosis::lacks_opener(*seen, report)) {
    kernel::find_openers(*seen);
    report = diagnosis::diagnose(*seen);
  }
  write_out(json ? render::to_json(report) : render::to_text(report, style));
  return status_of(report.verdict);
}

void choose(const diagnose_options& options, command& chosen) {
  chosen.status_of_error = unknown;
  const auto from = checked(options.from);
  const auto style = checked(options.output);
  if (!from || !style) {
    chosen.refused = in_step("diagnose", from ? style.error() : from.error());
    return;
  }
  chosen.run = [from = *from, style = *style, json = options.output.json] {
    return diagnose(from, style, json);
  };
}

}  // namespace

void add_diagnose(CLI::App& app, command& chosen) {
  auto options = std::make_shared<diagnose_options>();
  auto* sub = app.add_subcommand("diagnose", "Find what is wrong, here or in pasted output");
  add_source_options(*sub, options->from);
  sub->add_flag("-v,--verbose", options->output.verbose, "Show all evidence and every remedy");
  add_output_options(*sub, options->output);
  sub->footer(
      "examples:\n"
      "  waitstate diagnose                        this host, now\n"
      "  waitstate diagnose --interval 5s          with rates and growth\n"
      "  waitstate diagnose --from paste.txt       what somebody sent you\n"
      "  ss -tanp | waitstate diagnose --from -    from another host, through a pipe\n"
      "\n"
      "exit status: 0 healthy, 1 warning, 2 critical, 3 could not tell");
  sub->callback([options, &chosen] { choose(*options, chosen); });
}

}  // namespace waitstate::cli
