#include "reading/connection_list.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// In the order of the table.
constexpr std::array<std::string_view, 6> names{"LocalAddress", "LocalPort", "RemoteAddress",
                                                "RemotePort",   "State",     "OwningProcess"};
constexpr std::size_t ends = 4;  ///< Names that nothing but a connection has.
constexpr std::size_t owner = 5;

struct property {
  std::size_t place;
  std::string_view value;
};

std::optional<property> property_of(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto* const name = std::ranges::find(names, trimmed(line.substr(0, colon)));
  const auto value = trimmed(line.substr(colon + 1));
  constexpr std::size_t value_max = 64;  // An address of IPv6 with its zone.
  if (name == names.end() || value.empty() || value.size() > value_max) return std::nullopt;
  return property{.place = static_cast<std::size_t>(std::distance(names.begin(), name)),
                  .value = value};
}

}  // namespace

bool connection_list::begins_anew(std::string_view line) const {
  const auto p = property_of(line);
  return p && !values_.at(p->place).empty();
}

bool connection_list::take(std::string_view line) {
  const auto p = property_of(line);
  if (!p) return false;
  // A service has a State, too.
  const bool is_open = std::ranges::any_of(values_, [](const auto& v) { return !v.empty(); });
  if (p->place >= ends && !is_open) return false;
  values_.at(p->place) = p->value;
  return true;
}

std::string connection_list::finish() {
  std::string row;
  const bool is_whole = std::all_of(values_.begin(), values_.begin() + owner,
                                    [](const auto& v) { return !v.empty(); });
  if (is_whole) {
    for (const auto& v : values_) {
      if (!v.empty()) row.append(row.empty() ? "" : " ").append(v);
    }
  }
  values_.fill({});
  return row;
}

}  // namespace waitstate::paste
