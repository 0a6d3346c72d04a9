#pragma once

#include <memory>
#include <utility>

#include "http_exchange.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/http/http_stream.h"

namespace waitstate::client {

/// A lease, and the exchange over it that has come as far as the response's header.
struct http_stream::state {
  state(std::shared_ptr<cluster> at, connection_ptr what, const http_limits& limits,
        http_response_parser::body kind, const http_drain_limits& drained)
      : from(std::move(at)), exchange(std::move(what), limits, kind), drain(drained) {}

  /// Back to the pool, kept when it is clean.
  void give_back();

  std::shared_ptr<cluster> from;
  http_exchange exchange;
  lease over;  ///< Null until the header is there, and after give_back().
  http_drain_limits drain;
  attempt facts;
  bool has_failed = false;
};

}  // namespace waitstate::client
