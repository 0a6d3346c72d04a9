#include "commands/typed_command.h"

#include <algorithm>
#include <array>

#include "text/words.h"

namespace waitstate::paste {
namespace {

constexpr std::array<std::string_view, 38> programs{
    "netstat",   "ss",         "lsof",    "sysctl", "cat",     "ls",
    "ulimit",    "uname",      "uptime",  "dmesg",  "grep",    "egrep",
    "awk",       "conntrack",  "nstat",   "netsh",  "reg",     "wc",
    "echo",      "journalctl", "sudo",    "doas",   "watch",   "while",
    "for",       "docker",     "kubectl", "podman", "nsenter", "ip",
    "redis-cli", "curl",       "mysql",   "strace", "head",    "get-nettcpconnection",
    "sockstat",  "ansible"};

bool is_program(std::string_view word) {
  const auto slash = word.rfind('/');
  if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
  while (word.starts_with('(')) word.remove_prefix(1);
  return std::ranges::find(programs, std::string_view(lower(word))) != programs.end();
}

/// Does a text that has no prompt before it read as a command rather than as a sentence?
bool reads_as_command(std::string_view text) {
  // Nearly every line ends here, rows by the million among them.
  const auto first = trimmed(text);
  if (first.empty() || !is_program(first.substr(0, first.find_first_of(" \t")))) return false;
  const word_list words(text);
  const auto second = words[1];
  if (second.empty()) {
    // "ss" or "netstat" alone on its line; "for" and "while" alone are prose.
    return words[0] != "for" && words[0] != "while" && words[0] != "head";
  }
  if (second.starts_with('-') || second.starts_with('/') || second.starts_with('|')) return true;
  if (starts_in_any_case(words[0], "get-net")) return true;
  const bool wrapper = words[0] == "sudo" || words[0] == "doas" || words[0] == "watch";
  if (wrapper) return is_program(second);
  if (words[0] == "while") return text.contains("do ");
  if (words[0] == "for") return text.contains(" in ") && text.contains("do ");
  if (words[0] == "docker" || words[0] == "kubectl" || words[0] == "podman") {
    return second == "exec" || second == "run" || second == "logs";
  }
  if (words[0] == "ip") return second == "netns";
  if (words[0] == "ansible") return text.contains(" -a ");
  if (words[0] == "sysctl") return second.contains('.');
  if (words[0] == "echo") return text.contains("> /proc/");
  if (words[0] == "netsh" || words[0] == "reg") return true;
  return text.contains(" | ");
}

/// What stands before the sign of a prompt: nothing, "user@host:~", "[root@a ~]", "/srv/app",
/// "bash-5.1", "PS C:\Users\x", "(venv) me@a dir".
bool reads_as_prompt(std::string_view before) {
  before = trimmed(before);
  if (before.empty() || before == "~") return true;
  if (before.contains('<')) return false;  // "<0.915.0>" of Erlang's log.
  // "(venv) me@a dir git:(main)": more is a sentence.
  constexpr std::size_t words_max = 4;
  const word_list words(before);
  if (words.size() > words_max) return false;
  if (before.contains('@') || before.starts_with("PS ") || before.starts_with("bash") ||
      before.starts_with("sh-")) {
    return true;
  }
  return words.size() == 1 &&
         (before.starts_with('/') || before.contains(":\\") || before.ends_with('~'));
}

/// "C:\Windows\system32>netstat -an" has no blank before the command.
bool ends_windows_prompt(std::string_view before) {
  return before.size() >= 3 && is_letter(before[0]) && before.substr(1).starts_with(":\\");
}

/// "  501  sysctl -w net.ipv4.tcp_tw_reuse=1": a line of a shell's history.
std::string_view without_history_number(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  if (end == 0 || end == std::string_view::npos || !text.substr(end).starts_with("  ")) return text;
  const auto typed = trimmed(text.substr(end));
  return typed.contains(' ') && reads_as_command(typed) ? typed : text;
}

}  // namespace

std::optional<std::string_view> typed_command(std::string_view line) {
  constexpr std::size_t prompt_max = 100;  // A user, a host and a long path.
  const auto text = trimmed(line);
  const auto end = std::min(text.size(), prompt_max);
  for (std::size_t i = 0; i < end; ++i) {
    const char sign = text[i];
    if (sign != '$' && sign != '#' && sign != '%' && sign != '>') continue;
    const auto before = text.substr(0, i);
    const auto after = text.substr(i + 1);
    const bool glued = (sign == '>' && ends_windows_prompt(before)) ||
                       ((sign == '#' || sign == '$') && before.empty() && reads_as_command(after));
    if (!glued && !after.starts_with(' ')) continue;
    const auto typed = trimmed(after);
    if (typed.empty() || !reads_as_prompt(before)) continue;
    return typed;
  }
  // "`ss -s`" and "ss -s:" in a chat message.
  auto bare = text;
  if (bare.starts_with("- `") || bare.starts_with("* `")) bare.remove_prefix(2);
  while (bare.starts_with('`')) bare.remove_prefix(1);
  bare = without_history_number(bare);
  if (reads_as_command(bare)) return bare;
  return std::nullopt;
}

bool names_program(std::string_view typed) {
  return is_program(word_list(typed)[0]);
}

bool is_typed_on_windows(std::string_view line) {
  auto text = trimmed(line);
  if (text.starts_with("PS ")) text = trimmed(text.substr(3));
  const auto sign = text.find('>');
  if (sign != std::string_view::npos && ends_windows_prompt(text.substr(0, sign))) return true;
  const auto words = lower(line);
  return words.contains("findstr") || words.contains("find /c") || words.contains("find /i /c") ||
         words.contains("get-nettcpconnection");
}

}  // namespace waitstate::paste
