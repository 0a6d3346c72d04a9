#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_lease.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/handle_pool.h"
#include "waitstate/client/core/handle_servers.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool_metrics.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

struct handle_cluster_settings {
  handle_pool_settings pool{};  ///< For each server; `to` is the server.
  balancer_settings balance{};  ///< Who is asked for the next handle.
  failure_settings failures{};  ///< Who is asked for none.
  random_source random{};       ///< system_random() unless set.
};

/// A handle of one of several servers, and a use of it that counts for that server. done() says how
/// it went; the destructor gives it back and says nothing.
template <class T>
class handle_cluster_lease {
 public:
  ~handle_cluster_lease() { end(call_outcome::unknown); }
  handle_cluster_lease(handle_cluster_lease&& other) noexcept
      : servers_(std::move(other.servers_)),
        which_(other.which_),
        to_(std::move(other.to_)),
        began_(other.began_),
        handle_(std::move(other.handle_)) {}
  handle_cluster_lease& operator=(handle_cluster_lease&& other) noexcept {
    if (this == &other) return *this;
    end(call_outcome::unknown);
    servers_ = std::move(other.servers_);
    which_ = other.which_;
    to_ = std::move(other.to_);
    began_ = other.began_;
    handle_ = std::move(other.handle_);
    return *this;
  }
  handle_cluster_lease(const handle_cluster_lease&) = delete;
  handle_cluster_lease& operator=(const handle_cluster_lease&) = delete;

  T& operator*() const { return *handle_; }
  T* operator->() const { return handle_.operator->(); }
  [[nodiscard]] const endpoint& to() const { return to_; }
  [[nodiscard]] const handle_lease<T>& over() const { return handle_; }

  /// The use is over. `is_well`: the server did its work, and the handle is kept when
  /// handle_functions::reset says that it is clean; otherwise it is closed, and the server has
  /// failed once.
  void done(bool is_well) {
    if (!is_well) handle_.drop();
    end(is_well ? call_outcome::ok : call_outcome::failed);
  }

 private:
  template <class>
  friend class handle_cluster;
  handle_cluster_lease(std::shared_ptr<handle_servers> servers, std::size_t which, endpoint to,
                       handle_lease<T> handle)
      : servers_(std::move(servers)),
        which_(which),
        to_(std::move(to)),
        began_(clock::now()),
        handle_(std::move(handle)) {}

  void end(call_outcome outcome) {
    handle_.give_back();
    const auto servers = std::exchange(servers_, nullptr);
    if (servers) servers->ended(which_, outcome, clock::now() - began_);
  }

  std::shared_ptr<handle_servers> servers_;
  std::size_t which_ = 0;
  endpoint to_;
  time_point began_;
  handle_lease<T> handle_;
};

/// handle_pool for several servers that do the same, as the replicas of a database: a pool for
/// each, and the balancer and the failure detector of `cluster` over them. A server that cannot be
/// reached is left alone for a while, and the next one is asked within the same deadline.
///
/// Any thread may call any member. Copies are the same; it ends with the last of them and the last
/// lease.
template <class T>
class handle_cluster {
 public:
  /// The functions for the handles of one server.
  using functions_for = std::function<handle_functions<T>(const endpoint& to)>;

  /// Fails when there is no server, or the settings make no sense.
  [[nodiscard]] static result<handle_cluster> make(const std::vector<endpoint>& servers,
                                                   const functions_for& functions,
                                                   handle_cluster_settings settings) {
    if (servers.empty()) {
      return failure({.code = errc::invalid_input,
                      .what = "a cluster of handles: no server",
                      .hint = "name one at least"});
    }
    if (!settings.random) settings.random = system_random();
    handle_cluster made;
    made.servers_ = std::make_shared<handle_servers>(servers.size(), settings.balance,
                                                     settings.failures, settings.random);
    auto all = std::make_shared<std::vector<one>>();
    all->reserve(servers.size());
    for (const auto& to : servers) {
      settings.pool.to = to;
      auto handles = handle_pool<T>::make(functions(to), settings.pool);
      if (!handles) return failure(std::move(handles).error());
      all->push_back({.to = to, .handles = *std::move(handles)});
    }
    made.all_ = std::move(all);
    return made;
  }

  /// A handle of a server that has one, or why no server had one in time: what the last one said.
  /// Each server has its share of the time that is left.
  [[nodiscard]] result<handle_cluster_lease<T>> acquire(
      time_limit deadline, std::source_location where = std::source_location::current()) const {
    std::vector<std::uint64_t> tried;
    for (auto left = all_->size();; --left) {
      const auto which = servers_->next(tried);
      const auto& at = (*all_)[which];
      auto got = at.handles.acquire(share_of(deadline, left), where);
      if (got) {
        servers_->gave(which, !got->is_reused());
        return handle_cluster_lease<T>(servers_, which, at.to, *std::move(got));
      }
      servers_->gave_none(which, got.error());
      if (left == 1 || deadline.is_over()) return failure(std::move(got).error());
      tried.push_back(which);
    }
  }

  struct server_metrics {
    endpoint to{};
    health state = health::alive;
    pool_metrics handles{};
  };
  [[nodiscard]] std::vector<server_metrics> metrics() const {
    std::vector<server_metrics> each;
    each.reserve(all_->size());
    for (std::size_t which = 0; which < all_->size(); ++which) {
      const auto& at = (*all_)[which];
      each.push_back(
          {.to = at.to, .state = servers_->state_of(which), .handles = at.handles.metrics()});
    }
    return each;
  }
  /// The lease ledger of all pools, server by server.
  [[nodiscard]] std::vector<ledger_entry> leases() const {
    std::vector<ledger_entry> entries;
    for (const auto& at : *all_) {
      for (auto& entry : at.handles.leases()) entries.push_back(std::move(entry));
    }
    return entries;
  }
  /// No new leases; handles are closed as they come back.
  void drain() const {
    for (const auto& at : *all_) at.handles.drain();
  }

 private:
  struct one {
    endpoint to;
    handle_pool<T> handles;
  };

  handle_cluster() = default;

  static time_limit share_of(const time_limit& deadline, std::size_t left) {
    const time_point end = deadline;
    if (end == time_point::max()) return deadline;
    const auto now = clock::now();
    return now + std::max(end - now, duration(0)) / static_cast<duration::rep>(left);
  }

  std::shared_ptr<handle_servers> servers_;
  std::shared_ptr<const std::vector<one>> all_;
};

}  // namespace waitstate::client
