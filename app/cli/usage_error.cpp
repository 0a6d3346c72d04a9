#include "app/cli/usage_error.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "waitstate/base/spelling.h"
#include "waitstate/base/text.h"

namespace waitstate::cli {
namespace {

error wrong(std::string what, std::string hint) {
  return {.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)};
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

/// The command that was chosen, or the program itself.
const CLI::App* chosen_of(const CLI::App& app, std::span<const std::string> arguments) {
  for (const auto& word : arguments) {
    if (is_option(word)) continue;
    const auto subs =
        app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
    return subs.empty() ? &app : subs.front();
  }
  return &app;
}

/// "diagnose: " in front of what is about a command.
std::string step_of(const CLI::App& app, const CLI::App& chosen) {
  return &chosen == &app ? std::string() : chosen.get_name() + ": ";
}

std::string help_hint(const CLI::App& app, const CLI::App& chosen) {
  if (&chosen == &app) return "'waitstate --help' lists the commands";
  return fmt::format("'waitstate {} --help' lists the options", chosen.get_name());
}

error unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  const auto nearest = nearest_word(word, names);
  return wrong(
      fmt::format("there is no command {}", shell_quoted(word)),
      nearest.empty() ? help_hint(app, app) : fmt::format("did you mean 'waitstate {}'?", nearest));
}

error unknown_option(const CLI::App& app, const CLI::App& chosen, const std::string& word) {
  const auto name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const auto* option : chosen.get_options()) {
    for (const auto& long_name : option->get_lnames()) names.push_back("--" + long_name);
  }
  const auto nearest = nearest_word(name, names);
  return wrong(
      fmt::format("{}there is no option {}", step_of(app, chosen), shell_quoted(name)),
      nearest.empty() ? help_hint(app, chosen) : fmt::format("did you mean '{}'?", nearest));
}

error unexpected(const CLI::App& app, const CLI::App& chosen, const std::string& word) {
  const bool reads_files = chosen.get_option_no_throw("--from") != nullptr;
  return wrong(fmt::format("{}{} was not expected", step_of(app, chosen), shell_quoted(word)),
               reads_files ? fmt::format("to read a file: waitstate {} --from {}",
                                         chosen.get_name(), shell_quoted(word))
                           : help_hint(app, chosen));
}

/// CLI11 gives the option only as the start of its message: "--from: 1 required TEXT missing".
error wrong_count(const CLI::App& app, const CLI::App& chosen, std::string_view message) {
  const auto option = message.substr(0, std::min(message.find(':'), message.find(' ')));
  const bool too_many = message.find("At Most") != std::string_view::npos;
  return wrong(fmt::format("{}{} {}", step_of(app, chosen), option,
                           too_many ? "is given more than once" : "needs a value"),
               help_hint(app, chosen));
}

}  // namespace

error usage_error(const CLI::App& app, const CLI::ParseError& e,
                  std::span<const std::string> arguments) {
  const auto& chosen = *chosen_of(app, arguments);
  if (&chosen == &app) {
    const auto word = std::ranges::find_if_not(arguments, is_option);
    if (word != arguments.end()) return unknown_command(app, *word);
    if (!arguments.empty()) return unknown_option(app, app, arguments.front());
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr) {
    const auto extras = app.remaining(true);
    const auto option = std::ranges::find_if(extras, is_option);
    if (option != extras.end()) return unknown_option(app, chosen, *option);
    if (!extras.empty()) return unexpected(app, chosen, extras.front());
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&e) != nullptr) {
    return wrong_count(app, chosen, e.what());
  }
  return wrong(step_of(app, chosen) + e.what(), help_hint(app, chosen));
}

}  // namespace waitstate::cli
