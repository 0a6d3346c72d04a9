#include "commands/filter_stage.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "text/tokens.h"
#include "waitstate/tcp/address.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/service.h"

namespace waitstate::paste {
namespace {

/// The endpoint that column `number` of a tool's output is, or nothing.
std::optional<connection_end> endpoint_column(const command& c, columns_of printed,
                                              std::uint64_t number) {
  // NAME holds both ends and begins with the local one; it is the 8th where SIZE/OFF is empty.
  if (printed == columns_of::lsof)
    return number == 9 || number == 8 ? std::optional(connection_end::local) : std::nullopt;
  if (number == c.local_column) return connection_end::local;
  if (number == c.local_column + 1U) return connection_end::remote;
  return std::nullopt;
}

/// The text after `marker` up to one of `ends`.
std::string_view between(std::string_view text, std::string_view marker, std::string_view ends) {
  const auto at = text.find(marker);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + marker.size());
  return rest.substr(0, rest.find_first_of(ends));
}

/// lsof's columns of owners: `{print $2}`, `{print $1,$2}`, and nothing beside them.
void read_owner_columns(command& c, std::string_view script) {
  auto printed = between(script, "print ", "};");
  std::uint8_t word = 0, program = 0, pid = 0;
  while (true) {
    const auto sign = printed.find_first_not_of(" ,\"\t");
    if (sign == std::string_view::npos) break;
    printed.remove_prefix(sign);
    if (printed.size() < 2 || printed[0] != '$' || (printed[1] != '1' && printed[1] != '2')) return;
    if (printed.size() > 2 && is_digit(printed[2])) return;
    auto& column = printed[1] == '1' ? program : pid;
    if (column != 0) return;
    column = ++word;
    printed.remove_prefix(2);
  }
  c.program_word = program;
  c.pid_word = pid;
}

void read_awk(command& c, columns_of printed, std::string_view script) {
  std::string text(script);
  std::erase(text, '\\');
  const std::string_view all = text;
  for (auto at = all.find('$'); at != std::string_view::npos; at = all.find('$', at + 1)) {
    const auto rest = all.substr(at + 1);
    const auto number = leading_number(rest);
    const bool is_last = rest.starts_with("NF") && !rest.starts_with("NF-");
    if (!number && !is_last) continue;
    const auto digits =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
    const auto after = trimmed(rest.substr(is_last ? 2 : digits));
    const auto where = number ? endpoint_column(c, printed, *number) : std::nullopt;
    if (after.starts_with("~") || after.starts_with("==")) {
      const auto open = after.find_first_of("/\"");
      if (open == std::string_view::npos) continue;
      const auto value = after.substr(open + 1, after.find_first_of("/\"", open + 1) - open - 1);
      filter_by(c, value, where.value_or(connection_end::either));
    } else if (where && !all.substr(0, at).ends_with("split(")) {
      c.column = where;
    }
  }
  // A pattern for the whole line: /TIME_WAIT/ or /:8080/, but not /^tcp/.
  const auto body = trimmed(all.substr(std::min(all.size(), all.find("awk") + 3)));
  const auto quoted = body.starts_with('\'') || body.starts_with('"') ? body.substr(1) : body;
  if (quoted.starts_with('/')) filter_by(c, between(quoted, "/", "/"), connection_end::either);
  if (all.contains("++") && all.contains('[')) c.lists_counts = true;
  // {n++} END {print n}
  if (all.contains("++") && !all.contains('[') && all.contains("END")) c.counts_lines = true;
  if (printed == columns_of::lsof && !all.contains(" -F")) read_owner_columns(c, all);
  if (printed == columns_of::lsof && all.contains("->") && all.contains("$2"))
    c.column = connection_end::remote;
}

/// Is it a port, and not the beginning of others or a number anywhere in the row?
bool is_whole_port(std::string_view pattern) {
  const auto digits = std::ranges::count_if(pattern, is_digit);
  const bool marked = !is_digit(pattern.front()) || !is_digit(pattern.back());
  return digits == 0 || (marked ? digits >= 2 : digits >= 3);
}

}  // namespace

std::string_view bare(std::string_view word) {
  constexpr std::string_view wrapping = "'\"`();{},";
  const auto first = word.find_first_not_of(wrapping);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(wrapping) - first + 1);
}

tcp::state state_of_pattern(std::string_view pattern) {
  struct beginning {
    std::string_view text;
    tcp::state means;
  };
  constexpr beginning beginnings[] = {
      {"time", tcp::state::time_wait},        {"close_w", tcp::state::close_wait},
      {"close-w", tcp::state::close_wait},    {"closew", tcp::state::close_wait},
      {"esta", tcp::state::established},      {"syn_s", tcp::state::syn_sent},
      {"syn-s", tcp::state::syn_sent},        {"syn_r", tcp::state::syn_received},
      {"syn-r", tcp::state::syn_received},    {"fin_wait_2", tcp::state::fin_wait_2},
      {"fin_wait2", tcp::state::fin_wait_2},  {"fin-wait-2", tcp::state::fin_wait_2},
      {"fin_wait1", tcp::state::fin_wait_1},  {"fin_wait_1", tcp::state::fin_wait_1},
      {"fin-wait-1", tcp::state::fin_wait_1}, {"last_ack", tcp::state::last_ack},
      {"last-ack", tcp::state::last_ack},     {"listen", tcp::state::listen},
  };
  if (const auto exact = tcp::parse_state(pattern);
      exact && *exact != tcp::state::closed && *exact != tcp::state::unknown) {
    return *exact;
  }
  for (const auto& [text, means] : beginnings) {
    if (starts_in_any_case(pattern, text)) return means;
  }
  // lsof and netstat of BSD and macOS: the connection is over, the descriptor is not.
  if (starts_in_any_case(pattern, "closed")) return tcp::state::closed;
  // Of the states that netstat prints, "CLOSE" begins CLOSE_WAIT; plain CLOSE is hardly seen.
  return starts_in_any_case(pattern, "clos") ? tcp::state::close_wait : tcp::state::unknown;
}

std::uint16_t port_of(std::string_view text) {
  while (text.starts_with(':') || text.starts_with('\\') || text.starts_with('.')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.ends_with('$') || text.ends_with('\\') || text.ends_with('b') ||
                           text.ends_with(' '))) {
    if (text.ends_with('b') && !text.ends_with("\\b")) break;
    text.remove_suffix(1);
  }
  if (const auto port = tcp::parse_port(text)) return *port;
  return tcp::port_of_service(text).value_or(0);
}

void filter_by(command& c, std::string_view pattern, connection_end where) {
  pattern = trimmed(pattern);
  while (pattern.starts_with('^') || pattern.starts_with('\\')) pattern.remove_prefix(1);
  if (pattern.empty() || pattern.contains('|')) return;
  if (const auto state = state_of_pattern(pattern); state != tcp::state::unknown) {
    c.state = state;
    return;
  }
  const auto colon = pattern.rfind(':');
  const auto host = colon == std::string_view::npos ? pattern : pattern.substr(0, colon);
  std::string unescaped(host);
  std::erase(unescaped, '\\');
  if (tcp::parse_address(unescaped)) {
    c.address = unescaped;
    if (colon == std::string_view::npos) return;
    pattern = pattern.substr(colon);
  }
  const bool may_be_port = is_digit(pattern.front()) || pattern.starts_with(':') ||
                           pattern.starts_with('.') || pattern.starts_with('\\');
  if (may_be_port) {
    const auto port = port_of(pattern);
    const bool beyond_ports = port == 0 && c.shows_owners && is_number(pattern);
    if (pattern.ends_with('/') || beyond_ports) {
      c.pid = static_cast<std::int32_t>(leading_number(pattern).value_or(0) & 0x7FFFFFFF);
    } else if (port != 0 && is_whole_port(pattern)) {
      c.port = port;
      c.port_end = where;
      c.port_may_be_pid = c.shows_owners && !c.only_owned && is_number(pattern);
    }
    return;
  }
  // "FIN", "WAIT", "SYN": parts of states.
  const bool capitals = std::ranges::none_of(pattern, [](char l) { return l >= 'a' && l <= 'z'; });
  if (capitals) return;
  const auto word = lower(pattern);
  const bool is_name = std::ranges::all_of(
      word, [](char l) { return is_letter(l) || is_digit(l) || l == '-' || l == '_' || l == '.'; });
  if (is_name && !word.starts_with("tcp") && !word.starts_with("ipv") && word != "sock" &&
      word != "socket" && word != "wait") {
    c.program = pattern;
  }
}

void read_grep(command& c, const word_list& words, std::size_t at) {
  bool inverted = false;
  // Windows: find /c ":80", and find ":80" /c.
  const bool is_find = starts_in_any_case(bare(words[at]), "find");
  if (is_find && std::ranges::any_of(words.all(), [](auto w) { return lower(w) == "/c"; })) {
    c.counts_lines = true;
  }
  for (++at; at < words.size(); ++at) {
    const auto word = words[at];
    if (word.size() > 1 && (word.starts_with('-') || word.starts_with('/'))) {
      const auto flags = lower(word.substr(1));
      inverted = inverted || flags == "v" || flags.starts_with("iv") || flags.starts_with("vi") ||
                 flags == "ve" || flags == "ev";
      if (word.starts_with('-') && !word.starts_with("--") && flags.contains('c')) {
        c.counts_lines = true;
      }
      continue;
    }
    // Behind awk's '{print $5}' there is but that column.
    if (!inverted) filter_by(c, bare(word), c.column.value_or(connection_end::either));
    if (word.starts_with("/proc/")) break;
    return;
  }
}

void read_conditions(command& c, std::string_view stage) {
  const word_list words(stage);
  for (const auto word : words.all()) {
    if (const auto s = state_of_pattern(bare(word)); s != tcp::state::unknown) c.state = s;
  }
  for (const auto& [field, where] : {std::pair{"RemotePort", connection_end::remote},
                                     std::pair{"LocalPort", connection_end::local}}) {
    if (!stage.contains(field)) continue;
    for (const auto word : words.all()) {
      const auto port = tcp::parse_port(bare(word)).value_or(0);
      if (port != 0) c.port = port, c.port_end = where;
    }
  }
}

/// What lsof prints of a socket that is in no table of the kernel.
bool greps_ghosts(std::string_view stage) {
  constexpr std::string_view notes[] = {"identify protocol", "identify.protocol", "protocol: TCP",
                                        "protocol:.TCP"};
  return std::ranges::any_of(notes, [&](auto note) { return stage.contains(note); });
}

void read_filter_stage(command& c, columns_of printed, std::string_view stage) {
  const word_list words(stage);
  const auto name = lower(bare(words[0]));
  if (name.ends_with("awk") || name == "cut") c.shows_timers = false;
  if (name == "grep" || name == "egrep" || name == "fgrep" || name == "findstr" || name == "find" ||
      name == "rg" || name == "ag" || name == "ack" || name == "select-string" || name == "sls") {
    if (greps_ghosts(stage)) {
      c.only_ghosts = true;
      c.counts_lines = c.counts_lines || words[1] == "-c";
      return;
    }
    return read_grep(c, words, 0);
  }
  if (name == "awk" || name == "gawk" || name == "mawk") return read_awk(c, printed, stage);
  if (name == "wc") c.counts_lines = true;
  if (name == "measure-object" || name == "measure") c.counts_lines = true;
  if (name == "group-object" || name == "group") c.lists_counts = true;
  if (name == "uniq") {
    (words[1].starts_with('-') && words[1].contains('c') ? c.lists_counts : c.counts_distinct) =
        true;
  }
  if (name == "sort" && words[1].starts_with('-') && words[1].contains('u')) {
    c.counts_distinct = true;
  }
  if (name == "cut" && printed == columns_of::lsof && stage.contains('>') && stage.contains('2')) {
    c.column = connection_end::remote;
  }
  if (name == "where-object" || name == "where" || name == "?") read_conditions(c, stage);
}

}  // namespace waitstate::paste
