#include "runtimes_page.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "advice/close.h"
#include "advice/ports.h"
#include "advice/runtime_advice.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view opening = R"(# Runtimes

What reports say to programs of each runtime: the same texts, in one place. `waitstate explain java`
prints one section of this page. `./dev docs` writes it from `libs/diagnosis/src/advice/runtime`.

`HOST:PORT` and `PID` stand where a report has the destination and the process that it is about.
)";

/// A paragraph in lines of at most 100 characters.
std::string wrapped(std::string_view text) {
  constexpr std::size_t width = 100;
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    if (column > 0) lines += ' ';
    column += word.size() + (column > 0 ? 1 : 0);
    lines += word;
  }
  return lines + "\n";
}

std::string topic(std::string_view title, const remedy& r) {
  auto page = "\n" + wrapped(fmt::format("**{}.** {}.", title, r.text));
  if (!r.command.empty()) page += fmt::format("\n```\n{}```\n", r.command);
  if (!r.risk.empty()) page += "\n" + wrapped(fmt::format("Mind: {}.", r.risk));
  return page;
}

/// "java"; and as reports call it where that is spelled otherwise: "node, Node.js".
std::string names_of(const runtime_advice& row) {
  const auto called = to_string(row.runtime);
  const auto small = [](unsigned char c) { return std::tolower(c); };
  const bool is_same = std::ranges::equal(row.name, called, {}, small, small);
  return is_same ? std::string(row.name) : fmt::format("{}, {}", row.name, called);
}

std::string section(const runtime_advice& row) {
  const auto r = row.runtime;
  const auto whole = advice_for(r);
  auto page = fmt::format("\n## {}\n", names_of(row));
  page += topic("Keep connections", filled(whole.keep, {}));
  if (!whole.keep_to_cache.text.empty()) {
    page += topic("To a cache", filled(whole.keep_to_cache, {}));
    page += topic("To a database", filled(whole.keep_to_database, {}));
  }
  page += topic("Close", close_on_every_path(r));
  page += topic("Idle connections", evict_idle(r));
  page += topic("As a server", close_in_handlers(r));
  if (!whole.workers.empty()) page += topic("All its workers busy", more_workers(r));
  page += topic("Its threads", show_threads(snapshot{}, r, nullptr));
  page += topic("Bind a source address", bind_without_port(r).front());
  page += topic("A longer accept queue",
                {.text = "Ask for it", .command = fmt::format("{}\n", whole.backlog)});
  return page;
}

}  // namespace

std::string runtimes_page() {
  std::string page(opening);
  for (const bool proxies : {true, false}) {
    page += proxies ? "\n# Proxies and web servers\n" : "\n# Languages\n";
    for (const auto* row : runtime_rows()) {
      if (is_proxy(row->runtime) == proxies) page += section(*row);
    }
  }
  return page;
}

}  // namespace waitstate::diagnosis
