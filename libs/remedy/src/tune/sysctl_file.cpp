#include "waitstate/remedy/tune/sysctl_file.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace waitstate::remedy {
namespace {

constexpr std::string_view blanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

void swap_separators(std::string& name) {
  for (char& c : name) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
}

/// Where it is below /proc/sys: "net/ipv4/conf/eth0.100/forwarding".
std::string path_of(std::string_view name) {
  std::string text(name);
  const auto separator = text.find_first_of("./");
  if (separator != text.npos && text[separator] == '.') swap_separators(text);
  std::string path;
  path.reserve(text.size());
  for (const char c : text) {
    if (c == '/' && (path.empty() || path.back() == '/')) continue;
    path += c;
  }
  if (path.ends_with('/')) path.pop_back();
  return path;
}

/// The name with dots, where that leads to the same path; else the path itself.
std::string name_of(const std::string& path) {
  auto dotted = path;
  swap_separators(dotted);
  constexpr std::string_view means_more = "-#;";
  const bool is_plain = !dotted.empty() && means_more.find(dotted.front()) == means_more.npos;
  return is_plain && path_of(dotted) == path ? dotted : '/' + path;
}

struct read_line {
  std::optional<sysctl_line> said;
  std::string_view trouble;
};

read_line line_of(std::string_view text) {
  sysctl_line line;
  const auto equals = text.find('=');
  auto name = trimmed(text.substr(0, equals));
  if (name.starts_with('-')) {
    line.may_fail = true;
    name = trimmed(name.substr(1));
  }
  if (equals != text.npos) line.value = std::string(trimmed(text.substr(equals + 1)));
  if (!line.value && !line.may_fail) return {.said = {}, .trouble = "there is no '=' in it"};
  const bool is_word = name.find_first_of(blanks) == name.npos && name.find('\0') == name.npos;
  const auto path = is_word ? path_of(name) : std::string();
  if (path.empty()) return {.said = {}, .trouble = "it names no setting"};
  line.key = name_of(path);
  line.is_pattern = path.find_first_of("*?[") != path.npos;
  return {.said = std::move(line), .trouble = {}};
}

bool matches(const sysctl_line& pattern, const std::string& path) {
  return ::fnmatch(path_of(pattern.key).c_str(), path.c_str(), FNM_PATHNAME) == 0;
}

}  // namespace

sysctl_text parse_sysctl(std::string_view text, std::size_t lines_max) {
  sysctl_text read;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (number == lines_max) {
      ++read.past_bound;
      continue;
    }
    ++number;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    auto one = line_of(line);
    if (one.said) {
      one.said->number = number;
      read.lines.push_back(*std::move(one.said));
    } else {
      read.unread.push_back({.number = number, .why = std::string(one.trouble)});
    }
  }
  return read;
}

std::string to_string(const sysctl_line& line) {
  const auto* const dash = line.may_fail ? "-" : "";
  return line.value ? fmt::format("{}{} = {}", dash, line.key, *line.value)
                    : fmt::format("-{}", line.key);
}

std::vector<boot_setting> lines_about(std::span<const sysctl_file> files, std::string_view key) {
  const auto path = path_of(key);
  std::vector<boot_setting> found;
  for (const auto& file : files) {
    for (const auto& line : file.said.lines) {
      const bool is_named = !line.is_pattern && path_of(line.key) == path;
      if (!line.value || (!is_named && !(line.is_pattern && matches(line, path)))) continue;
      found.push_back({.value = *line.value,
                       .path = file.path,
                       .line = line.number,
                       .by_pattern = line.is_pattern});
    }
  }
  return found;
}

std::optional<boot_setting> set_at_boot(std::span<const sysctl_file> files, std::string_view key) {
  const auto path = path_of(key);
  std::optional<boot_setting> by_name;
  bool is_named = false;
  for (const auto& file : files) {
    for (const auto& line : file.said.lines) {
      if (line.is_pattern || path_of(line.key) != path) continue;
      is_named = true;
      by_name.reset();
      if (!line.value) continue;
      by_name = {.value = *line.value, .path = file.path, .line = line.number};
    }
  }
  if (is_named) return by_name;
  auto all = lines_about(files, key);
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

}  // namespace waitstate::remedy
