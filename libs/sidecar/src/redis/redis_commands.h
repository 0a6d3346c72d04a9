#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace waitstate::sidecar {

/// What a command of a client means to connections that many clients share.
enum class redis_use : std::uint8_t {
  read,   ///< Changes nothing: sent again when there was no reply; a replica may answer.
  write,  ///< Anything else, unknown commands too: sent again only if nothing of it was written.
  apart,  ///< May take long, and would hold up whoever shares the connection: BLPOP,
          ///< XREAD BLOCK, SCRIPT KILL. One connection for itself until its reply.
  multi,  ///< MULTI: a connection for itself until EXEC or DISCARD.
  watch,  ///< WATCH: the same; or until UNWATCH.
  ends_multi,  ///< EXEC, DISCARD.
  unwatch,     ///< UNWATCH.
  tunnel,      ///< What follows are not replies in turn any more: SUBSCRIBE, MONITOR,
               ///< CLIENT TRACKING, CLIENT REPLY. A connection for itself until the client leaves.
  hello,       ///< Said to this proxy, as are those below.
  auth,
  select,
  client,  ///< CLIENT SETNAME, ID and their kind: of the client's own connection.
  quit,
  reset,
  refused,  ///< Would harm others on the same connection: see why_refused().
  hostile,  ///< Redis hangs up at it: "POST", "HOST:". So does this.
};

/// By the name and the arguments; letters may be of either case. What could be behind the first
/// sixteen arguments is taken to be there. An empty command is a write.
[[nodiscard]] redis_use use_of(std::span<const std::string_view> arguments);

/// "WAIT is about the writes of one connection, which clients share here"
[[nodiscard]] std::string why_refused(std::span<const std::string_view> arguments);

/// Is it this word, in letters of either case? `word` is in upper case.
[[nodiscard]] bool is_word(std::string_view text, std::string_view word);

}  // namespace waitstate::sidecar
