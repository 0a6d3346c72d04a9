#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "http_decoder.h"
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
  /// The next piece of what came, decoded; empty when more has to come.
  result<std::string> next_piece();
  [[nodiscard]] bool has_more_to_decode() const {
    return decoder && (coded_at < coded.size() || decoder->has_more());
  }

  std::unique_ptr<http_decoder> decoder;  ///< Null: the body is as it comes.
  std::string coded;                      ///< What came, and from where on it is not decoded yet.
  std::size_t coded_at = 0;
  lease over;  ///< Null until the header is there, and after give_back().
  http_drain_limits drain;
  attempt facts;
  bool has_failed = false;
};

}  // namespace waitstate::client
