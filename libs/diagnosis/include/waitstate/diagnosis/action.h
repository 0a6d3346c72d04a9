#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::diagnosis {

/// What a remedy does, for who carries it out. The commands in a report are rendered from it, so
/// what a person pastes and what a program does are the same.

/// Nothing that this program could do: code, a configuration, a look at something.
struct no_action {
  friend bool operator==(const no_action&, const no_action&) = default;
};

/// A setting of the kernel (a sysctl) gets a value.
struct set_setting {
  std::string net_namespace;              ///< Its name of `ip netns`; empty where it has none.
  std::uint64_t net_namespace_inode = 0;  ///< Of /proc/PID/ns/net; 0 for a paste.
  std::string key;                        ///< "net.ipv4.tcp_tw_reuse"
  std::string value;                      ///< "1"; nothing that means something to a shell.
  /// What it was, which undoes it; nullopt where that was not read, or is no setting.
  std::optional<std::string> before;

  friend bool operator==(const set_setting&, const set_setting&) = default;
};

/// The sockets that are selected are closed, whoever holds them (SOCK_DESTROY).
struct close_sockets {
  socket_selector selected;

  friend bool operator==(const close_sockets&, const close_sockets&) = default;
};

using action = std::variant<no_action, set_setting, close_sockets>;

/// What to paste to do it, as lines that end in \n. Of a setting of Linux a plan of `waitstate
/// tune`, and "sysctl -w net.ipv4.tcp_tw_reuse=\"1\"". To close sockets, a dry run of `waitstate
/// reap`, what prints a policy of `waitstate guard` for them, and `ss -K` where ss can make the
/// selection: else it would close more than was meant. Empty for nothing, and for a selection of
/// which a word would mean something to a shell.
[[nodiscard]] std::string command_of(const action& a);

/// What undoes it: a command, or how to find what was there before. Empty for nothing.
[[nodiscard]] std::string undo_of(const action& a);

}  // namespace waitstate::diagnosis
