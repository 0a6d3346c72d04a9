#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// Reads whatever it can find in a text that somebody copied: several outputs of several tools with
/// prose between them, cut, masked, with colours, in any order. Lines that look like data and could
/// not be read are counted in the limit "unread-lines"; prose is left alone.
///
/// Fails with errc::invalid_input when nothing at all could be read; the hint lists what it
/// understands. Linear in the size of the text; holds at most one record for each socket row, and
/// not more than a bound that it names in a limit. `progress` (may be empty) is called now and then
/// with the bytes read so far.
[[nodiscard]] result<snapshot> read(std::string_view text,
                                    const std::function<void(std::uint64_t)>& progress = {});

/// A text, and the host that it is of as far as its own prompts do not say: its file's name.
struct named_text {
  std::string name;
  std::string_view text;
};

/// Reads texts of several hosts: each is one, or several where its prompts ("root@web1:~# ss -tan")
/// name several of which at least two show sockets. A host that several texts name is one. With
/// more than one, each snapshot has the host's name, and snapshot::far_ends says what is at the
/// other end of its connections.
///
/// Fails as read() does, with the name of the text that could not be read. At least one text.
[[nodiscard]] result<std::vector<snapshot>> read_hosts(
    std::span<const named_text> texts, const std::function<void(std::uint64_t)>& progress = {});

}  // namespace waitstate::paste
