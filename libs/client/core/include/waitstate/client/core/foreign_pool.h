#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool_limits.h"
#include "waitstate/client/core/pool_metrics.h"
#include "waitstate/client/core/pooled.h"
#include "waitstate/client/core/reclaim.h"

namespace waitstate::client {

struct handle_pool_settings {
  endpoint to{};             ///< In messages and the ledger.
  pool_limits limits{};      ///< How many, and for how long.
  reclaim_policy reclaim{};  ///< When leases are taken back.
  /// An idle handle that nobody has used or checked for so long is checked; 0: never.
  duration check_every = std::chrono::seconds(30);
  duration make_time_max = std::chrono::seconds(2);  ///< For `make`, within the caller's deadline.
  duration leak_report_after{0};                     ///< 0: no reports.
  /// A lease is out for longer than that; once for each. On the pool's thread.
  std::function<void(const ledger_entry&)> leaked{};
  std::function<void(const ledger_entry&, reclaim_reason)>
      reclaimed{};  ///< A lease was taken back.
};

/// A handle of whatever kind, as the pool without a type sees it; part of handle_pool.
class foreign_handle : public pooled {
 public:
  virtual bool check() = 0;
  virtual bool reset() = 0;
  virtual int descriptor() = 0;

  /// Remembers the socket: by whoever has the handle, as a library may close it while it is used.
  void remember_socket();

 private:
  friend class foreign_socket;
  std::atomic<int> descriptor_{-1};
  std::atomic<std::uint64_t> cookie_{0};  // which tells it from another one of that number
};
using foreign_handle_ptr = std::shared_ptr<foreign_handle>;

/// handle_pool without its type: use that.
class foreign_pool {
 public:
  using maker = std::function<result<foreign_handle_ptr>(time_point deadline)>;
  struct granted {
    lease_id id;
    foreign_handle_ptr what;
    bool reused = false;  ///< It was leased before.
  };

  /// Why there can be no pool with these settings.
  [[nodiscard]] static result<> check(const handle_pool_settings& settings);

  /// The settings are such as check() finds right.
  foreign_pool(maker make, handle_pool_settings settings);
  ~foreign_pool();
  foreign_pool(const foreign_pool&) = delete;
  foreign_pool& operator=(const foreign_pool&) = delete;

  [[nodiscard]] result<granted> acquire(time_point deadline, std::source_location where);
  void give_back(granted lease, bool is_fine);
  [[nodiscard]] bool is_current(lease_id id) const;
  [[nodiscard]] std::vector<ledger_entry> leases() const;
  bool reclaim(lease_id id);
  void drain();
  [[nodiscard]] pool_metrics metrics() const;

 private:
  struct state;
  const std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
