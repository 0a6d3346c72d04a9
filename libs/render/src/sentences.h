#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waitstate::render {

/// The first sentences of a text: as many as take at most `lines` lines of `width` columns, and one
/// whatever it takes. A sentence ends at a full stop with a blank and no small letter behind it, so
/// that "e.g. this" and "10.0.0.7" end none.
[[nodiscard]] std::string first_sentences(std::string_view text, std::size_t width,
                                          std::size_t lines);

}  // namespace waitstate::render
