#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/snapshot.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// Where the sockets come from, as the options say it.
struct source_options {
  std::vector<std::string> from;  ///< Files with pasted output, "-"; none: this host.
  /// "all", a name, a pid; none: our own. An empty one is an unset variable of a script.
  std::optional<std::string> net_namespace;
  std::string interval;  ///< As typed; empty: one look.
  std::string how;       ///< --source, as typed; empty: what is cheapest.
  bool owners = true;
};

/// "auto", "bpf" or "netlink" of --source; empty is auto. Fails with errc::invalid_input.
[[nodiscard]] result<kernel::kernel_source> checked_source(const std::string& text);

/// Adds --from, --netns, --source and --interval.
void add_source_options(CLI::App& sub, source_options& options);

/// The same, checked.
struct source {
  std::vector<std::string> from;
  std::string net_namespace;
  std::chrono::milliseconds interval{0};
  kernel::kernel_source how = kernel::kernel_source::automatic;
  bool owners = true;
};

/// Fails with errc::invalid_input, before anything is read.
[[nodiscard]] result<source> checked(const source_options& options);

/// Looks at this host or reads the paste. Shows progress on standard error, and there also what it
/// waits for when it reads from a terminal.
/// Fails where a paste is of several hosts.
[[nodiscard]] result<snapshot> take_snapshot(const source& from);
/// The same, each host of a paste for itself: at least one.
[[nodiscard]] result<std::vector<snapshot>> take_snapshots(const source& from);

}  // namespace waitstate::cli
