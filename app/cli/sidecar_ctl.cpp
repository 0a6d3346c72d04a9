#include "app/cli/sidecar_ctl.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "waitstate/base/duration.h"
#include "waitstate/base/spelling.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/table.h"
#include "waitstate/sidecar/admin_client.h"

namespace waitstate::cli {
namespace {

using nlohmann::json;
using render::table_column;

/// A column: its title, and the text of a row, which is one object of the status.
struct shown_column {
  table_column how;
  std::function<std::string(const json&)> text;
};

std::string number(const json& of, std::string_view key) {
  const auto found = of.find(key);
  return found == of.end() || !found->is_number() ? "-" : grouped(found->get<std::uint64_t>());
}

std::string text(const json& of, std::string_view key) {
  const auto found = of.find(key);
  if (found == of.end() || !found->is_string()) return "-";
  auto value = found->get<std::string>();
  return value.empty() ? "-" : value;
}

std::string time(const json& of, std::string_view key) {
  const auto found = of.find(key);
  if (found == of.end() || !found->is_number()) return "-";
  return elapsed(std::chrono::milliseconds(std::llround(found->get<double>() * 1'000)));
}

shown_column words(std::string_view title, std::string_view key) {
  return {{.title = title, .narrowest = 8}, [key](const json& row) { return text(row, key); }};
}

shown_column numbers(std::string_view title, std::string_view key, int droppable = 0) {
  return {{.title = title, .numeric = true, .droppable = droppable},
          [key](const json& row) { return number(row, key); }};
}

shown_column times(std::string_view title, std::string_view key) {
  return {{.title = title, .numeric = true, .droppable = 1},
          [key](const json& row) { return time(row, key); }};
}

shown_column counts(std::string_view title, std::string_view key) {
  return {{.title = title, .numeric = true},
          [key](const json& row) { return number(row.at("counts"), key); }};
}

std::string joined(const json& texts) {
  std::string all;
  for (const auto& one : texts) all += (all.empty() ? "" : ", ") + one.get<std::string>();
  return all;
}

std::string health(const json& server) {
  if (server.value("taken_out", false)) return "taken out";
  if (server.value("leaving", false)) return "leaving";
  return text(server, "health");
}

std::string client_of(const json& client) {
  const auto pid = client.value("pid", std::int64_t{0});
  return pid > 0 ? fmt::format("pid {}", pid) : fmt::format("port {}", number(client, "port"));
}

std::string what_of(const json& client) {
  const auto pinned = text(client, "pinned");
  if (pinned != "-") return "holds " + pinned;
  return client.value("idle", false) ? "idle" : "asks";
}

void print(const std::vector<json>& rows, const std::vector<shown_column>& columns) {
  render::table t;
  for (const auto& column : columns) {
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    for (const auto& row : rows) texts.push_back(column.text(row));
    t.add(column.how, std::move(texts));
  }
  const auto on = stdout_terminal();
  t.fit(on.width);
  write_out(on.colour ? render::ansi_text(t.lines()) : render::plain_text(t.lines()));
}

/// The objects in a list of each route, with the route's name.
std::vector<json> rows_of(const json& status, const std::string& list) {
  std::vector<json> rows;
  for (const auto& route : status.at("routes")) {
    for (auto row : route.at(list)) {
      row["route"] = route.at("route");
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void print_routes(const json& status) {
  print(status.at("routes").get<std::vector<json>>(),
        {words("ROUTE", "route"),
         words("PROTOCOL", "protocol"),
         {{.title = "LISTENS ON", .narrowest = 12},
          [](const json& row) { return joined(row.at("listen")); }},
         {{.title = "CLIENTS", .numeric = true},
          [](const json& row) { return grouped(row.at("clients").size()); }},
         numbers("ACCEPTED", "accepted", 1),
         counts("REQUESTS", "http_requests_total"),
         counts("REUSED", "http_requests_over_reused_total"),
         counts("OWN ERRORS", "http_own_responses_total")});
}

void print_servers(const json& status) {
  print(rows_of(status, "servers"), {words("ROUTE", "route"),
                                     words("SERVER", "server"),
                                     {{.title = "IS"}, health},
                                     numbers("IDLE", "idle"),
                                     numbers("LEASED", "leased"),
                                     numbers("WAIT", "waiting", 1),
                                     numbers("OPENED", "opened"),
                                     numbers("CLOSED BY IT", "closed_by_server", 2),
                                     numbers("PORTS LEFT", "ports_left", 3),
                                     times("IDLE LIMIT", "idle_limit_learned")});
}

void print_clients(const json& status) {
  print(rows_of(status, "clients"), {words("ROUTE", "route"),
                                     {{.title = "CLIENT"}, client_of},
                                     times("AGE", "age"),
                                     numbers("REQUESTS", "requests"),
                                     {{.title = "NOW", .narrowest = 8}, what_of}});
}

void print_leases(const json& status) {
  print(rows_of(status, "leases"),
        {words("ROUTE", "route"), words("SERVER", "server"), times("OUT FOR", "out_for"),
         times("LAST BYTE", "last_byte_ago")});
}

/// Why connections to servers were opened.
void print_openings(const json& status) {
  std::vector<json> rows;
  for (const auto& route : status.at("routes")) {
    const auto& all = route.at("counts");
    const auto found = all.find("connections_opened_total");
    if (found == all.end()) continue;
    for (const auto& [reason, count] : found->items()) {
      rows.push_back({{"route", route.at("route")}, {"reason", reason}, {"count", count}});
    }
  }
  print(rows,
        {words("ROUTE", "route"), words("OPENED BECAUSE", "reason"), numbers("TIMES", "count")});
}

struct view {
  std::string_view name;
  void (*print)(const json&);
};

constexpr std::array views{
    view{.name = "routes", .print = print_routes}, view{.name = "servers", .print = print_servers},
    view{.name = "clients", .print = print_clients}, view{.name = "leases", .print = print_leases},
    view{.name = "openings", .print = print_openings}};
constexpr std::array<std::string_view, 3> orders{"drain", "kill", "ready"};

failure unknown(const std::string& word) {
  const std::vector<std::string> known{"routes",  "servers", "clients", "leases", "openings",
                                       "metrics", "drain",   "kill",    "ready",  "reload"};
  const auto nearest = nearest_word(word, known);
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("ctl: there is no '{}'", quotable(word)),
                  .hint = nearest.empty() ? fmt::format("{}", fmt::join(known, ", "))
                                          : fmt::format("did you mean {}?", nearest)});
}

result<int> print_answer(result<std::string> said) {
  if (!said) return failure(in_step("ctl", std::move(said).error()));
  write_out(*said);
  return done;
}

}  // namespace

result<int> run_sidecar_ctl(const std::string& admin, const std::vector<std::string>& words_typed,
                            bool as_json) {
  const std::string what = words_typed.empty() ? "routes" : words_typed.front();
  if (what == "metrics") return print_answer(sidecar::ask_admin(admin, "GET", "/metrics"));
  if (what == "reload") return print_answer(sidecar::ask_admin(admin, "POST", "/reload"));
  if (std::ranges::find(orders, what) != orders.end()) {
    if (words_typed.size() != 3) {
      return failure({.code = errc::invalid_input,
                      .what = fmt::format("ctl: {} of which server", what),
                      .hint = fmt::format("waitstate sidecar ctl {} ROUTE SERVER", what)});
    }
    const json asked{{"route", words_typed[1]}, {"server", words_typed[2]}, {"order", what}};
    constexpr auto on_bad_utf8 = json::error_handler_t::replace;
    return print_answer(
        sidecar::ask_admin(admin, "POST", "/servers", asked.dump(-1, ' ', false, on_bad_utf8)));
  }
  const auto* const found = std::ranges::find(views, what, &view::name);
  if (found == views.end()) return unknown(what);
  auto said = sidecar::ask_admin(admin, "GET", "/status");
  if (!said || as_json) return print_answer(std::move(said));
  const auto status = json::parse(*said, nullptr, false);
  if (status.is_discarded()) {
    return failure({.code = errc::corrupt, .what = "ctl: the answer is no JSON", .hint = {}});
  }
  found->print(status);
  return done;
}

}  // namespace waitstate::cli
