#pragma once

#include <memory>

#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/ledger.h"

namespace waitstate::client {

class cluster_lease;
class pool;

/// A connection that is yours until you give it back. Gives itself back when destroyed: as broken,
/// unless keep() was called, since only the protocol knows whether it is clean.
///
/// The pool may reclaim a lease that looks leaked. Then the connection is shut down: reading and
/// writing fail, is_reclaimed() is true, and giving it back is harmless.
class lease {
 public:
  lease() = default;
  ~lease();
  lease(lease&& other) noexcept;
  lease& operator=(lease&& other) noexcept;
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  explicit operator bool() const { return what_ != nullptr; }
  connection& operator*() const { return *what_; }
  connection* operator->() const { return what_.get(); }
  [[nodiscard]] const connection_ptr& shared() const { return what_; }
  [[nodiscard]] lease_id id() const { return id_; }
  /// Did this connection serve somebody before? Retries are safe only then (RFC 9110 9.2.2).
  [[nodiscard]] bool is_reused() const { return reused_; }
  [[nodiscard]] bool is_reclaimed() const;

  /// Says that the connection is clean: nothing unread, nothing half sent.
  void keep() { reusable_ = true; }
  /// Gives it back now.
  void give_back();

 private:
  friend class pool;
  friend class cluster_lease;
  void give_back(time_point now);
  lease(std::shared_ptr<pool> from, lease_id id, connection_ptr what, bool reused);

  std::shared_ptr<pool> from_;
  lease_id id_;
  connection_ptr what_;
  bool reusable_ = false;
  bool reused_ = false;
};

}  // namespace waitstate::client
