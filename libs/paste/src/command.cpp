#include "command.h"

#include <algorithm>
#include <vector>

#include "waitstate/tcp/address.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/service.h"
#include "words.h"

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

std::string_view bare(std::string_view word) {
  constexpr std::string_view wrapping = "'\"`();{},";
  const auto first = word.find_first_not_of(wrapping);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(wrapping) - first + 1);
}

/// What a pattern or a filter's value says: a state, a port, an address, or neither.
tcp::state state_of_pattern(std::string_view pattern) {
  struct beginning {
    std::string_view text;
    tcp::state means;
  };
  constexpr beginning beginnings[] = {
      {"time", tcp::state::time_wait},        {"close_w", tcp::state::close_wait},
      {"close-w", tcp::state::close_wait},    {"closew", tcp::state::close_wait},
      {"estab", tcp::state::established},     {"syn_s", tcp::state::syn_sent},
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
    if (starts_with_word(pattern, text)) return means;
  }
  // Of the states that netstat prints, "CLOSE" begins CLOSE_WAIT; plain CLOSE is hardly seen.
  return starts_with_word(pattern, "close") ? tcp::state::close_wait : tcp::state::unknown;
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

void filter_by(command& c, std::string_view pattern, side where) {
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
    if (pattern.ends_with('/')) {
      c.pid = static_cast<std::int32_t>(leading_number(pattern).value_or(0) & 0x7FFFFFFF);
    } else if (const auto port = port_of(pattern); port != 0) {
      c.port = port;
      c.port_side = where;
    }
    return;
  }
  const auto word = lower(pattern);
  const bool is_name = std::ranges::all_of(
      word, [](char l) { return is_letter(l) || is_digit(l) || l == '-' || l == '_' || l == '.'; });
  if (is_name && !word.starts_with("tcp") && !word.starts_with("ipv") && word != "sock" &&
      word != "socket" && word != "wait") {
    c.program = pattern;
  }
}

/// The endpoint that column `number` of a tool's output is, or nothing.
std::optional<side> endpoint_column(const command& c, std::string_view tool, std::uint64_t number) {
  if (tool == "lsof") return number == 9 || number == 8 ? std::optional(side::local) : std::nullopt;
  if (number == c.local_column) return side::local;
  if (number == c.local_column + 1U) return side::remote;
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

void read_awk(command& c, std::string_view tool, std::string_view script) {
  std::string text(script);
  std::erase(text, '\\');
  const std::string_view all = text;
  for (auto at = all.find('$'); at != std::string_view::npos; at = all.find('$', at + 1)) {
    const auto rest = all.substr(at + 1);
    const auto number = leading_number(rest);
    if (!number) continue;
    const auto digits =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
    const auto after = trimmed(rest.substr(digits));
    const auto where = endpoint_column(c, tool, *number);
    if (after.starts_with("~") || after.starts_with("==")) {
      const auto open = after.find_first_of("/\"");
      if (open == std::string_view::npos) continue;
      const auto value = after.substr(open + 1, after.find_first_of("/\"", open + 1) - open - 1);
      filter_by(c, value, where.value_or(side::either));
    } else if (where && !all.substr(0, at).ends_with("split(")) {
      c.column = where;
    }
  }
  // A pattern for the whole line: /TIME_WAIT/ or /:8080/, but not /^tcp/.
  const auto body = trimmed(all.substr(std::min(all.size(), all.find("awk") + 3)));
  const auto quoted = body.starts_with('\'') || body.starts_with('"') ? body.substr(1) : body;
  if (quoted.starts_with('/')) filter_by(c, between(quoted, "/", "/"), side::either);
  if (all.contains("++") && all.contains('[')) c.lists_counts = true;
  if (tool == "lsof" && !all.contains(" -F")) read_owner_columns(c, all);
  if (tool == "lsof" && all.contains("->") && all.contains("$2")) c.column = side::remote;
}

void read_grep(command& c, const word_list& words, std::size_t at) {
  bool inverted = false;
  for (++at; at < words.size(); ++at) {
    const auto word = words[at];
    if (word.size() > 1 && (word.starts_with('-') || word.starts_with('/'))) {
      const auto flags = lower(word.substr(1));
      inverted = inverted || flags == "v" || flags.starts_with("iv") || flags.starts_with("vi") ||
                 flags == "ve" || flags == "ev";
      if (word.starts_with('-') && !word.starts_with("--") && flags.contains('c')) {
        c.counts_lines = true;
      }
      // Windows: find /c ":80".
      if (flags == "c") c.counts_lines = true;
      continue;
    }
    if (!inverted) filter_by(c, bare(word), side::either);
    if (word.starts_with("/proc/")) break;
    return;
  }
}

/// What follows the tool in a pipeline narrows it down or counts it.
void read_filter_stage(command& c, std::string_view tool, std::string_view stage) {
  const word_list words(stage);
  const auto name = lower(bare(words[0]));
  if (name.ends_with("awk") || name == "cut") c.shows_timers = false;
  if (name == "grep" || name == "egrep" || name == "fgrep" || name == "findstr" || name == "find" ||
      name == "rg" || name == "ag" || name == "ack" || name == "select-string" || name == "sls") {
    return read_grep(c, words, 0);
  }
  if (name == "awk" || name == "gawk" || name == "mawk") return read_awk(c, tool, stage);
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
  if (name == "cut" && tool == "lsof" && stage.contains('>') && stage.contains('2')) {
    c.column = side::remote;
  }
  if (name == "where-object" || name == "where" || name == "?") {
    for (const auto word : words.all()) {
      if (const auto s = state_of_pattern(bare(word)); s != tcp::state::unknown) c.state = s;
    }
    for (const auto& [field, where] :
         {std::pair{"RemotePort", side::remote}, std::pair{"LocalPort", side::local}}) {
      if (!stage.contains(field)) continue;
      for (const auto word : words.all()) {
        if (const auto port = tcp::parse_port(bare(word))) c.port = *port, c.port_side = where;
      }
    }
  }
}

/// Where ss prints the local endpoint: "Netid State Recv-Q Send-Q Local Peer", without Netid where
/// one protocol was asked for, without State where one state was.
std::uint8_t local_column_of_ss(const word_list& words, bool one_state) {
  bool only_tcp = false;
  for (const auto quoted : words.all()) {
    const auto word = bare(quoted);
    if (word == "--tcp") only_tcp = true;
    if (!word.starts_with('-') || word.starts_with("--")) continue;
    const bool others = word.find_first_of("uxwdS") != std::string_view::npos;
    if (word.contains('t')) only_tcp = !others;
  }
  return static_cast<std::uint8_t>(3 + (only_tcp ? 0 : 1) + (one_state ? 0 : 1));
}

void read_ss_filter(command& c, std::string_view stage) {
  const word_list words(stage);
  std::size_t states = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = bare(words[i]);
    if (word == "state" && i + 1 < words.size()) {
      c.state = state_of_pattern(bare(words[i + 1]));
      ++states;
    }
    if (word != "sport" && word != "dport" && word != "src" && word != "dst") continue;
    auto value = bare(words[i + 1]);
    if (value == "=" || value == "==" || value == "eq") value = bare(words[i + 2]);
    while (value.starts_with('=')) value.remove_prefix(1);
    const bool local = word.starts_with('s');
    if (word.ends_with("port")) {
      if (const auto port = port_of(value); port != 0) {
        c.port = port;
        c.port_side = local ? side::local : side::remote;
      }
    } else {
      filter_by(c, value, local ? side::local : side::remote);
    }
  }
  if (states > 1) c.state = tcp::state::unknown;
  c.local_column = local_column_of_ss(words, states == 1 && c.state != tcp::state::unknown);
}

void read_netstat_flags(command& c, const word_list& words, std::size_t at) {
  for (++at; at < words.size(); ++at) {
    const auto word = bare(words[at]);
    if (!word.starts_with('-') || word.starts_with("--")) continue;
    // BSD's and Windows' "-p tcp" names a protocol.
    const bool protocol_next = starts_with_word(bare(words[at + 1]), "tcp");
    if (word.contains('p') && !protocol_next) c.shows_owners = true;
    if (word.contains('b')) c.shows_owners = true;
    if (word.contains('l') || word.contains('L')) c.only_listeners = true;
  }
}

void read_lsof_flags(command& c, const word_list& words, std::size_t at) {
  c.what = command::tool::descriptors;
  c.shows_owners = true;
  c.only_owned = true;
  for (++at; at < words.size(); ++at) {
    const auto word = bare(words[at]);
    const bool pid_here = word.starts_with("-p") && word.size() > 2;
    if (word == "-p" || word.ends_with("p") || pid_here) {
      const auto pid = leading_number(pid_here ? word.substr(2) : bare(words[at + 1]));
      if (pid && word.starts_with('-')) c.pid = static_cast<std::int32_t>(*pid & 0x7FFFFFFF);
    }
    if (word == "-c") c.program = bare(words[at + 1]);
    if (starts_with_word(word, "-stcp:")) c.state = state_of_pattern(word.substr(6));
    const bool plain_i = word.starts_with('-') && word.ends_with('i') && !word.contains(':');
    if (!word.starts_with("-i") && !plain_i) continue;
    c.what = command::tool::sockets;
    auto selected = plain_i ? bare(words[at + 1]) : word.substr(2);
    const auto colon = selected.rfind(':');
    if (colon != std::string_view::npos) c.port = port_of(selected.substr(colon));
  }
}

std::int32_t pid_in_path(std::string_view path) {
  return static_cast<std::int32_t>(number_after(path, "/proc/").value_or(0) & 0x7FFFFFFF);
}

std::string key_of_path(std::string_view path) {
  constexpr std::string_view root = "/proc/sys/";
  std::string key(path.substr(root.size()));
  std::ranges::replace(key, '/', '.');
  return key;
}

void read_path(command& c, std::string_view path) {
  if (path == "/proc/sys/fs/file-nr") {
    c.what = command::tool::file_nr;
  } else if (path.starts_with("/proc/sys/")) {
    c.what = command::tool::setting;
    c.key = path.contains('*') ? std::string{} : key_of_path(path);
  } else if (path.starts_with("/proc/net/tcp")) {
    c.what = command::tool::sockets;
  } else if (path.contains("nf_conntrack") || path.contains("ip_conntrack")) {
    c.what = command::tool::conntrack;
  } else if (path.starts_with("/proc/") && path.ends_with("/limits")) {
    c.what = command::tool::fd_limit;
    c.pid = pid_in_path(path);
  } else if (path.starts_with("/proc/") && (path.contains("/fd") || path.contains("/task"))) {
    c.what = path.contains("/fd") ? command::tool::descriptors : command::tool::other;
    c.pid = pid_in_path(path);
  }
}

void read_sysctl(command& c, const word_list& words, std::size_t at) {
  c.what = command::tool::setting;
  std::size_t keys = 0;
  for (++at; at < words.size(); ++at) {
    const auto word = bare(words[at]);
    if (word.starts_with('-') || !word.contains('.')) continue;
    const auto equals = word.find('=');
    c.key = word.substr(0, equals);
    if (equals != std::string_view::npos) c.value = word.substr(equals + 1);
    ++keys;
  }
  if (keys > 1) c.key.clear(), c.value.clear();
}

/// `echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse`
void read_echo(command& c, const word_list& words, std::size_t at) {
  for (auto i = at + 1; i < words.size(); ++i) {
    const auto path = words[i].find("/proc/sys/");
    if (path == std::string_view::npos) continue;
    c.what = command::tool::setting;
    c.key = key_of_path(bare(words[i].substr(path)));
    c.value = bare(words[at + 1]);
  }
}

/// Reads the stage that names the tool; empty where none does.
std::string_view read_tool_stage(command& c, std::string_view stage) {
  const word_list words(stage);
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto name = bare(words[i]);
    if (name.starts_with("$")) name = bare(name.substr(1));
    if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
      name.remove_prefix(slash + 1);
    }
    if (starts_with_word(name, "netstat") && name.size() <= 11) {
      c.what = command::tool::sockets;
      read_netstat_flags(c, words, i);
      return "netstat";
    }
    if (name == "ss") {
      c.what = command::tool::sockets;
      read_netstat_flags(c, words, i);
      read_ss_filter(c, stage);
      c.shows_timers = std::ranges::any_of(words.all(), [](std::string_view quoted) {
        const auto word = bare(quoted);
        return word == "--options" ||
               (word.starts_with('-') && !word.starts_with("--") && word.contains('o'));
      });
      return "ss";
    }
    if (starts_with_word(name, "get-nettcpconnection")) {
      c.what = command::tool::sockets;
      read_filter_stage(c, "powershell", "where-object " + std::string(stage));
      return "powershell";
    }
    if (name == "lsof") {
      read_lsof_flags(c, words, i);
      return "lsof";
    }
    if (name == "sysctl") {
      read_sysctl(c, words, i);
      return "sysctl";
    }
    if (name == "echo") {
      read_echo(c, words, i);
      return "echo";
    }
    if (name == "ulimit") {
      const auto flags = words[i + 1];
      const bool files = flags.contains('n') || flags.contains('a');
      if (flags.starts_with('-') && files) c.what = command::tool::fd_limit;
      return "ulimit";
    }
    if (name == "uname") {
      c.what = command::tool::kernel;
      return "uname";
    }
    if (name == "conntrack") {
      c.what = command::tool::conntrack;
      c.counts_lines = words[i + 1] == "-C";
      return "conntrack";
    }
    if (name == "cat" || name == "ls" || name == "wc" || name == "grep" || name == "head" ||
        name == "find" || name == "awk") {
      for (auto k = i + 1; k < words.size(); ++k) {
        if (const auto path = words[k].find("/proc/"); path != std::string_view::npos) {
          read_path(c, bare(words[k].substr(path)));
        }
      }
      if (name == "wc") c.counts_lines = true;
      if (name == "grep") read_grep(c, words, i);
      return name == "awk" ? "netstat" : "cat";
    }
  }
  return {};
}

std::optional<std::chrono::milliseconds> interval_of(std::string_view text) {
  constexpr std::uint64_t seconds_max = 86'400;
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

/// "... | wc -l => 2065", "... | wc -l: 2065".
std::optional<std::uint64_t> result_of(std::string_view text) {
  const auto at = text.rfind("wc -l");
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = text.substr(at + 5);
  const auto first = rest.find_first_not_of(" \t:=>-`");
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  return whole_number(bare(trimmed(rest.substr(first))));
}

}  // namespace

command parse_command(std::string_view text) {
  command c;
  const auto stages = stages_of(text);
  std::string_view tool;
  for (const auto stage : stages) {
    if (tool.empty()) {
      tool = read_tool_stage(c, stage);
    } else {
      read_filter_stage(c, tool, trimmed(stage));
    }
  }
  // Only rows of sockets have a state or a port.
  const bool narrowed = c.state != tcp::state::unknown || c.port != 0 || c.column;
  if (c.what == command::tool::descriptors && tool == "lsof" && narrowed) {
    c.what = command::tool::sockets;
  }
  if (text.ends_with(".Count") || text.ends_with(".count") || text.ends_with(".Length")) {
    c.counts_lines = true;
  }
  c.counts_distinct = c.counts_distinct && c.counts_lines;
  if (c.counts_lines && c.what != command::tool::sockets) c.column.reset();
  c.interval = interval_of(text);
  c.result = result_of(text);
  return c;
}

}  // namespace waitstate::paste
