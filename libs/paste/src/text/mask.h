#pragma once

#include <string>
#include <string_view>

namespace waitstate::paste {

/// Makes one word of what people write over an address of a row: "[MY IP]:443" and "(public
/// ip):443" stand as "[MY_IP]:443" and "[public_ip]:443"; in a row with its two queues also "my
/// ip:443", and
/// "#MyIP     :443", where the mask was padded to the column's width. Prose stays.
///
/// The line itself when nothing is to be done; else a view of `scratch`, which may be what `line`
/// is a view of.
[[nodiscard]] std::string_view with_whole_masks(std::string_view line, std::string& scratch);

}  // namespace waitstate::paste
