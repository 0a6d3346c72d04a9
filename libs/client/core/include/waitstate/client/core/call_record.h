#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/error.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/ledger.h"

namespace waitstate::client {

/// What a call is, for whoever is told of calls. Each protocol says it of its own; the views live
/// as long as the call.
struct call_title {
  std::string_view protocol{};  ///< "http", "thrift", "redis".
  std::string_view method{};    ///< "GET", "getUser", "SET".
  std::string_view target{};    ///< HTTP: the path, without its query. Others: empty.
};

/// A name and its value, to be sent along with a request: "traceparent".
struct call_field {
  std::string name{};
  std::string value{};
};

/// One attempt of a call, from the wait for a connection to the end of the answer. Whoever is told
/// of it reads it while being told; views and pointers do not outlive that.
struct call_record {
  // Known when it begins.
  std::string_view cluster{};  ///< cluster_settings::name
  call_title title{};
  /// Of those that found a server; the first, second ... Those of a hedge are counted apart.
  std::uint32_t attempt = 1;
  bool is_hedge = false;  ///< Made beside another that takes long: retry_settings::hedge_after.
  time_point deadline{};  ///< Of the call.
  time_point began{};     ///< Asked for a connection.
  std::source_location where{};
  std::shared_ptr<const void> context{};  ///< call_options::context

  // For call_hooks::begins to set.
  std::any mine{};  ///< Whatever call_hooks::ended needs: a span.
  /// Sent with the request, where the protocol has a place for it: as header fields of HTTP, in
  /// place of the caller's own of that name; as contexts of Finagle's Thrift and of ThriftMux. What
  /// cannot be a header field or a context is not sent.
  std::vector<call_field> fields{};

  // Known once there is a connection.
  std::optional<endpoint> server{};
  lease_id lease{};        ///< As the ledger names it.
  bool is_reused = false;  ///< The connection had served a call before.
  dial_times dial{};       ///< How long it took to make the connection, whoever waited for it.
  std::optional<time_point> connected{};   ///< Got the connection; of ThriftMux, a shared one.
  std::optional<time_point> sent{};        ///< Wrote the last byte so far.
  std::optional<time_point> first_byte{};  ///< Read the first byte of the answer.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::optional<std::int64_t> status{};  ///< HTTP's.

  // Known when it has ended. A stream has with its header.
  time_point ended{};
  const error* failed = nullptr;  ///< Null when there was an answer.
  /// No other attempt of this call follows. Said once for a call that is hedged, too: of the one
  /// that was answered, else of the one that ended last. One that is given up for the other's
  /// answer is told of after that, as errc::cancelled.
  bool is_last = true;
};

/// Who is told of each attempt of each call, on the thread that runs the call, and nobody waits for
/// that: it should be quick, and must not call back into the cluster. What it throws is dropped.
/// Without any of these a call keeps no record.
struct call_hooks {
  std::function<void(call_record&)> begins{};
  /// Once for each that began, also when the call is cancelled.
  std::function<void(const call_record&)> ended{};
};

}  // namespace waitstate::client
