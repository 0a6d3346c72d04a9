#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "front/service.h"
#include "http/chunk_scanner.h"
#include "http/client_bytes.h"
#include "http/http_head.h"
#include "http/outgoing_head.h"
#include "http/scratch.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::sidecar {

/// One request of a client and its response. serve_one() drives it: what has to be known of the
/// request is taken over before anybody is asked, so that the bytes it came in can be used again.
struct exchange {
  client_connection& who;
  client_bytes& from;
  scratch& with;
  client::cluster& servers;
  duration time_max;                     ///< Of each wait for bytes, once the response has begun.
  bool explain = false;                  ///< The response says what was done for it.
  std::optional<time_point> began = {};  ///< Set where somebody wants to know times.

  // Of the request; its head is in `with.request`, and so is its body where `is_whole`.
  std::string method = {};
  bool is_idempotent = false;
  bool is_whole = true;
  body_framing body = {};     ///< What of the body is still to come, where it is not.
  chunk_scanner chunks = {};  ///< Of a chunked one.
  bool wants_continue = false;
  bool wants_tunnel = false;
  client_framing client = {};

  // What became of it.
  bool is_answer_begun = false;  ///< The client has got a part of the response.
  bool is_client_gone = false;
  std::string_view refused = {};  ///< Why what it sent behind the head is no body.
  bool is_request_sent = false;
  bool was_reused = false;
  int status = 0;
  std::uint32_t attempts = 0;
  duration waited{0};  ///< From `began` until the last attempt had a connection.
  std::uint64_t bytes_to_client = 0;
  std::optional<client::endpoint> server = {};
  std::string irregular = {};  ///< Why the server's connection was not kept, where it could not be.
  client::lease tunnel = {};   ///< After 101, or 2xx of CONNECT.
};

/// Runs the exchange over one connection, as cluster::call() wants it. A response that was begun
/// and broke off leaves `is_answer_begun`, and an error.
client::task<> relay(exchange* x, client::attempt* made);

}  // namespace waitstate::sidecar
