#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/render/ink.h"
#include "waitstate/snapshot/socket_selector.h"
#include "waitstate/view/frame.h"
#include "waitstate/view/moment.h"

namespace waitstate::view {

/// How a column of a pane is laid out. Widths do not depend on what is in it, so that nothing moves
/// from one look to the next.
struct pane_column {
  std::string_view title;   ///< Outlives the pane.
  std::size_t width = 0;    ///< 0: what the others leave, of one column alone.
  std::size_t wanted = 18;  ///< Of that one: others are left out until it has so much.
  bool numeric = false;     ///< Set to the right.
  int droppable = 0;        ///< Left out where there is no room, the highest first; 0: never.
  bool is_ordered = false;  ///< Rows can be sorted by it, the most first.
};

struct pane_cell {
  std::string text;
  double order = 0;  ///< What rows are sorted by.
  render::ink ink = render::ink::plain;
};

/// A group, as a row.
struct pane_row {
  std::string key;  ///< The same for the same group at every look.
  std::vector<pane_cell> cells;
  /// Which sockets it stands for; nothing where it stands for none.
  std::optional<socket_selector> sockets;
  std::size_t of = 0;  ///< Which finding or limit of the report, where it is one.
};

/// More rows than these no pane has: those that matter least are left out.
inline constexpr std::size_t pane_rows_max = 512;

/// A table of groups that a cursor moves in.
struct pane {
  std::string_view title;  ///< Outlives the pane.
  std::vector<pane_column> columns;
  std::vector<pane_row> rows;  ///< In the pane's own order.
  std::string nothing;         ///< What it says where it has no row.
  /// How many of its rows are worth a number beside its title.
  std::size_t counted = 0;
};

/// Where the cursor of a pane is, and how its rows are sorted.
struct pane_state {
  std::string selected;            ///< The key of its row; empty: the first one.
  std::size_t at = 0;              ///< Where that is or, once the row has gone, was.
  std::size_t first = 0;           ///< The row at the top.
  std::size_t room = 1;            ///< How many rows there was room for.
  std::vector<std::string> order;  ///< The keys as they stood last.
  std::optional<std::size_t> sorted_by;
  bool is_reversed = false;
  moment held_until;  ///< Until then rows stay where they are.
};

/// Sorts rows; those of which neither comes before the other keep their order.
void sort_rows(std::vector<pane_row>& rows,
               const std::function<bool(const pane_row&, const pane_row&)>& before);

/// Puts the rows in order: as they stood while that is held, new ones last; else sorted. The cursor
/// stays on its row; where that has gone it stays at its place.
void arrange(pane& p, pane_state& s, moment now);

/// Moves the cursor by so many rows, as far as there are any, and holds the order for a while.
void move_cursor(const pane& p, pane_state& s, std::ptrdiff_t rows, moment now);

/// Sorts by the next column that rows can be sorted by; after the last one as the pane has them.
void sort_by_next(const pane& p, pane_state& s);

/// The row under the cursor; nullptr without one.
[[nodiscard]] const pane_row* selected_row(const pane& p, const pane_state& s);

/// The titles, with an arrow at the one that is sorted by, and as many rows as fit in `height`. A
/// pane without the focus shows no cursor.
[[nodiscard]] std::vector<frame_row> drawn(const pane& p, pane_state& s, const frame_size& size,
                                           bool has_focus);

}  // namespace waitstate::view
