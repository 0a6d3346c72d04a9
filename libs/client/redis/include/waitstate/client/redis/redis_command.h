#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// A command and its arguments, any bytes: {"SET", "key", "value"}.
using redis_command = std::vector<std::string>;

/// What a command means to a pool.
enum class redis_command_kind : std::uint8_t {
  read,        ///< Changes nothing: a replica may answer, and it may be sent again.
  idempotent,  ///< Twice leaves the same data as once (the second answer may differ, as DEL's
               ///< does): it may be sent again, to the primary.
  once,        ///< Anything else, unknown commands included: sent again only when it was refused
               ///< or when nothing of it was written.
  stateful,    ///< Changes the connection or takes it over (SELECT, MULTI, SUBSCRIBE, BLPOP ...):
               ///< only in a session, which has the connection for itself.
};

[[nodiscard]] std::string_view to_string(redis_command_kind k);

/// Pure; letters may be of either case. SCAN and its kind are idempotent, not reads: their cursors
/// mean something at one server only, so they all go to the primary. An empty command is `once`.
[[nodiscard]] redis_command_kind classify(const redis_command& command);

/// Does it run a script or a function, which may write (EVAL, EVALSHA, FCALL)? What it answers, a
/// refusal by its words included, may be the script's own. Pure; letters may be of either case.
[[nodiscard]] bool runs_script(const redis_command& command);

/// The most that one request may be, a pipeline altogether.
inline constexpr std::size_t redis_request_bytes_max = std::size_t{512} << 20;
inline constexpr std::size_t redis_pipeline_max = 1'000'000;

/// Appends what goes over the wire: an array of bulk strings.
///
/// Fails with errc::invalid_input for a command without a name, and past the limit.
[[nodiscard]] result<> append_request(std::string& to, const redis_command& command);

}  // namespace waitstate::client
