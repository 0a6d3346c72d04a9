#include "findings_pane.h"

#include <string>

#include <fmt/format.h>

#include "waitstate/render/clean.h"

namespace waitstate::view {
namespace {

std::string word_of(diagnosis::severity s) {
  switch (s) {
    case diagnosis::severity::info: return "info";
    case diagnosis::severity::warning: return "WARNING";
    case diagnosis::severity::critical: return "CRITICAL";
  }
  return {};
}

pane_row row_of(const diagnosis::finding& f, std::size_t index) {
  const auto ink = render::ink_of(f.severity);
  pane_row row{.key = fmt::format("{}|{}|{}", f.id, f.subject.text, f.subject.net_namespace),
               .of = index};
  row.cells.push_back({.text = word_of(f.severity), .ink = ink});
  row.cells.push_back({.text = render::clean(stated(f))});
  row.cells.push_back({.text = f.id, .ink = render::ink::dim});
  return row;
}

pane_row row_of(const limit& l, std::size_t index) {
  pane_row row{.key = "limit|" + l.id, .of = index};
  row.cells.push_back({.text = "limit", .ink = render::ink::dim});
  row.cells.push_back({.text = render::clean(l.text), .ink = render::ink::dim});
  row.cells.push_back({.text = l.id, .ink = render::ink::dim});
  return row;
}

}  // namespace

pane findings_pane(const diagnosis::report& r) {
  pane made{.title = "Findings",
            .columns = {{.title = "", .width = 8},
                        {.title = "WHAT IS WRONG", .wanted = 60},
                        {.title = "FINDING", .width = 28, .droppable = 1}},
            .nothing = "Nothing is wrong.",
            .counted = r.findings.size()};
  made.rows.reserve(r.findings.size() + r.limits.size());
  for (std::size_t i = 0; i < r.findings.size() && i < pane_rows_max; ++i) {
    made.rows.push_back(row_of(r.findings[i], i));
  }
  for (std::size_t i = 0; i < r.limits.size() && i < pane_rows_max; ++i) {
    made.rows.push_back(row_of(r.limits[i], i));
  }
  return made;
}

}  // namespace waitstate::view
