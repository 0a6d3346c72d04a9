#include "commands/command.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "commands/filter_stage.h"
#include "commands/tool_stage.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

/// The text of each stage of a pipeline; a bar in quotes is no bar.
std::vector<std::string_view> stages_of(std::string_view text) {
  std::vector<std::string_view> stages;
  char quote = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      // An apostrophe that nothing closes is prose.
      if (text.find(c, i + 1) != std::string_view::npos) quote = c;
    } else if (c == '|') {
      stages.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  stages.push_back(text.substr(start));
  return stages;
}

/// "$(pidof nginx)" and "`pgrep -f app.jar`" as one word: what they print is not shown.
std::string without_substitutions(std::string_view text) {
  constexpr std::string_view stand_in = "PID";
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    auto end = std::string_view::npos;
    if (rest.starts_with("$(")) end = rest.find(')');
    if (rest.starts_with("`p")) end = rest.find('`', 1);  // pidof, pgrep, ps
    if (end == std::string_view::npos) {
      plain.push_back(text[i++]);
    } else {
      plain += stand_in;
      i += end + 1;
    }
  }
  return plain;
}

std::optional<std::chrono::milliseconds> interval_of(std::string_view text) {
  constexpr std::uint64_t seconds_max = 86'400;  // A day: nobody waits longer for a look.
  std::optional<std::uint64_t> seconds;
  if (text.contains("while") || text.contains("for ") || text.contains("do ")) {
    seconds = number_after(text, "sleep");
  }
  const auto watch = text.find("watch ");
  if (watch == 0 || (watch != std::string_view::npos && text[watch - 1] == ' ')) {
    seconds = number_after(text.substr(watch), "-n").value_or(2);
  }
  if (!seconds || *seconds == 0 || *seconds > seconds_max) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

/// "2065", "~21,000,".
std::optional<std::uint64_t> number_of(std::string_view word) {
  word = bare(word);
  if (word.ends_with(',')) word.remove_suffix(1);
  std::string digits(word);
  if (word.contains(',') && word.size() - word.rfind(',') == 4) std::erase(digits, ',');
  return whole_number(digits);
}

/// "... | wc -l => 2065", "... | wc -l: 2065", "`... | wc -l` → ~21,000, and it does not fall".
std::optional<std::uint64_t> result_of(std::string_view text) {
  constexpr std::string_view counting = "wc -l";
  constexpr std::string_view arrow = "\xE2\x86\x92";
  const auto at = text.rfind(counting);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = text.substr(at + counting.size());
  bool has_sign = false;
  constexpr std::size_t before_arrow_max = 2;  // A mark of code and a blank.
  if (const auto sign = rest.find(arrow); sign <= before_arrow_max) {
    rest.remove_prefix(sign + arrow.size());
    has_sign = true;
  }
  const auto first = rest.find_first_not_of(" \t:=>-`~");
  if (first == std::string_view::npos || (first == 0 && !has_sign)) return std::nullopt;
  has_sign |= rest.substr(0, first).find_first_of(":=>~") != std::string_view::npos;
  const word_list words(rest.substr(first));
  if (words.size() > 1 && !has_sign) return std::nullopt;
  return number_of(words[0]);
}

/// "ssh web1 'netstat -an | grep :80'", `sh -c "ss -s"`, "ansible all -a 'lsof -i | wc -l'": the
/// command is what stands in quotes.
std::string_view innermost(std::string_view text) {
  constexpr std::string_view tools[] = {"netstat ", "ss ", "lsof ", "cat /proc/", "conntrack "};
  for (auto at = text.find_first_of("'\""); at != std::string_view::npos;
       at = text.find_first_of("'\"", at)) {
    const auto end = text.find(text[at], at + 1);
    if (end == std::string_view::npos) break;
    const auto inner = trimmed(text.substr(at + 1, end - at - 1));
    const auto named = inner.starts_with("sudo ") ? trimmed(inner.substr(5)) : inner;
    if (std::ranges::any_of(tools, [&](auto tool) { return named.starts_with(tool); }))
      return inner;
    at = end + 1;
  }
  return text;
}

}  // namespace

command parse_command(std::string_view typed) {
  command c;
  const auto plain = without_substitutions(typed);
  const auto text = innermost(plain);
  const auto stages = stages_of(text);
  auto printed = columns_of::nothing;
  for (const auto stage : stages) {
    if (printed == columns_of::nothing) {
      printed = read_tool_stage(c, stage);
    } else {
      read_filter_stage(c, printed, trimmed(stage));
    }
  }
  // Only rows of sockets have a state or a port.
  const bool narrowed = c.state != tcp::state::unknown || c.port != 0 || c.column;
  if (c.what == command::tool::descriptors && printed == columns_of::lsof && narrowed) {
    c.what = command::tool::sockets;
  }
  // A word is a program's name only where programs are printed.
  if (c.what == command::tool::sockets && !c.shows_owners && !c.only_owned) c.program.clear();
  if (text.ends_with(".Count") || text.ends_with(".count") || text.ends_with(".Length")) {
    c.counts_lines = true;
  }
  c.counts_distinct = c.counts_distinct && c.counts_lines;
  if (c.counts_lines && c.what != command::tool::sockets) c.column.reset();
  c.interval = interval_of(plain);
  c.result = result_of(text);
  return c;
}

}  // namespace waitstate::paste
