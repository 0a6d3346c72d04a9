#include "app/cli/document.h"

#include <algorithm>
#include <optional>

#include "waitstate/base/spelling.h"
#include "waitstate/tcp/state.h"

namespace waitstate::cli {
namespace {

constexpr std::string_view blanks = " \t\n";

std::vector<std::string_view> names_of(std::string_view heading) {
  constexpr std::string_view separator = ", ";
  std::vector<std::string_view> names;
  while (!heading.empty()) {
    const auto end = heading.find(separator);
    names.push_back(heading.substr(0, end));
    heading.remove_prefix(end == heading.npos ? heading.size() : end + separator.size());
  }
  return names;
}

/// One spelling for all: "/proc/sys/net/ipv4/TCP-TW-Reuse = 1" -> "net.ipv4.tcp_tw_reuse".
std::string normal_form(std::string_view topic) {
  constexpr std::string_view proc = "/proc/sys/";
  if (topic.starts_with(proc)) topic.remove_prefix(proc.size());
  topic = topic.substr(0, topic.find('='));
  const auto first = topic.find_first_not_of(blanks);
  if (first == topic.npos) return {};
  topic = topic.substr(first, topic.find_last_not_of(blanks) + 1 - first);
  std::string form(topic);
  for (char& c : form) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
    if (c == '/') c = '.';
  }
  return form;
}

template <class Matches>
const section* first_named(std::span<const section> sections, Matches matches) {
  const auto found = std::ranges::find_if(
      sections, [&](const section& s) { return std::ranges::any_of(s.names, matches); });
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace

std::vector<section> sections_of(const embedded_text& document) {
  std::vector<section> sections;
  std::string_view group;
  std::optional<section> open;
  std::size_t opened_at = 0;
  bool in_code = false;
  const auto text = document.text;
  const auto close_at = [&](std::size_t end) {
    if (!open) return;
    const auto body = text.substr(opened_at, end - opened_at);
    open->text = body.substr(0, body.find_last_not_of(blanks) + 1);
    sections.push_back(*open);
    open.reset();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (line.starts_with("```")) in_code = !in_code;
    if (!in_code && line.starts_with("# ")) {
      close_at(at);
      group = line.substr(2);
    } else if (!in_code && line.starts_with("## ")) {
      close_at(at);
      opened_at = at;
      open = section{.document = document.name, .group = group, .names = names_of(line.substr(3))};
    }
    at = end + 1;
  }
  close_at(text.size());
  return sections;
}

std::vector<section> sections_of(std::span<const embedded_text> documents) {
  std::vector<section> all;
  for (const auto& document : documents) {
    const auto sections = sections_of(document);
    all.insert(all.end(), sections.begin(), sections.end());
  }
  return all;
}

std::string_view short_name(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

const section* find_section(std::span<const section> sections, std::string_view topic) {
  const auto wanted = normal_form(topic);
  const auto is_wanted = [&](std::string_view name) { return normal_form(name) == wanted; };
  if (const auto* exact = first_named(sections, is_wanted)) return exact;
  const auto is_short = [&](std::string_view name) { return is_wanted(short_name(name)); };
  if (const auto* by_short = first_named(sections, is_short)) return by_short;
  const auto state = tcp::parse_state(wanted);
  if (!state) return nullptr;
  return first_named(sections,
                     [&](std::string_view name) { return name == tcp::to_string(*state); });
}

std::string nearest_topic(std::span<const section> sections, std::string_view topic) {
  std::vector<std::string> spelled;
  std::vector<std::string_view> means;
  for (const auto& s : sections) {
    for (const auto name : s.names) {
      spelled.push_back(normal_form(short_name(name)));
      means.push_back(short_name(name));
    }
  }
  const auto wanted = normal_form(topic);
  const auto nearest = nearest_word(short_name(wanted), spelled);
  if (nearest.empty()) return {};
  const auto at = std::ranges::find(spelled, nearest) - spelled.begin();
  return std::string(means[static_cast<std::size_t>(at)]);
}

}  // namespace waitstate::cli
