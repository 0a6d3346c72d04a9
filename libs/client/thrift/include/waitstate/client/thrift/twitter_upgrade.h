#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Finagle's upgrade of framed Thrift ("TTwitter"). The first message on a new connection asks for
/// a method that only an upgraded server has; from then on each frame of this connection begins
/// with a header struct, before the ordinary message: RequestHeader one way, ResponseHeader the
/// other. Pure; the header structs are in TBinaryProtocol.

/// The question, with its frame length: 44 bytes.
[[nodiscard]] std::string_view twitter_upgrade_probe();

/// Does this answer (without its frame length) upgrade the connection? Anything but an exception
/// does, as Finagle's own client has it.
///
/// Fails when it is no Thrift message.
[[nodiscard]] result<bool> is_twitter_upgrade(std::string_view reply);

/// One entry of what Finagle broadcasts along a chain of calls.
struct twitter_context {
  std::string key{};  ///< "com.twitter.finagle.Deadline"
  std::string value{};

  friend bool operator==(const twitter_context&, const twitter_context&) = default;
};

/// The context that tells the server when the caller stops to wait. Times are since 1970.
[[nodiscard]] twitter_context twitter_deadline(std::chrono::nanoseconds now,
                                               std::chrono::nanoseconds deadline);

struct twitter_request_header {
  std::int64_t trace_id = 0;
  std::int64_t span_id = 0;
  std::optional<std::int64_t> parent_span_id{};
  std::optional<bool> sampled{};  ///< Unset: the server decides.
  std::string client_id{};        ///< Who asks, "web.prod"; empty: not said.
  std::optional<std::int64_t> flags{};
  std::vector<twitter_context> contexts{};
  std::string dest{};  ///< The path that was resolved to this server; empty: not said.
  /// Rewrites of paths: source, destination.
  std::vector<std::pair<std::string, std::string>> delegations{};
  std::optional<std::int64_t> trace_id_high{};

  friend bool operator==(const twitter_request_header&, const twitter_request_header&) = default;
};

void append_twitter_request_header(std::string& to, const twitter_request_header& header);

/// The inverse; unknown fields are passed over. Gives where the message begins, too. For servers.
[[nodiscard]] result<std::pair<twitter_request_header, std::size_t>> read_twitter_request_header(
    std::string_view frame);

/// Where the message begins in a frame that an upgraded server sent: behind its ResponseHeader,
/// whose spans and contexts are passed over. Its size and depth are bounded.
///
/// Fails with errc::corrupt.
[[nodiscard]] result<std::size_t> skip_twitter_response_header(std::string_view frame);

}  // namespace waitstate::client
