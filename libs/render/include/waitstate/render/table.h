#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/render/cells.h"

namespace waitstate::render {

/// How a column is laid out.
struct table_column {
  std::string_view title;     ///< Outlives the table.
  bool numeric = false;       ///< Set to the right.
  std::size_t narrowest = 0;  ///< What it may shrink to, at least 3; 0: not at all.
  int droppable = 0;  ///< Left out when shrinking is not enough, the highest first; 0: never.
  bool may_be_missing = false;  ///< Left out when every row has "-" in it.
};

/// A table for a person: a title line and a line for each row, two blanks between columns, as
/// narrow as it has to be. Columns are added from left to right, each with a text for every row;
/// texts may be from anywhere, they are cleaned.
class table {
 public:
  void add(const table_column& column, std::vector<std::string> texts);

  /// Shrinks and drops columns until the table is at most `width` wide, or nothing more can give.
  void fit(std::size_t width);

  /// How wide it is now.
  [[nodiscard]] std::size_t width() const;

  /// For a page that is too narrow for any table: a paragraph for each row, of its first column and
  /// all that the others have to say, the numbers with their titles. Nothing is cut or left out.
  [[nodiscard]] std::vector<line> stacked(std::size_t page_width) const;

  /// The titles of those that fit() left out.
  [[nodiscard]] const std::vector<std::string_view>& dropped() const { return dropped_; }

  /// The titles in bold, then the rows. A table without columns has no lines.
  [[nodiscard]] std::vector<line> lines() const;

 private:
  struct placed_column {
    table_column how;
    std::vector<std::string> texts;
    std::size_t widest = 0;  ///< Of title and texts.
    std::size_t width = 0;
  };

  bool shrink_widest();
  bool drop_one();

  std::vector<placed_column> columns_;
  std::vector<std::string_view> dropped_;
};

}  // namespace waitstate::render
