#include "app/cli/explain.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
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

/// What people type who have an error in front of them, and the topic that is about it.
struct other_word {
  std::string_view word;
  std::string_view topic;
};
constexpr std::array other_words{
    other_word{"eaddrnotavail", "ephemeral-port-exhaustion"},
    other_word{"cannot assign requested address", "ephemeral-port-exhaustion"},
    other_word{"ports", "ephemeral-port-exhaustion"},
    other_word{"emfile", "fd-exhaustion"},
    other_word{"enfile", "fd-exhaustion"},
    other_word{"too many open files", "fd-exhaustion"},
    other_word{"fd", "fd-exhaustion"},
    other_word{"descriptors", "fd-exhaustion"},
    other_word{"eaddrinuse", "listen-port-in-use"},
    other_word{"address already in use", "listen-port-in-use"},
    other_word{"conntrack", "conntrack-full"},
    other_word{"leak", "leaked-connections"},
    other_word{"backlog", "listen-backlog-too-small"},
    other_word{"accept queue", "accept-queue-stuck"},
    other_word{"keepalive", "half-open-no-keepalive"},
    other_word{"keep alive", "half-open-no-keepalive"},
    other_word{"tw", "time-wait"},
    other_word{"cw", "close-wait"},
    other_word{"golang", "go"}};

std::string_view meant_topic(std::string_view typed) {
  std::string word(typed);
  std::ranges::transform(word, word.begin(), [](char c) {
    if (c == '-' || c == '_') return ' ';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const auto known = std::ranges::find(other_words, word, &other_word::word);
  return known == other_words.end() ? typed : known->topic;
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
  if (const auto* found = find_section(sections, meant_topic(topic)))
    return terminal_text(found->text, style);
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
