#include "commands/tool_stage.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "commands/filter_stage.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

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
        c.port_end = local ? connection_end::local : connection_end::remote;
      }
    } else {
      filter_by(c, value, local ? connection_end::local : connection_end::remote);
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
    const bool protocol_next = starts_in_any_case(bare(words[at + 1]), "tcp");
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
    if (starts_in_any_case(word, "-stcp:")) c.state = state_of_pattern(word.substr(6));
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
    c.local_column = 2;
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

/// The value behind "key=" in `stage`; one in quotes may have blanks.
std::string_view value_in(std::string_view stage, std::string_view word) {
  const auto at = stage.find(word);
  const auto equals = at == std::string_view::npos ? at : stage.find('=', at);
  if (equals == std::string_view::npos) return {};
  const auto value = stage.substr(equals + 1);
  const bool quoted = value.starts_with('"') || value.starts_with('\'');
  const auto end = quoted ? value.find(value.front(), 1) : std::string_view::npos;
  if (end != std::string_view::npos) return value.substr(1, end - 1);
  return bare(value.substr(0, value.find_first_of(" \t")));
}

void read_sysctl(command& c, std::string_view stage, std::size_t at) {
  const word_list words(stage);
  c.what = command::tool::setting;
  std::size_t keys = 0;
  for (++at; at < words.size(); ++at) {
    const auto word = bare(words[at]);
    if (word.starts_with('-') || !word.contains('.')) continue;
    const auto equals = word.find('=');
    c.key = bare(word.substr(0, equals));
    if (equals != std::string_view::npos) c.value = value_in(stage, word);
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

/// "grep CLOSE_WAIT netstat.txt": a state as netstat and ss write it is in no other file.
bool greps_a_state(const word_list& words, std::size_t at) {
  for (auto i = at + 1; i < words.size(); ++i) {
    const auto word = bare(words[i]);
    if (word.starts_with('-')) continue;
    const bool capitals = std::ranges::none_of(word, [](char l) { return l >= 'a' && l <= 'z'; });
    const auto state = tcp::parse_state(word);
    return capitals && word != "CLOSED" && state && *state != tcp::state::unknown;
  }
  return false;
}

/// A stage, and where in it the tool's name stands.
struct named_tool {
  std::string_view stage;
  const word_list& words;
  std::size_t at;

  [[nodiscard]] std::string_view next() const { return words[at + 1]; }
};

void read_netstat(command& c, const named_tool& t) {
  c.what = command::tool::sockets;
  read_netstat_flags(c, t.words, t.at);
}

void read_ss(command& c, const named_tool& t) {
  read_netstat(c, t);
  read_ss_filter(c, t.stage);
  c.shows_timers = std::ranges::any_of(t.words.all(), [](std::string_view quoted) {
    const auto word = bare(quoted);
    return word == "--options" ||
           (word.starts_with('-') && !word.starts_with("--") && word.contains('o'));
  });
}

void read_powershell(command& c, const named_tool& t) {
  c.what = command::tool::sockets;
  read_conditions(c, t.stage);
}

void read_lsof(command& c, const named_tool& t) {
  read_lsof_flags(c, t.words, t.at);
}

/// FreeBSD's, with its owners first: USER COMMAND PID FD PROTO LOCAL FOREIGN.
void read_sockstat(command& c, const named_tool& /*t*/) {
  c.what = command::tool::sockets;
  c.shows_owners = true;
  c.local_column = 6;
}

void read_setting(command& c, const named_tool& t) {
  read_sysctl(c, t.stage, t.at);
}

void read_written(command& c, const named_tool& t) {
  read_echo(c, t.words, t.at);
}

void read_ulimit(command& c, const named_tool& t) {
  const auto flags = t.next();
  const bool files = flags.contains('n') || flags.contains('a');
  if (flags.starts_with('-') && files) c.what = command::tool::fd_limit;
}

void read_uname(command& c, const named_tool& /*t*/) {
  c.what = command::tool::kernel;
}

void read_conntrack(command& c, const named_tool& t) {
  c.what = command::tool::conntrack;
  c.counts_lines = t.next() == "-C";
}

/// cat, ls, awk and their like are about the file that they are given.
void read_file(command& c, const named_tool& t) {
  for (auto k = t.at + 1; k < t.words.size(); ++k) {
    if (const auto path = t.words[k].find("/proc/"); path != std::string_view::npos) {
      read_path(c, bare(t.words[k].substr(path)));
    }
  }
}

void count_file(command& c, const named_tool& t) {
  read_file(c, t);
  c.counts_lines = true;
}

void grep_file(command& c, const named_tool& t) {
  read_file(c, t);
  read_grep(c, t.words, t.at);
  if (c.what == command::tool::other && greps_a_state(t.words, t.at)) {
    c.what = command::tool::sockets;
  }
}

struct tool_row {
  std::string_view name;
  void (*read)(command& c, const named_tool& t);
  columns_of prints = columns_of::others;
};

constexpr tool_row tools[] = {
    {.name = "ss", .read = read_ss},
    {.name = "lsof", .read = read_lsof, .prints = columns_of::lsof},
    {.name = "sockstat", .read = read_sockstat},
    {.name = "sysctl", .read = read_setting},
    {.name = "echo", .read = read_written},
    {.name = "ulimit", .read = read_ulimit},
    {.name = "uname", .read = read_uname},
    {.name = "conntrack", .read = read_conntrack},
    {.name = "cat", .read = read_file},
    {.name = "ls", .read = read_file},
    {.name = "head", .read = read_file},
    {.name = "find", .read = read_file},
    {.name = "awk", .read = read_file},
    {.name = "wc", .read = count_file},
    {.name = "grep", .read = grep_file},
};
constexpr tool_row netstat{.name = "netstat", .read = read_netstat};
constexpr tool_row powershell{.name = "get-nettcpconnection", .read = read_powershell};

const tool_row* tool_named(std::string_view name) {
  // "netstat.exe", "Netstat"; "netstat_of_today.txt" is a file.
  constexpr std::size_t netstat_max = std::string_view("netstat.exe").size();
  if (starts_in_any_case(name, netstat.name) && name.size() <= netstat_max) return &netstat;
  if (starts_in_any_case(name, powershell.name)) return &powershell;
  const auto* const found = std::ranges::find(tools, name, &tool_row::name);
  return found == std::end(tools) ? nullptr : found;
}

/// A word as the name of a program: "$(netstat", "/usr/sbin/ss".
std::string_view program_name(std::string_view word) {
  auto name = bare(word);
  if (name.starts_with("$")) name = bare(name.substr(1));
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  return name;
}

}  // namespace

columns_of read_tool_stage(command& c, std::string_view stage) {
  const word_list words(stage);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto* const tool = tool_named(program_name(words[i]));
    if (tool == nullptr) continue;
    tool->read(c, {.stage = stage, .words = words, .at = i});
    return tool->prints;
  }
  return columns_of::nothing;
}

}  // namespace waitstate::paste
