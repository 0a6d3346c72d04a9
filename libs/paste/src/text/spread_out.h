#pragma once

#include <string>
#include <string_view>

namespace waitstate::paste {

/// Puts together what editors of web pages and translators spread out: they part a name, an address
/// or an option at its punctuation ("TIME - WAIT", "CLOSE_ WAIT", "10.4 . 14.24", "uniq  - c"), put
/// no-break spaces between columns, and hide characters of no width in words. Joined is only what
/// makes a state's name, an IPv4 address, or the option of a tool that is named before it in the
/// line; prose with dashes stays.
///
/// The line itself when nothing is to be done, which costs one pass over it; else a view of
/// `scratch`, which may be what `line` is a view of.
[[nodiscard]] std::string_view joined(std::string_view line, std::string& scratch);

}  // namespace waitstate::paste
