#include "app/cli/help.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace waitstate::cli {
namespace {

constexpr std::size_t text_column = 26;
constexpr std::size_t page_width = 80;

struct entry {
  std::string name;
  std::string text;
};

/// "  -v, --verbose           Show all evidence ...", wrapped. Our own help is ASCII.
std::string line_of(const entry& e) {
  std::string lines = fmt::format("  {:<{}}", e.name, text_column - 2);
  std::size_t column = lines.size();
  if (e.name.size() + 2 >= text_column) {
    lines += '\n' + std::string(text_column, ' ');
    column = text_column;
  }
  std::string_view text = e.text;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > text_column && column + 1 + word.size() > page_width) {
      lines += '\n' + std::string(text_column, ' ');
      column = text_column;
    }
    if (column > text_column) lines += ' ';
    column += word.size() + (column > text_column ? 1 : 0);
    lines += word;
  }
  return lines + '\n';
}

std::string name_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string name;
  for (const auto& short_name : option.get_snames()) name += '-' + short_name + ", ";
  for (const auto& long_name : option.get_lnames()) name += "--" + long_name;
  const auto type = option.get_type_name();
  if (option.get_items_expected_max() > 0 && !type.empty()) name += ' ' + type;
  return name;
}

std::vector<entry> options_of(const CLI::App& app, bool positional) {
  std::vector<entry> entries;
  const auto* const help = app.get_help_ptr();
  for (const auto* option : app.get_options()) {
    if (option->get_positional() != positional || option == help) continue;
    entries.push_back({.name = name_of(*option), .text = option->get_description()});
  }
  if (help != nullptr && !positional) {
    entries.push_back({.name = name_of(*help), .text = help->get_description()});
  }
  return entries;
}

std::vector<entry> commands_of(const CLI::App& app) {
  std::vector<entry> commands;
  for (const auto* sub : app.get_subcommands({})) {
    commands.push_back({.name = sub->get_name(), .text = sub->get_description()});
  }
  return commands;
}

/// "sidecar suggest": a command, and whose it is.
std::string full_name_of(const CLI::App& sub) {
  std::string name = sub.get_name();
  for (const auto* above = sub.get_parent(); above != nullptr && above->get_parent() != nullptr;
       above = above->get_parent()) {
    name.insert(0, above->get_name() + ' ');
  }
  return name;
}

std::string list_of(std::string_view title, const std::vector<entry>& entries) {
  if (entries.empty()) return {};
  auto text = fmt::format("\n{}:\n", title);
  for (const auto& e : entries) text += line_of(e);
  return text;
}

}  // namespace

std::string program_help(const CLI::App& app) {
  return app.get_description() + "\n\n" + app.get_footer() + '\n' +
         list_of("commands", commands_of(app)) + list_of("options", options_of(app, false)) +
         "\n'waitstate COMMAND --help' has the options of a command.\n";
}

std::string command_help(const CLI::App& sub) {
  const auto positionals = options_of(sub, true);
  auto usage = fmt::format("usage: waitstate {} [options]", full_name_of(sub));
  for (const auto& p : positionals) usage += fmt::format(" [{}]", p.name);
  auto text = usage + "\n\n" + sub.get_description() + ".\n" + list_of("arguments", positionals) +
              list_of("commands", commands_of(sub)) + list_of("options", options_of(sub, false));
  if (!sub.get_footer().empty()) text += '\n' + sub.get_footer() + '\n';
  return text;
}

}  // namespace waitstate::cli
