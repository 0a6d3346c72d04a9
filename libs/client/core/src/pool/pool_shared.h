#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "net/server_addresses.h"
#include "net/tls_sessions.h"
#include "net/watcher.h"
#include "pool/pool_core.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/pool.h"

namespace waitstate::client {

/// What the parts of a pool share.
struct pool_shared {
  pool_shared(asio::any_io_executor on, endpoint server, pool_settings wanted,
              std::shared_ptr<capacity> shared)
      : executor(std::move(on)),
        to(std::move(server)),
        settings(std::move(wanted)),
        room(std::move(shared)),
        core(settings.limits, *room) {}

  /// Closes what the pool has no part in any more, once whoever holds it lets go.
  void close(const pooled_ptr& what, close_how how) const {
    auto& ended = static_cast<connection&>(*what);
    watching->remove(ended);
    ended.close_with(leaves_no_time_wait() ? close_how::reset : how);
  }
  /// The same for one that came back and is not kept: as who had it has said
  /// (connection::close_with()).
  void let_go(connection& what) const {
    watching->remove(what);
    if (leaves_no_time_wait()) what.close_with(close_how::reset);
  }
  [[nodiscard]] bool leaves_no_time_wait() const {
    return settings.expire_with == close_how::reset;
  }

  const asio::any_io_executor executor;
  const endpoint to;
  const pool_settings settings;
  const std::shared_ptr<capacity> room;
  const std::shared_ptr<close_counts> closes = std::make_shared<close_counts>();
  const std::shared_ptr<tls_sessions> sessions = std::make_shared<tls_sessions>();
  const std::shared_ptr<server_addresses> addresses = std::make_shared<server_addresses>();
  pool_core core;
  std::shared_ptr<watcher> watching;
  std::atomic<bool> stopped{false};
};

}  // namespace waitstate::client
