#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rows/format.h"

namespace waitstate::paste {

/// Every format of rows. A line with one row has one format that takes it, and so has a heading:
/// the order says only who is asked first, and what a hint names first.
[[nodiscard]] std::span<const format> formats();

/// The place of a format in formats().
[[nodiscard]] std::size_t index_of(const format& f);

/// The format whose name it is. It must be one.
[[nodiscard]] const format& format_named(std::string_view name);

/// What the line opens if it is the heading of any format's table.
[[nodiscard]] table_header header_of(std::string_view line);

/// The hints of all formats, each once: "ss, netstat, lsof -i".
[[nodiscard]] std::string hints_of_formats();

}  // namespace waitstate::paste
