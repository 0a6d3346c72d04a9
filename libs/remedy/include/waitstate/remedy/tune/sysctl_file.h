#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waitstate::remedy {

/// A line of a file of sysctl.d(5) or sysctl.conf(5) that says something.
struct sysctl_line {
  /// "net.ipv4.tcp_tw_reuse"; a pattern such as "net.ipv4.conf.*.rp_filter". Where a part of the
  /// name has a dot in it that is a slash ("net.ipv4.conf.eth0/100.forwarding"), as sysctl prints
  /// it.
  std::string key;
  std::optional<std::string> value;  ///< Nothing: "-key", which keeps patterns from setting it.
  std::uint32_t number = 0;          ///< Of the line, from 1.
  bool may_fail = false;             ///< It began with a '-': a kernel without it is no error.
  bool is_pattern = false;

  friend bool operator==(const sysctl_line&, const sysctl_line&) = default;
};

/// A line that neither sysctl(8) nor systemd-sysctl could use.
struct unread_sysctl_line {
  std::uint32_t number = 0;
  std::string why;
};

/// What such a file says, in its order.
struct sysctl_text {
  std::vector<sysctl_line> lines;
  std::vector<unread_sysctl_line> unread;
  std::uint64_t past_bound = 0;  ///< Lines that were not looked at.
};

/// Reads such a text as sysctl(8) and systemd-sysctl(8) do: '#' and ';' begin a comment, blanks
/// around name and value do not count, the last value of a name holds. In a name whose first
/// separator is a dot, dots separate and slashes are dots; else it is a path. At most
/// `lines_max` lines are looked at.
[[nodiscard]] sysctl_text parse_sysctl(std::string_view text, std::size_t lines_max = 10'000);

/// The line as such a file has it, without a line end; parse_sysctl() reads it as the same.
[[nodiscard]] std::string to_string(const sysctl_line& line);

/// A file, by the name that it has for a person.
struct sysctl_file {
  std::string path;
  sysctl_text said;
};

/// What sets a key.
struct boot_setting {
  std::string value;
  std::string path;
  std::uint32_t line = 0;
  bool by_pattern = false;
};

/// What a boot sets a key to that reads these files in this order: the last line with that name,
/// else the last pattern that matches. Nothing where none does, or where the last such line keeps
/// it from being set.
[[nodiscard]] std::optional<boot_setting> set_at_boot(std::span<const sysctl_file> files,
                                                      std::string_view key);

/// All lines that name the key or match it, in that order; the one that wins is not always the
/// last.
[[nodiscard]] std::vector<boot_setting> lines_about(std::span<const sysctl_file> files,
                                                    std::string_view key);

}  // namespace waitstate::remedy
