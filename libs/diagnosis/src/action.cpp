#include "waitstate/diagnosis/action.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::diagnosis {
namespace {

/// A state in the words of ss.
std::string ss_state(tcp::state s) {
  if (s == tcp::state::syn_received) return "syn-recv";
  std::string word(to_string(s));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return word;
}

/// ss wants brackets around an IPv6 address.
std::string ss_address(const peer_pattern& peer) {
  const bool is_v6 = peer.address.what() == tcp::address::kind::v6;
  const auto address =
      is_v6 ? fmt::format("[{}]", to_string(peer.address)) : to_string(peer.address);
  const bool is_network = peer.prefix_bits < (is_v6 ? 128 : 32);
  return is_network ? fmt::format("{}/{}", address, peer.prefix_bits) : address;
}

/// The words of a selection for a shell. Nothing where one holds a name that somebody else chose:
/// what reads it back has quotes of its own.
std::optional<std::string> shell_words(const socket_selector& s) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:,./-_";
  const auto text = to_text(s);
  std::string words;
  for (const auto part : std::views::split(text, ' ')) {
    const std::string_view word(part);
    if (!words.empty()) words += ' ';
    if (word.find_first_not_of(plain) == word.npos) {
      words += word;
    } else if (word.find_first_not_of("[]" + std::string(plain)) == word.npos) {
      words += shell_quoted(word);
    } else {
      return std::nullopt;
    }
  }
  return words.empty() ? std::nullopt : std::optional(words);
}

/// What ss knows of a socket; it takes no name that is masked.
bool is_known_to_ss(const socket_selector& s) {
  auto rest = s;
  rest.states = {};
  rest.port = rest.local_port = rest.peer_port = std::nullopt;
  if (rest.peer && rest.peer->name.empty()) rest.peer.reset();
  return rest == socket_selector{};
}

std::string ss_filter(const socket_selector& s) {
  std::string filter;
  const auto add = [&filter](std::string_view term) {
    if (!filter.empty()) filter += " and ";
    filter += term;
  };
  if (s.peer && s.peer->address.is_known()) add("dst " + ss_address(*s.peer));
  if (s.peer && s.peer->port != 0) add(fmt::format("dport = :{}", s.peer->port));
  if (s.peer_port) add(fmt::format("dport = :{}", *s.peer_port));
  if (s.local_port) add(fmt::format("sport = :{}", *s.local_port));
  if (s.port) add(fmt::format("( sport = :{0} or dport = :{0} )", *s.port));
  return filter.empty() ? filter : fmt::format(" '( {} )'", filter);
}

/// " state close-wait", and so on for each state; both kinds of SYN-RECEIVED are one to ss.
std::string ss_states(const socket_selector& s) {
  std::string words;
  for (const auto state : tcp::all_states) {
    if (!s.states.contains(state) || state == tcp::state::new_syn_received) continue;
    words += " state " + ss_state(state);
  }
  return words;
}

/// Settings of Linux that `waitstate tune` knows; other systems name theirs otherwise.
bool is_known_to_tune(std::string_view key) {
  return key.starts_with("net.ipv4.") || key.starts_with("net.core.") ||
         key.starts_with("net.netfilter.") || key == "fs.file-max";
}

/// The name of the namespace that a setting is of, where it has one that means nothing to a shell.
std::string_view name_of_namespace(const set_setting& set) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const std::string_view ns = set.net_namespace;
  return ns.find_first_not_of(plain) == ns.npos ? ns : std::string_view();
}

/// What is pasted runs in the namespace of who pastes it.
std::string inside(const set_setting& set) {
  const auto ns = name_of_namespace(set);
  return ns.empty() ? std::string() : fmt::format("ip netns exec {} ", ns);
}

/// A plan of that one setting, as `waitstate tune` takes it; nothing where it does not.
std::string tune_command(const set_setting& set) {
  if (!is_known_to_tune(set.key)) return {};
  const auto word = fmt::format("{}={}", set.key, set.value);
  const bool is_word = word.find_first_of(" \t") == word.npos;
  const auto ns = name_of_namespace(set);
  return fmt::format("waitstate tune {}{}    # --apply {}\n",
                     ns.empty() ? std::string() : fmt::format("--netns {} ", ns),
                     is_word ? word : shell_quoted(word),
                     ns.empty() ? "sets and keeps it" : "sets it");
}

struct command_writer {
  std::string operator()(const no_action&) const { return {}; }
  std::string operator()(const set_setting& set) const {
    const auto tune = tune_command(set);
    const auto* const until = tune.empty() ? "" : "    # without waitstate, until the next boot";
    return fmt::format("{}{}sysctl -w {}=\"{}\"{}\n", tune, inside(set), set.key, set.value, until);
  }
  std::string operator()(const close_sockets& close) const {
    const auto words = shell_words(close.selected);
    if (!words) return {};
    auto command = fmt::format("waitstate reap {}    # what it hits; --apply closes it\n", *words);
    if (is_known_to_ss(close.selected)) {
      command += fmt::format("ss -K -tn{}    # without waitstate, at once\n",
                             ss_states(close.selected) + ss_filter(close.selected));
    }
    return command +
           fmt::format("waitstate guard --suggest {}    # a policy for the next time\n", *words);
  }
};

struct undo_writer {
  std::string operator()(const no_action&) const { return {}; }
  std::string operator()(const set_setting& set) const {
    return set.before
               ? fmt::format("{}sysctl -w {}=\"{}\"", inside(set), set.key, *set.before)
               : fmt::format("set back what `{}sysctl {}` printed before", inside(set), set.key);
  }
  std::string operator()(const close_sockets&) const {
    return "nothing brings a closed connection back";
  }
};

}  // namespace

std::string command_of(const action& a) {
  return std::visit(command_writer{}, a);
}

std::string undo_of(const action& a) {
  return std::visit(undo_writer{}, a);
}

}  // namespace waitstate::diagnosis
