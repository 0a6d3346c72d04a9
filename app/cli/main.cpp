#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/output.h"
#include "app/cli/usage_error.h"
#include "waitstate/base/spelling.h"
#include "waitstate/render/clean.h"

namespace {

namespace cli = waitstate::cli;

/// The only place where a failure becomes text for a person.
int report(const waitstate::error& e, int status) {
  // A value that the user gave may be a file name that somebody else chose.
  cli::write_error(fmt::format("waitstate: {}\n", waitstate::render::clean(e.what)));
  if (!e.hint.empty()) {
    cli::write_error(fmt::format("  hint: {}\n", waitstate::render::clean(e.hint)));
  }
  return status;
}

/// To a check of Nagios or Icinga, 1 is "warning", 2 "critical" and 3 "could not tell"; also to one
/// that spells the command wrong.
int status_for(const std::vector<std::string>& arguments, cli::exit_code otherwise) {
  constexpr int could_not_tell = 3;
  const std::vector<std::string> check{"diagnose"};
  const bool means_check =
      !arguments.empty() && !waitstate::nearest_word(arguments.front(), check).empty();
  return means_check ? could_not_tell : int{otherwise};
}

void describe(CLI::App& app) {
  app.description(
      "waitstate finds, explains and closes TCP connections that outlive their use:\n"
      "TIME-WAIT that eats ports, CLOSE-WAIT that eats descriptors, and what is near.");
  app.footer(
      "  waitstate diagnose                      this host: what is wrong, what to do\n"
      "  waitstate diagnose --from paste.txt     the same from pasted ss, netstat, logs\n"
      "  waitstate sockets --by peer             which sockets there are\n"
      "  waitstate watch                         all of it live; ? shows the keys\n"
      "  waitstate trace --summary               who connects where, who closes first\n"
      "  waitstate reap state:close-wait         close what leaked; first a dry run\n"
      "  waitstate tune                          which settings help here, which never\n"
      "  waitstate guard --policy guard.toml     close or report what leaks, whenever\n"
      "  waitstate sidecar --listen A --to S     keep connections for a program\n"
      "  waitstate explain TIME-WAIT             what a state, setting or finding means");
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "waitstate " WAITSTATE_VERSION, "Print the version");
  app.require_subcommand(1);
}

int show_help(const CLI::App& app) {
  const CLI::App* last = &app;
  for (auto below = app.get_subcommands(); !below.empty(); below = last->get_subcommands()) {
    last = below.front();
  }
  cli::write_out(last == &app ? cli::program_help(app) : cli::command_help(*last));
  return cli::done;
}

int run_chosen(const cli::command& chosen, int usage) {
  if (chosen.refused) return report(*chosen.refused, usage);
  const auto outcome = chosen.run();
  if (!outcome) return report(outcome.error(), chosen.status_of_error);
  return *outcome;
}

int run(int argc, char** argv, const std::vector<std::string>& arguments) {
  CLI::App app;
  cli::command chosen;
  describe(app);
  cli::add_diagnose(app, chosen);
  cli::add_sockets(app, chosen);
  cli::add_watch(app, chosen);
  cli::add_trace(app, chosen);
  cli::add_reap(app, chosen);
  cli::add_tune(app, chosen);
  cli::add_guard(app, chosen);
#if WAITSTATE_HAS_SIDECAR
  cli::add_sidecar(app, chosen);
#endif
  cli::add_explain(app, chosen);
  const bool wants_help = arguments.size() == 1 && arguments.front() == "help";
  if (arguments.empty() || wants_help) return show_help(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return show_help(app);
  } catch (const CLI::CallForVersion& e) {
    cli::write_out(std::string(e.what()) + '\n');
    return cli::done;
  } catch (const CLI::ParseError& e) {
    return report(cli::usage_error(app, e, arguments), status_for(arguments, cli::usage));
  }
  return run_chosen(chosen, status_for(arguments, cli::usage));
}

}  // namespace

int main(int argc, char** argv) {
  cli::hold_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone shows as EPIPE
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  try {
    const int status = run(argc, argv, arguments);
    const auto written = cli::finish_output();
    return written ? status : report(written.error(), status_for(arguments, cli::failed));
  } catch (const std::bad_alloc&) {
    return report({.code = waitstate::errc::system,
                   .what = "out of memory",
                   .hint = "a paste needs up to eight times its size: give it in parts"},
                  status_for(arguments, cli::failed));
  } catch (const std::exception& e) {
    cli::write_error(fmt::format("waitstate: internal error, please report it: {}\n", e.what()));
  }
  return cli::internal;
}
