#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/message.h"

namespace waitstate::paste {

/// What people tell in their own words. A passage is a few sentences of prose, made plain first:
/// small letters, without marks, and with blanks for dashes and underscores.
[[nodiscard]] std::string plain_passage(std::string_view text);

/// What the passage says went wrong: a peer that vanished while its connection stands (peer_gone),
/// a connection that was used after the other side had closed it for being idle (stale_connection),
/// ports that ran out (address_not_available). Nothing of what would be, or of what is to be done.
[[nodiscard]] std::optional<message_kind> told_trouble(std::string_view plain);

/// Does the passage say that one side ends idle connections sooner than the other one gives them
/// up? Beside a reset it is the cause.
[[nodiscard]] bool tells_of_idle_close(std::string_view plain);

/// Does somebody speak of what happened to them ("I", "we", "our")? Pages that explain do not.
[[nodiscard]] bool is_of_a_witness(std::string_view plain);

/// Words of whom connects ("load test", "a client per request") and of whom listens ("listen",
/// "start the server"), as a number that is above 0 where the first prevail.
[[nodiscard]] int clients_told(std::string_view plain);

}  // namespace waitstate::paste
