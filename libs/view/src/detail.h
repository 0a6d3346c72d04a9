#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/render/cells.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::view {

/// Pages that a key opens over the panes, as lines of at most `width` columns.

/// Why one thinks so: what is wrong, each fact with where it was read, the cause, what else it may
/// be, what happens next.
[[nodiscard]] std::vector<render::line> proof_page(const diagnosis::finding& f, std::size_t width);

/// What to do, best first, with its risk and what undoes it. Nothing is done.
[[nodiscard]] std::vector<render::line> remedy_page(const diagnosis::finding& f, std::size_t width);

/// What the numbers lack, and how to get it.
[[nodiscard]] std::vector<render::line> limit_page(const limit& l, std::size_t width);

/// The groups that are selected, and the findings about their owner or destination.
[[nodiscard]] std::vector<render::line> sockets_page(const snapshot& s, const diagnosis::report& r,
                                                     const socket_selector& selected,
                                                     std::size_t width);

/// Is the finding about what is selected: its process, or its destination?
[[nodiscard]] bool is_about(const diagnosis::finding& f, const socket_selector& selected);

/// The keys, and what the screen shows.
[[nodiscard]] std::vector<render::line> help_page(const std::vector<std::string>& notes,
                                                  std::size_t width);

/// Text as it is, line by line.
[[nodiscard]] std::vector<render::line> text_page(std::string_view text);

}  // namespace waitstate::view
