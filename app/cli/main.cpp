#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
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
  std::fflush(stdout);
  // A value that the user gave may be a file name that somebody else chose.
  fmt::print(stderr, "waitstate: {}\n", waitstate::render::clean(e.what));
  if (!e.hint.empty()) fmt::print(stderr, "  hint: {}\n", waitstate::render::clean(e.hint));
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
      "TIME-WAIT that eats ports, CLOSE-WAIT that eats descriptors and pools, and what is\n"
      "near.");
  app.footer(
      "  waitstate diagnose                      this host: what is wrong, what to do\n"
      "  waitstate diagnose --from paste.txt     the same from pasted ss, netstat, logs\n"
      "  waitstate sockets --by peer             which sockets there are\n"
      "  waitstate reap state:close-wait         close what leaked; first a dry run\n"
      "  waitstate explain TIME-WAIT             what a state, setting or finding means");
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "waitstate " WAITSTATE_VERSION, "Print the version");
  app.require_subcommand(1);
}

int show_help(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  cli::write_out(chosen.empty() ? cli::program_help(app) : cli::command_help(*chosen.front()));
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
  cli::add_reap(app, chosen);
  cli::add_explain(app, chosen);
  if (arguments.empty()) return show_help(app);

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
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone shows as EPIPE
  try {
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    const int status = run(argc, argv, arguments);
    const auto written = cli::finish_output();
    return written ? status : report(written.error(), status_for(arguments, cli::failed));
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::broken_pipe) return cli::done;
    fmt::print(stderr, "waitstate: internal error, please report it: {}\n", e.what());
  } catch (const std::exception& e) {
    fmt::print(stderr, "waitstate: internal error, please report it: {}\n", e.what());
  }
  return cli::internal;
}
