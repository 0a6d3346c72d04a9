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

}  // namespace

std::string_view read_tool_stage(command& c, std::string_view stage) {
  const word_list words(stage);
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto name = bare(words[i]);
    if (name.starts_with("$")) name = bare(name.substr(1));
    if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
      name.remove_prefix(slash + 1);
    }
    if (starts_with_word(name, "netstat") &&
        name.size() <= std::string_view("netstat.exe").size()) {
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
      read_conditions(c, stage);
      return "powershell";
    }
    if (name == "lsof") {
      read_lsof_flags(c, words, i);
      return "lsof";
    }
    if (name == "sysctl") {
      read_sysctl(c, stage, i);
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
      if (name == "grep") {
        read_grep(c, words, i);
        if (c.what == command::tool::other && greps_a_state(words, i)) {
          c.what = command::tool::sockets;
        }
      }
      return name == "awk" ? "netstat" : "cat";
    }
  }
  return {};
}

}  // namespace waitstate::paste
