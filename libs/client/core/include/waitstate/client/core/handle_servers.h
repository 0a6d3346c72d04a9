#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "waitstate/base/error.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_lease.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

/// Which of several servers a handle is asked of: handle_cluster without its type.
///
/// Any thread may call any member.
class handle_servers {
 public:
  handle_servers(std::size_t count, const balancer_settings& balance,
                 const failure_settings& failures, random_source random);
  ~handle_servers();
  handle_servers(const handle_servers&) = delete;
  handle_servers& operator=(const handle_servers&) = delete;

  /// Who is asked next. Those in `tried` only when there is no other.
  [[nodiscard]] std::size_t next(const std::vector<std::uint64_t>& tried);
  /// There is no handle of it: it could not be reached, or all of its handles were in use.
  void gave_none(std::size_t which, const error& why);
  /// A handle was made or found there; its use goes on until ended().
  void gave(std::size_t which, bool is_new);
  void ended(std::size_t which, call_outcome outcome, std::optional<duration> latency);

  [[nodiscard]] health state_of(std::size_t which) const;

 private:
  struct state;
  const std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
