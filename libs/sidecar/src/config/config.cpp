#include "waitstate/sidecar/config.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/addresses.h"
#include "config/protocol_tables.h"
#include "waitstate/base/names.h"
#include "waitstate/base/words.h"
#include "waitstate/config/toml_document.h"
#include "waitstate/config/toml_table.h"
#include "waitstate/config/trusted_file.h"

namespace waitstate::sidecar {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using waitstate::config::bounds;
using waitstate::config::toml_table;

constexpr std::array<std::string_view, 6> config_keys{"route",  "threads",    "admin",
                                                      "status", "access_log", "drain_time_max"};
constexpr std::array<std::string_view, 21> route_keys{"name",
                                                      "listen",
                                                      "to",
                                                      "tls",
                                                      "redis",
                                                      "thrift",
                                                      "connections_max",
                                                      "clients_max",
                                                      "queue_max",
                                                      "idle_time_max",
                                                      "lifetime_max",
                                                      "requests_max",
                                                      "connect_time_max",
                                                      "time_max",
                                                      "client_idle_max",
                                                      "pinned_idle_max",
                                                      "attempts_max",
                                                      "balance",
                                                      "source_addresses",
                                                      "explain",
                                                      "host"};
constexpr std::array<std::string_view, 3> balance_names{"least-loaded", "latency", "round-robin"};

constexpr std::string_view first_route = R"([[route]] name = "api" listen = "127.0.0.1:8080" )"
                                         R"(to = "http://10.0.0.5:80")";
constexpr std::size_t name_max = 64;
constexpr std::uint32_t threads_max = 64;

/// A number with bounds, into a field that has a default.
template <class Number>
result<> take_number(const toml_table& t, std::string_view key, Number& into, bounds within) {
  std::optional<std::uint64_t> read;
  auto taken = t.take(key, read, within);
  if (read) into = static_cast<Number>(*read);
  return taken;
}

result<> take_time(const toml_table& t, std::string_view key, milliseconds& into, milliseconds low,
                   milliseconds high) {
  std::optional<milliseconds> read;
  auto taken = t.take(key, read, low, high);
  if (read) into = *read;
  return taken;
}

/// "a", or ["a", "b"].
result<std::vector<std::string>> one_or_several(const toml_table& t, std::string_view key) {
  std::string one;
  if (t.take(key, one)) {
    if (one.empty()) return std::vector<std::string>{};
    return std::vector<std::string>{std::move(one)};
  }
  std::vector<std::string> several;
  if (!t.take(key, several)) {
    return t.wrong(key, fmt::format("{} is neither a text nor a list of texts", key),
                   fmt::format(R"({} = "...")", key));
  }
  return several;
}

result<> read_name(const toml_table& t, route& r) {
  auto read = t.take("name", r.name);
  if (!read) return read;
  const bool is_plain = std::ranges::all_of(r.name, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (!r.name.empty() && r.name.size() <= name_max && is_plain) return {};
  return t.wrong(
      "name",
      fmt::format("a route needs a name of letters, digits, '-', '_' and '.', at most {}",
                  name_max),
      R"(name = "api")");
}

result<> read_fronts(const toml_table& t, route& r) {
  const auto words = one_or_several(t, "listen");
  if (!words) return failure(words.error());
  if (words->empty()) {
    return t.wrong("listen", "a route has an address where clients connect",
                   R"(listen = "127.0.0.1:8080")");
  }
  for (const auto& word : *words) {
    auto front = parse_front(word);
    if (!front) return t.wrong("listen", front.error().what, front.error().hint);
    r.listen.push_back(*std::move(front));
  }
  return {};
}

result<> read_servers(const toml_table& t, route& r) {
  const auto words = one_or_several(t, "to");
  if (!words) return failure(words.error());
  if (words->empty()) {
    return t.wrong("to", "a route has servers", R"(to = "http://10.0.0.5:80")");
  }
  for (const auto& word : *words) {
    auto added = add_upstream(word, &word == words->data(), r);
    if (!added) return t.wrong("to", added.error().what, added.error().hint);
  }
  return {};
}

result<> read_balance(const toml_table& t, route& r) {
  std::string name;
  auto read = t.take("balance", name);
  if (!read || name.empty()) return read;
  const auto found = std::ranges::find(balance_names, name);
  if (found == balance_names.end()) {
    return t.wrong("balance", fmt::format("there is no balance '{}'", quotable(name)),
                   fmt::format("{}", fmt::join(balance_names, ", ")));
  }
  constexpr std::array policies{client::balance_policy::p2c_least_loaded,
                                client::balance_policy::p2c_peak_ewma,
                                client::balance_policy::round_robin};
  r.balance = policies.at(static_cast<std::size_t>(found - balance_names.begin()));
  return {};
}

result<> read_host(const toml_table& t, route& r) {
  auto read = t.take("host", r.host);
  if (!read) return read;
  const bool is_plain =
      std::ranges::all_of(r.host, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (is_plain && (r.host.empty() || r.speaks == protocol::http)) return {};
  return t.wrong("host", "it is no name, or the route is none of HTTP", R"(host = "api.example")");
}

result<> read_limits(const toml_table& t, route& r) {
  constexpr auto day = milliseconds(24h);
  return take_number(t, "connections_max", r.connections_max, {.low = 1, .high = 65'536})
      .and_then([&] {
        return take_number(t, "clients_max", r.clients_max, {.low = 1, .high = 1'000'000});
      })
      .and_then(
          [&] { return take_number(t, "queue_max", r.queue_max, {.low = 0, .high = 65'536}); })
      .and_then([&] {
        return take_number(t, "requests_max", r.requests_max, {.low = 0, .high = 1'000'000'000});
      })
      .and_then(
          [&] { return take_number(t, "attempts_max", r.attempts_max, {.low = 1, .high = 10}); })
      .and_then([&] { return take_time(t, "idle_time_max", r.idle_time_max, 0ms, day); })
      .and_then([&] { return take_time(t, "lifetime_max", r.lifetime_max, 0ms, 30 * day); })
      .and_then([&] { return take_time(t, "connect_time_max", r.connect_time_max, 1ms, 5min); })
      .and_then([&] { return take_time(t, "time_max", r.time_max, 1ms, day); })
      .and_then([&] { return take_time(t, "client_idle_max", r.client_idle_max, 100ms, day); })
      .and_then([&] { return take_time(t, "pinned_idle_max", r.pinned_idle_max, 0ms, day); });
}

result<route> read_route(const toml_table& t) {
  route r;
  auto read = t.knows_only(route_keys)
                  .and_then([&] { return read_name(t, r); })
                  .and_then([&] { return read_fronts(t, r); })
                  .and_then([&] { return read_servers(t, r); })
                  .and_then([&] { return read_tls(t, r); })
                  .and_then([&] { return read_redis(t, r); })
                  .and_then([&] { return read_thrift(t, r); })
                  .and_then([&] { return read_balance(t, r); })
                  .and_then([&] { return read_limits(t, r); })
                  .and_then([&] { return t.take("source_addresses", r.source_addresses); })
                  .and_then([&] { return t.take("explain", r.explain); })
                  .and_then([&] { return read_host(t, r); });
  if (!read) return failure(std::move(read).error());
  return r;
}

/// Each front and each name once.
result<> check_apart(const toml_table& one, const route& r, const config& before) {
  for (const auto& other : before.routes) {
    if (other.name == r.name) {
      return one.wrong("name", fmt::format("there is another route '{}'", r.name),
                       "what is counted of a route goes by its name");
    }
    for (const auto& front : r.listen) {
      if (std::ranges::find(other.listen, front) == other.listen.end()) continue;
      return one.wrong("listen",
                       fmt::format("route '{}' listens on {}, too", other.name, to_string(front)),
                       "a route for each address");
    }
  }
  return {};
}

result<> read_status(const toml_table& t, config& c) {
  std::string text;
  auto read = t.take("status", text);
  if (!read || text.empty()) return read;
  auto front = parse_front(text);
  if (!front) return t.wrong("status", front.error().what, front.error().hint);
  if (!front->inherited.empty() || front->at.is_unix()) {
    return t.wrong("status", "it is no address of this host", R"(status = "127.0.0.1:9901")");
  }
  c.status = std::move(front->at);
  return {};
}

}  // namespace

std::string_view to_string(protocol p) {
  switch (p) {
    case protocol::http: return "http";
    case protocol::redis: return "redis";
    case protocol::thrift: return "thrift";
    case protocol::tcp: return "tcp";
  }
  return "http";
}

std::string to_string(const front_address& front) {
  return front.inherited.empty() ? client::to_string(front.at) : "systemd:" + front.inherited;
}

result<config> parse_config(std::string_view text) {
  const auto document = waitstate::config::parse_toml(text, config_bytes_max, "docs/sidecar.md");
  if (!document) return failure(document.error());
  const toml_table t(*document);
  config c;
  auto read =
      t.knows_only(config_keys)
          .and_then(
              [&] { return take_number(t, "threads", c.threads, {.low = 1, .high = threads_max}); })
          .and_then([&] { return t.take("admin", c.admin); })
          .and_then([&] { return read_status(t, c); })
          .and_then([&] { return t.take("access_log", c.access_log); })
          .and_then([&] { return take_time(t, "drain_time_max", c.drain_time_max, 0ms, 1h); });
  if (!read) return failure(std::move(read).error());
  const auto routes = t.tables("route");
  if (!routes) return failure(routes.error());
  if (routes->empty() || routes->size() > config::routes_max) {
    return t.wrong("route", fmt::format("there are from 1 to {} routes", config::routes_max),
                   std::string(first_route));
  }
  c.routes.reserve(routes->size());
  for (const auto& one : *routes) {
    auto r = read_route(one);
    if (!r) return failure(std::move(r).error());
    if (auto apart = check_apart(one, *r, c); !apart) return failure(std::move(apart).error());
    c.routes.push_back(*std::move(r));
  }
  return c;
}

result<config> read_config(const std::string& path) {
  auto text = waitstate::config::read_trusted_file(path, config_bytes_max);
  if (!text) {
    auto e = std::move(text).error();
    if (e.hint.empty()) e.hint = "--listen 127.0.0.1:8080 --to http://HOST:PORT needs no file";
    return failure(std::move(e));
  }
  auto read = parse_config(*text);
  if (!read) return failure(in_step(fmt::format("'{}'", path), std::move(read).error()));
  return read;
}

result<config> single_route(std::string_view listen, const std::vector<std::string>& to) {
  route r;
  auto front = parse_front(listen);
  if (!front) return failure(in_step("--listen", std::move(front).error()));
  r.listen.push_back(*std::move(front));
  for (const auto& word : to) {
    auto added = add_upstream(word, &word == to.data(), r);
    if (!added) return failure(in_step("--to", std::move(added).error()));
  }
  r.name = to_string(r.speaks);
  config c;
  c.routes.push_back(std::move(r));
  return c;
}

}  // namespace waitstate::sidecar
