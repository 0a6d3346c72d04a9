#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "look/followed_look.h"
#include "look/netns.h"
#include "look/owner_memory.h"
#include "look/socket_owners.h"
#include "netlink/sock_diag.h"
#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/state_set.h"

namespace waitstate::kernel {

/// Which sockets are read.
struct lister_options {
  std::string net_namespace;  ///< As in list_options.
  bool owners = true;         ///< As in list_options.
  kernel_source source = kernel_source::automatic;
  tcp::state_set states = tcp::state_set::all();
  progress_sink progress;
};

/// What a lister hands over, as it is read.
struct lister_sinks {
  /// A namespace, before its first socket. They are numbered in this order.
  std::function<void(const network_namespace&)> enter;
  /// A socket with its owner, or nullptr; both only until it returns.
  std::function<void(const socket_record&, const process*)> take;
};

/// One pass over the sockets of every namespace that was asked for: what list_sockets() and an
/// observer stand on. Used once.
class socket_lister {
 public:
  /// `memory` may be nullptr: then a TIME-WAIT has no owner, and nothing is noted for the next
  /// look; `met`, too, where connections were not followed. All of it must outlive the lister.
  socket_lister(const lister_options& options, const lister_sinks& sinks, owner_memory* memory,
                followed_look* met = nullptr)
      : options_(options), sinks_(sinks), memory_(memory), met_(met) {}

  [[nodiscard]] result<listing> run();

  /// After run(): what was followed, by the processes and namespaces of the listing.
  [[nodiscard]] std::optional<followed_connections> take_followed() { return std::move(followed_); }

 private:
  [[nodiscard]] result<> list(const net_namespace& ns, settings_of wanted);
  [[nodiscard]] result<> list_states(sock_diag& sockets, const std::optional<std::uint64_t>& in_use,
                                     const socket_sink& sink);
  [[nodiscard]] result<> dump(sock_diag& sockets, const dump_request& request,
                              const socket_sink& sink);
  void take(socket_record& s, std::uint64_t inode);
  [[nodiscard]] owner_ref owner_of(const socket_record& s, std::uint64_t inode);
  /// Only then is a socket that nobody asked for in no table of the kernel.
  [[nodiscard]] bool is_whole() const { return options_.states == tcp::state_set::all(); }
  [[nodiscard]] settings_of settings_wanted(const net_namespace& ns, std::size_t of) const;
  [[nodiscard]] result<> find_owners(const net_namespace& ours);
  void add_limits();
  void say(std::string_view id, std::string text, std::string_view hint = {});
  void tell(std::string_view what, std::uint64_t done) const {
    if (options_.progress) options_.progress(what, done);
  }

  const lister_options& options_;
  const lister_sinks& sinks_;
  owner_memory* memory_;
  followed_look* met_;
  std::optional<followed_connections> followed_;
  listing listed_;
  std::optional<socket_owners> owners_;
  std::vector<socket_owners::visited> visited_;
  std::uint64_t sockets_ = 0;
  std::uint64_t idle_unknown_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t unchecked_ = 0;
  bool incomplete_ = false;
  bool sees_no_process_ = false;
  std::optional<limit> not_by_bpf_;
  std::uint64_t others_ = 0;  ///< Namespaces that hold sockets and were not asked for.
  std::uint64_t skipped_namespaces_ = 0;
  std::uint64_t with_settings_ = 0;  ///< Namespaces with sockets whose settings were read.
  std::uint64_t only_ports_ = 0;     ///< Those of which only a few were.
};

}  // namespace waitstate::kernel
