// waitstate diagnose: what is wrong, the proof, what happens next, what to do.
#include "waitstate/diagnosis/diagnose.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/cli/answer_form.h"
#include "app/cli/closer_look.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/source.h"
#include "app/cli/watch_until.h"
#include "waitstate/diagnosis/diagnose_hosts.h"
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
  form_options form;
  std::string watch_until;
};

/// The same, checked.
struct choice {
  source from;
  std::optional<watch_end> until;
  render::text_style style;
  answer_form form = answer_form::text;
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

result<diagnosis::report> report_of(const source& from) {
  auto hosts = take_snapshots(from);
  if (!hosts) return failure(hosts.error());
  if (hosts->size() > 1 || !from.from.empty()) return diagnosis::diagnose_hosts(*hosts);
  return report_after_closer_look(hosts->front(), from.net_namespace);
}

result<int> diagnose(const choice& c) {
  const auto report = c.until ? watch_until(c.from, *c.until) : report_of(c.from);
  if (!report) {
    if (c.form == answer_form::json) write_out(json_of_nothing(c.from, report.error()));
    return failure(in_step("diagnose", report.error()));
  }
  write_out(written(*report, c.form, c.style));
  return status_of(report->verdict);
}

result<choice> checked(const diagnose_options& options) {
  auto from = checked(options.from);
  if (!from) return failure(from.error());
  const auto style = checked(options.output);
  if (!style) return failure(style.error());
  const auto form = checked(options.form, options.output.json);
  if (!form) return failure(form.error());
  choice c{.from = *std::move(from), .until = {}, .style = *style, .form = *form};
  if (options.watch_until.empty()) return c;
  if (!c.from.from.empty()) {
    return failure({.code = errc::invalid_input,
                    .what = "--from and --watch-until do not go together",
                    .hint = "--watch-until is for this host, --from for a paste"});
  }
  const auto until = parse_watch_end(options.watch_until);
  if (!until) return failure(until.error());
  c.until = *until;
  return c;
}

void choose(const diagnose_options& options, command& chosen) {
  chosen.status_of_error = unknown;
  auto ready = checked(options);
  if (!ready) {
    chosen.refused = in_step("diagnose", std::move(ready).error());
    return;
  }
  chosen.run = [c = *std::move(ready)] { return diagnose(c); };
}

}  // namespace

void add_diagnose(CLI::App& app, command& chosen) {
  auto options = std::make_shared<diagnose_options>();
  auto* sub = app.add_subcommand("diagnose", "Find what is wrong, here or in pasted output");
  add_source_options(*sub, options->from);
  sub->add_flag("-v,--verbose", options->output.verbose, "Show all evidence and every remedy");
  sub->add_option("--watch-until", options->watch_until,
                  "Look again and again until the host is healthy, or for a duration (10m), and "
                  "say on standard error what changes")
      ->type_name("END");
  add_form_options(*sub, options->form);
  add_output_options(*sub, options->output);
  sub->footer(
      "examples:\n"
      "  waitstate diagnose                        this host, now\n"
      "  waitstate diagnose --interval 5s          with rates and growth\n"
      "  waitstate diagnose --from paste.txt       what somebody sent you\n"
      "  waitstate diagnose --from a --from b      both ends of what does not work\n"
      "  ss -tanp | waitstate diagnose --from -    from another host, through a pipe\n"
      "  waitstate diagnose --watch-until healthy  until it is over\n"
      "\n"
      "exit status: 0 healthy, 1 warning, 2 critical, 3 could not tell");
  sub->callback([options, &chosen] { choose(*options, chosen); });
}

}  // namespace waitstate::cli
