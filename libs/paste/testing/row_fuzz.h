#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "row_text.h"
#include "rows/row.h"

namespace waitstate::paste {

inline void expect(bool holds) {
  if (!holds) std::abort();
}

/// What every reader of rows keeps to, whatever the line: views lie inside it; blanks behind it and
/// a prompt before it change nothing; and `in_layout`, the row in the tool's own layout, is
/// read as the same row.
template <class Read, class InLayout>
void check_reader(std::string_view line, Read read, InLayout in_layout) {
  const std::optional<row> r = read(line);
  if (!r) return;
  const auto lies_inside = [&](std::string_view part) {
    return part.empty() ||
           (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size());
  };
  expect(lies_inside(r->local.host) && lies_inside(r->remote.host) && lies_inside(r->program));

  const auto text = to_text(*r);
  expect(to_text(read(std::string(line) + "  \t")) == text);

  const std::optional<std::string> again = in_layout(*r);
  if (!again) return;
  for (const auto& layout : {*again, "$ " + *again, "> " + *again, "\t" + *again + " "}) {
    expect(to_text(read(layout)) == text);
  }
}

/// True when an endpoint can be written down and read again: no brackets in a masked host.
inline bool is_writable(const text_endpoint& e) {
  constexpr std::size_t host_max = 200;
  return !e.host.empty() && e.host.size() <= host_max &&
         e.host.find_first_of("[]%") == std::string_view::npos;
}

/// "[fe80::1]:80"; a port of 0 as the text in `any_port`.
inline std::string endpoint_text(const text_endpoint& e, char mark = ':',
                                 std::string_view any_port = "*") {
  const auto port = e.port == 0 ? std::string(any_port) : std::to_string(e.port);
  return '[' + std::string(e.host) + ']' + mark + port;
}

}  // namespace waitstate::paste
