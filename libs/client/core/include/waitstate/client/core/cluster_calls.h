#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>

#include "waitstate/client/core/call_record.h"
#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_lease.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/lease.h"

namespace waitstate::client {

/// One attempt of a call. The operation reads the upper half and sets the lower one as it goes,
/// since that decides about a retry; what it leaves counts as of the moment it returns.
struct attempt {
  /// Keep it (lease::keep) when the connection is clean. An operation that succeeds may move it
  /// away, to go on with it after the call.
  lease* over = nullptr;
  endpoint to{};               ///< Set by call_shared(), where `over` is null.
  std::uint32_t number = 1;    ///< The first, second ...
  time_point deadline{};       ///< The connection is shut down then: operations fail.
  time_point call_deadline{};  ///< read() lets the connection live so long once the answer comes.

  bool bytes_written = true;        ///< Set to false when nothing was sent.
  bool response_byte_seen = false;  ///< Set to true with the first byte of the answer.
  bool refused = false;             ///< The server says that it did not touch the request.
  duration again_after{0};          ///< The next attempt waits this long, as the server asks.
  /// What the server's answer says about it, when that is not what the result says: an answer
  /// that is an error of the server's (HTTP 503) is a value for the caller and failed for the
  /// balancer; a refusal to a bad request is the reverse.
  std::optional<call_outcome> outcome{};
  /// Where somebody is told of calls (cluster_settings::calls): what they are told. A protocol may
  /// set its status, and sends its fields.
  call_record* record = nullptr;

  /// Bytes went out, or came in: sets bytes_written or response_byte_seen, and the record's part.
  void wrote(std::size_t bytes);
  void read(std::size_t bytes);
};

/// What a caller says of a call to a cluster.
struct call_options {
  time_limit deadline;      ///< For the call and its retries.
  bool idempotent = false;  ///< May be sent again when there was no answer.
  bool replayable = true;   ///< The operation can run again from its beginning.
  /// It can also run twice at once, on one strand, where retry_settings::hedge_after is set.
  bool may_run_twice = false;
  /// What the ledger names.
  std::source_location where = std::source_location::current();
  std::shared_ptr<const call_stack> stack{};  ///< As in acquire_options.
  call_title title{};                         ///< What is called, for cluster_settings::calls.
  /// Goes unchanged to cluster_settings::calls: the span that this call is a part of.
  std::shared_ptr<const void> context{};
};

}  // namespace waitstate::client
