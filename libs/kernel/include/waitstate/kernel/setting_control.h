#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::kernel {

/// Reads and writes settings (/proc/sys) as one network namespace has them; those that exist once
/// for the host are the same from every namespace.
///
/// A setting is named as sysctl prints it, "net.ipv4.tcp_tw_reuse": letters, digits, '_', '-' and
/// dots between them; anything else is refused, so that no name leads out of /proc/sys.
class setting_control {
 public:
  /// The longest value that the kernel takes in one write, which changes all or nothing: a page,
  /// less the line end and one (kernel/sysctl.c, `proc_do_large_bitmap`). A longer list of ports
  /// would be set in parts.
  static constexpr std::size_t value_max = 4'094;

  /// Which namespace: empty for the caller's own, a name of `ip netns`, or a pid. Fails with
  /// errc::not_found where there is none, errc::permission where it may not be seen, and
  /// errc::invalid_input for "all": a setting is changed in one.
  [[nodiscard]] static result<setting_control> open(std::string_view net_namespace);

  /// As the kernel shows it, but for the last line end; nullopt where this kernel has no such
  /// setting. Fails with errc::permission where it may not be read.
  [[nodiscard]] result<std::optional<std::string>> read(std::string_view key) const;

  /// May it be written? Changes nothing. Fails as write() would, but for what only the value is
  /// wrong with.
  [[nodiscard]] result<> may_write(std::string_view key) const;

  /// Writes the value and a line end. Fails with errc::invalid_input where it is longer than
  /// `value_max`, and with errc::permission without root or CAP_NET_ADMIN
  /// over the namespace, errc::unsupported where this kernel has no such setting,
  /// errc::invalid_input for a value that the kernel refuses, and errc::system where /proc/sys is
  /// read-only.
  [[nodiscard]] result<> write(std::string_view key, std::string_view value) const;

  [[nodiscard]] const std::string& name() const { return name_; }  ///< Of `ip netns`, or empty.
  [[nodiscard]] std::uint64_t inode() const { return inode_; }
  /// The caller's own namespace: the one whose settings the boot sets.
  [[nodiscard]] bool is_own() const { return path_.empty(); }

 private:
  std::string path_;  ///< Of a file that leads to the namespace; empty for the caller's own.
  std::string name_;
  std::uint64_t inode_ = 0;
};

}  // namespace waitstate::kernel
