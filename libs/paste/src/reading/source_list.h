#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/ranges.h>

namespace waitstate::paste {

/// What a text is made of, as the report says it: "ss, sysctl".
class source_list {
 public:
  /// Once for each name, in the order of the text. The view is kept.
  void add(std::string_view name) {
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] std::string text() const { return fmt::format("{}", fmt::join(names_, ", ")); }

 private:
  std::vector<std::string_view> names_;
};

}  // namespace waitstate::paste
