#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "front/inherited_sockets.h"
#include "waitstate/base/fd.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/hand_over.h"

namespace waitstate::sidecar {

/// The listening sockets of a sidecar, which outlive the routes that accept on them: what waits in
/// their queues is served by whoever comes next.
class listeners {
 public:
  /// `handed_over`: what another sidecar listened on, to be used where a route asks for it.
  listeners(inherited_sockets from_manager, handed_sockets handed_over, std::size_t loops)
      : from_manager_(std::move(from_manager)), handed_(std::move(handed_over)), loops_(loops) {}
  /// Takes away the paths of its unix sockets, unless these have been handed over.
  ~listeners();
  listeners(const listeners&) = delete;
  listeners& operator=(const listeners&) = delete;

  /// Opens what the routes need and is not open yet. When one cannot be had, none is kept.
  result<> open(const std::vector<route>& for_routes);
  /// Closes what these routes do not need.
  void close_all_but(const std::vector<route>& needed);
  /// Duplicates of all, for another sidecar.
  [[nodiscard]] result<handed_sockets> hand_over() const;
  /// Lets (almost) nobody into the queues any more, so that they can be emptied before they are
  /// closed: who comes now tries again in a second, and is refused then. The service manager's
  /// sockets stay as they are; whoever comes next serves them.
  void take_no_more() const;
  /// The other one has them: paths stay.
  void forget_paths() { are_paths_ours_ = false; }
  /// Duplicates for the fronts of a route, in one loop.
  [[nodiscard]] result<std::vector<fd>> of(const route& r, std::size_t loop) const;

 private:
  std::vector<fd> take_handed(const std::string& name);
  result<std::vector<fd>> open_one(const front_address& front);
  void remove_path(const std::string& name) const;

  inherited_sockets from_manager_;
  handed_sockets handed_;
  bool are_paths_ours_ = true;
  std::size_t loops_;
  std::map<std::string, std::vector<fd>> open_;  ///< By to_string() of the front.
};

}  // namespace waitstate::sidecar
