#pragma once

#include <string_view>

#include "text/tokens.h"

namespace waitstate::paste {

/// Does a heading's first column have this name, behind what people glue to it? Not so where the
/// word is somewhere in a sentence.
[[nodiscard]] bool opens_with(const tokens& words, std::string_view name);

/// The two columns that every Unix calls alike in all languages.
[[nodiscard]] bool has_queues(std::string_view line);

/// "Proto" and at least three more words in columns. All but that word may be in the language of
/// the system.
[[nodiscard]] bool opens_columns_of_netstat(std::string_view line);

}  // namespace waitstate::paste
