#pragma once

#include <functional>
#include <memory>
#include <source_location>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/foreign_pool.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool_metrics.h"

namespace waitstate::client {

/// What a pool has to know of the handles of another library (PGconn*, MYSQL*). They may block;
/// what throws counts as having failed. Only `make` has to be there.
template <class T>
struct handle_functions {
  /// Opens one before the deadline, or says why not. Called by whoever waits for it, and by the
  /// pool's own thread for pool_limits::idle_min.
  std::function<result<T>(time_point deadline)> make{};
  std::function<bool(T&)> check{};  ///< Asks the server whether it is well.
  /// Makes it ready for another after use, as by ROLLBACK; false closes it instead.
  std::function<bool(T&)> reset{};
  std::function<void(T&)> close{};  ///< Ends it; nobody uses it any more.
  /// Its socket, or -1. With it the pool sees when the server has closed, which byte was the last,
  /// and can end what a leaked lease does.
  std::function<int(T&)> descriptor{};
};

/// A handle that is yours until you give it back, which the destructor does. Outlives its pool, if
/// it has to.
template <class T>
class handle_lease {
 public:
  handle_lease() = default;
  ~handle_lease() { give_back(); }
  handle_lease(handle_lease&& other) noexcept
      : from_(std::move(other.from_)), lease_(std::move(other.lease_)), at_(other.at_) {}
  handle_lease& operator=(handle_lease&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    from_ = std::move(other.from_);
    lease_ = std::move(other.lease_);
    at_ = other.at_;
    return *this;
  }
  handle_lease(const handle_lease&) = delete;
  handle_lease& operator=(const handle_lease&) = delete;

  explicit operator bool() const { return lease_.what != nullptr; }
  T& operator*() const { return *at_; }
  T* operator->() const { return at_; }
  [[nodiscard]] lease_id id() const { return lease_.id; }
  /// Did it serve somebody before?
  [[nodiscard]] bool is_reused() const { return lease_.reused; }
  /// It was out for too long and another has its place: what it does fails.
  [[nodiscard]] bool is_reclaimed() const { return from_ && !from_->is_current(lease_.id); }

  /// Now. It is kept when handle_functions::reset says that it is clean.
  void give_back() { end(true); }
  /// It is closed, whatever reset would say.
  void drop() { end(false); }

 private:
  template <class>
  friend class handle_pool;
  handle_lease(std::shared_ptr<foreign_pool> from, foreign_pool::granted lease, T* at)
      : from_(std::move(from)), lease_(std::move(lease)), at_(at) {}

  void end(bool is_fine) {
    if (!lease_.what) return;
    const auto from = std::move(from_);
    from->give_back(std::exchange(lease_, {}), is_fine);
  }

  std::shared_ptr<foreign_pool> from_;
  foreign_pool::granted lease_;
  T* at_ = nullptr;
};

/// Handles of any library to one server, shared by all threads: as `pool` does with connections,
/// the same state machine decides who gets which, who waits, what is closed and when, what leaked
/// and is taken back. For libraries that block; it has one thread of its own, which expires, checks
/// and reclaims.
///
/// Any thread may call any member. Copies are the same pool; it ends, and closes what is idle, with
/// the last of them and the last lease.
template <class T>
class handle_pool {
 public:
  /// Fails when the settings make no sense, or there is no handle_functions::make.
  [[nodiscard]] static result<handle_pool> make(handle_functions<T> functions,
                                                handle_pool_settings settings) {
    if (auto fine = foreign_pool::check(settings); !fine) {
      return failure(std::move(fine).error());
    }
    if (!functions.make) {
      return failure({.code = errc::invalid_input,
                      .what = "a pool of handles: nothing to make them with",
                      .hint = "set handle_functions::make"});
    }
    return handle_pool(std::move(functions), std::move(settings));
  }

  /// For settings that are known to be right: with others it is a defect. make() says what is
  /// wrong.
  handle_pool(handle_functions<T> functions, handle_pool_settings settings) {
    const auto by = std::make_shared<const handle_functions<T>>(std::move(functions));
    pool_ = std::make_shared<foreign_pool>(
        [by](time_point deadline) -> result<foreign_handle_ptr> {
          auto made = by->make(deadline);
          if (!made) return failure(std::move(made).error());
          return std::make_shared<typed>(*std::move(made), by);
        },
        std::move(settings));
  }

  /// A handle that is well, idle or new, or why there was none in time.
  [[nodiscard]] result<handle_lease<T>> acquire(
      time_limit deadline, std::source_location where = std::source_location::current()) const {
    auto got = pool_->acquire(deadline, where);
    if (!got) return failure(std::move(got).error());
    auto* const at = &static_cast<typed&>(*got->what).value;
    return handle_lease<T>(pool_, *std::move(got), at);
  }

  /// The lease ledger, oldest lease first.
  [[nodiscard]] std::vector<ledger_entry> leases() const { return pool_->leases(); }
  /// Takes one lease from its holder. False when it is over already.
  [[nodiscard]] bool reclaim(lease_id id) const { return pool_->reclaim(id); }
  /// No new leases; handles are closed as they come back.
  void drain() const { pool_->drain(); }
  [[nodiscard]] pool_metrics metrics() const { return pool_->metrics(); }

 private:
  struct typed final : foreign_handle {
    typed(T made, std::shared_ptr<const handle_functions<T>> how)
        : value(std::move(made)), by(std::move(how)) {}
    ~typed() override {
      try {
        if (by->close) by->close(value);
      } catch (...) {  // NOLINT(bugprone-empty-catch): it is gone either way
      }
    }
    bool check() override { return !by->check || by->check(value); }
    bool reset() override { return !by->reset || by->reset(value); }
    int descriptor() override { return by->descriptor ? by->descriptor(value) : -1; }

    T value;
    const std::shared_ptr<const handle_functions<T>> by;
  };

  std::shared_ptr<foreign_pool> pool_;
};

}  // namespace waitstate::client
