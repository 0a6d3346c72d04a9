#include "app/cli/explain.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"

namespace waitstate::cli {
namespace {

std::string_view title_of(std::string_view document) {
  if (document == "states") return "States";
  if (document == "settings") return "Settings";
  if (document == "findings") return "Findings";
  if (document == "runtimes") return "Runtimes";
  return document;
}

result<int> explain(std::string_view topic) {
  const auto [width, colour] = stdout_terminal();
  const page_style style{.width = width, .colour = colour};
  const auto sections = sections_of(documents());
  auto page = topic.empty() ? result<std::string>(topic_list(sections, style))
                            : topic_page(sections, topic, style);
  if (!page) return failure(in_step("explain", std::move(page).error()));
  write_out(*page);
  return done;
}

}  // namespace

result<std::string> topic_page(std::span<const section> sections, std::string_view topic,
                               const page_style& style) {
  if (const auto* found = find_section(sections, topic)) return terminal_text(found->text, style);
  const auto nearest = nearest_topic(sections, topic);
  return failure({.code = errc::not_found,
                  .what = fmt::format("there is no topic '{}'", topic),
                  .hint = nearest.empty()
                              ? "'waitstate explain' lists them all"
                              : fmt::format("did you mean 'waitstate explain {}'?", nearest)});
}

std::string topic_list(std::span<const section> sections, const page_style& style) {
  std::string list =
      "`waitstate explain TOPIC` explains one of these; any common spelling will do.\n";
  const section* previous = nullptr;
  for (const auto& s : sections) {
    const bool same_group =
        previous != nullptr && previous->document == s.document && previous->group == s.group;
    list += same_group ? "," : fmt::format("\n\n## {}: {}\n ", title_of(s.document), s.group);
    const char* separator = " ";
    for (const auto name : s.names) {
      list += fmt::format("{}`{}`", separator, short_name(name));
      separator = ", ";
    }
    previous = &s;
  }
  return terminal_text(list + "\n", style);
}

void add_explain(CLI::App& app, command& chosen) {
  auto topic = std::make_shared<std::string>();
  auto* sub = app.add_subcommand("explain", "Explain a state, a setting, a finding or a runtime");
  sub->add_option("topic", *topic,
                  "TIME-WAIT, tcp_tw_reuse, leaked-connections, java, ...; without one: the list");
  sub->callback([topic, &chosen] { chosen.run = [topic] { return explain(*topic); }; });
}

}  // namespace waitstate::cli
