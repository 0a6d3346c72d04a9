#include "facts/pool_line.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

using number = std::optional<std::uint64_t>;

/// More connections, or callers, than any one pool has: a time or an id was read.
constexpr std::uint64_t pool_max = 10'000'000;

/// A library's way to print a pool. Each text but `mark` stands before a number.
struct wording {
  std::string_view mark;  ///< What no other line has.
  std::string_view program;
  std::string_view leased;
  std::string_view idle;
  std::string_view waiting;
  std::string_view size;
  std::string_view more;         ///< What the size may be exceeded by.
  std::string_view name;         ///< Stands before the name, up to a blank or a mark.
  bool size_is_present = false;  ///< Not what there may be.
  bool is_refusal = false;       ///< Printed to a caller that got none.
};

constexpr wording wordings[] = {
    {.mark = "(total=",
     .program = "HikariCP",
     .leased = "active=",
     .idle = "idle=",
     .waiting = "waiting=",
     .size = "(total=",
     .size_is_present = true},
    {.mark = "none available[size:",
     .program = "Tomcat JDBC",
     .leased = "busy:",
     .idle = "idle:",
     .size = "size:",
     .is_refusal = true},
    {.mark = "[managed: ",
     .program = "c3p0",
     .idle = "unused: ",
     .size = "managed: ",
     .size_is_present = true},
    {.mark = "[leased: ",
     .program = "Apache HttpClient",
     .leased = "leased: ",
     .idle = "available: ",
     .waiting = "pending: ",
     .size = "max: "},
    {.mark = "route allocated: ",
     .program = "Apache HttpClient",
     .leased = "route allocated: ",
     .size = " of ",
     .name = "[route: {}->"},
    {.mark = "QueuePool limit of size ",
     .program = "SQLAlchemy",
     .size = "limit of size ",
     .more = "overflow ",
     .is_refusal = true},
    {.mark = "'Max Pool Size' (currently ",
     .program = "Npgsql",
     .size = "'Max Pool Size' (currently ",
     .is_refusal = true},
    {.mark = "maxPoolSize: ", .program = "MongoDB's driver", .size = "maxPoolSize: "},
    {.mark = ", maxActive ",
     .program = "Druid",
     .leased = ", active ",
     .size = ", maxActive ",
     .is_refusal = true},
    {.mark = "Connection pool size: ",
     .program = "urllib3",
     .size = "Connection pool size: ",
     .name = "discarding connection: ",
     .is_refusal = true},
    {.mark = "\"MaxOpenConnections\":",
     .program = "database/sql",
     .leased = "\"InUse\":",
     .idle = "\"Idle\":",
     .size = "\"MaxOpenConnections\":"},
    {.mark = "{MaxOpenConnections:",
     .program = "database/sql",
     .leased = "InUse:",
     .idle = "Idle:",
     .size = "MaxOpenConnections:"},
    {.mark = "Current Checked out connections: ",
     .program = "SQLAlchemy",
     .leased = "Current Checked out connections: ",
     .size = "Pool size: ",
     .more = "Current Overflow: "},
};

number after(std::string_view line, std::string_view marker) {
  if (marker.empty()) return std::nullopt;
  const auto found = number_after(line, marker);
  return found && *found <= pool_max ? found : std::nullopt;
}

/// A word as the text names things: letters, digits and what stands in addresses.
std::string_view name_at(std::string_view text) {
  constexpr std::string_view ends = " \t,;\"'()[]{}<>|";
  constexpr std::size_t name_max = 100;
  return text.substr(0, std::min(text.find_first_of(ends), name_max));
}

/// "HikariPool-1" of "... HikariPool-1 - Connection is not available, ...".
std::string_view name_before_dash(std::string_view line) {
  const auto dash = line.substr(0, line.find("(total=")).rfind(" - ");
  if (dash == std::string_view::npos) return {};
  const auto before = line.substr(0, dash);
  const auto blank = before.find_last_of(" \t:");
  return name_at(before.substr(blank == std::string_view::npos ? 0 : blank + 1));
}

std::string_view name_of(const wording& w, std::string_view line) {
  if (w.program == "HikariCP") return name_before_dash(line);
  if (w.name.empty()) return {};
  const auto at = line.find(w.name);
  auto name =
      at == std::string_view::npos ? std::string_view{} : name_at(line.substr(at + w.name.size()));
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_refusal(const wording& w, std::string_view line) {
  constexpr std::array<std::string_view, 4> words{"timed out", "not available, request",
                                                  "imeout waiting", "checkout"};
  return w.is_refusal ||
         std::ranges::any_of(words, [&](std::string_view word) { return line.contains(word); });
}

enum class gauge : std::uint8_t { leased, idle, waiting, size };

/// A metric by the end of its name, since exporters put namespaces before it.
struct metric {
  std::string_view name;
  std::string_view program;
  gauge which;
  std::string_view label = {};  ///< What its labels have to hold.
  bool of_workers = false;
};

constexpr metric metrics[] = {
    {"hikaricp_connections_active", "HikariCP", gauge::leased},
    {"hikaricp_connections_idle", "HikariCP", gauge::idle},
    {"hikaricp_connections_pending", "HikariCP", gauge::waiting},
    {"hikaricp_connections_max", "HikariCP", gauge::size},
    {"jdbc_connections_active", "JDBC", gauge::leased},
    {"jdbc_connections_idle", "JDBC", gauge::idle},
    {"jdbc_connections_max", "JDBC", gauge::size},
    {"go_sql_in_use_connections", "database/sql", gauge::leased},
    {"go_sql_idle_connections", "database/sql", gauge::idle},
    {"go_sql_max_open_connections", "database/sql", gauge::size},
    {"httpclient_pool_total_connections", "Apache HttpClient", gauge::leased, "state=\"leased\""},
    {"httpclient_pool_total_connections", "Apache HttpClient", gauge::idle, "state=\"available\""},
    {"httpclient_pool_total_pending", "Apache HttpClient", gauge::waiting},
    {"httpclient_pool_total_max", "Apache HttpClient", gauge::size},
    {"connection_provider_active_connections", "Reactor Netty", gauge::leased},
    {"connection_provider_idle_connections", "Reactor Netty", gauge::idle},
    {"connection_provider_pending_connections", "Reactor Netty", gauge::waiting},
    {"connection_provider_max_connections", "Reactor Netty", gauge::size},
    {"r2dbc_pool_acquired_connections", "R2DBC", gauge::leased},
    {"r2dbc_pool_idle_connections", "R2DBC", gauge::idle},
    {"r2dbc_pool_pending_connections", "R2DBC", gauge::waiting},
    {"r2dbc_pool_max_allocated_connections", "R2DBC", gauge::size},
    {"db_client_connection_count", "OpenTelemetry", gauge::leased, "\"used\""},
    {"db_client_connections_usage", "OpenTelemetry", gauge::leased, "\"used\""},
    {"db_client_connection_pending_requests", "OpenTelemetry", gauge::waiting},
    {"db_client_connections_pending_requests", "OpenTelemetry", gauge::waiting},
    {"db_client_connection_max", "OpenTelemetry", gauge::size},
    {"db_client_connections_max", "OpenTelemetry", gauge::size},
    {"pgbouncer_pools_server_active_connections", "PgBouncer", gauge::leased},
    {"pgbouncer_pools_server_idle_connections", "PgBouncer", gauge::idle},
    {"pgbouncer_pools_client_waiting_connections", "PgBouncer", gauge::waiting},
    {"pgbouncer_databases_pool_size", "PgBouncer", gauge::size},
    {"haproxy_server_current_sessions", "HAProxy", gauge::leased},
    {"haproxy_server_current_queue", "HAProxy", gauge::waiting},
    {"haproxy_server_limit_sessions", "HAProxy", gauge::size},
    {"tomcat_threads_busy_threads", "Tomcat", gauge::leased, {}, true},
    {"tomcat_threads_config_max_threads", "Tomcat", gauge::size, {}, true},
    {"jetty_threads_busy", "Jetty", gauge::leased, {}, true},
    {"jetty_threads_config_max", "Jetty", gauge::size, {}, true},
    // JMX.
    {"ActiveConnections", "HikariCP", gauge::leased},
    {"IdleConnections", "HikariCP", gauge::idle},
    {"ThreadsAwaitingConnection", "HikariCP", gauge::waiting},
    {"MaximumPoolSize", "HikariCP", gauge::size},
    {"NumActive", "DBCP", gauge::leased},
    {"NumIdle", "DBCP", gauge::idle},
    {"NumWaiters", "DBCP", gauge::waiting},
    {"MaxTotal", "DBCP", gauge::size},
    {"numBusyConnections", "c3p0", gauge::leased},
    {"numIdleConnections", "c3p0", gauge::idle},
    {"numThreadsAwaitingCheckoutDefaultUser", "c3p0", gauge::waiting},
    {"maxPoolSize", "c3p0", gauge::size},
    {"currentThreadsBusy", "Tomcat", gauge::leased, {}, true},
    {"maxThreads", "Tomcat", gauge::size, {}, true},
};

connection_pool with(const metric& m, std::uint64_t value) {
  connection_pool pool{.program = std::string(m.program), .of_workers = m.of_workers};
  switch (m.which) {
    case gauge::leased: pool.leased = value; break;
    case gauge::idle: pool.idle = value; break;
    case gauge::waiting: pool.waiting = value; break;
    case gauge::size: pool.size = value; break;
  }
  return pool;
}

/// A gauge: "10", "10.0", "1.0E1" is none that a pool has.
number gauge_value(std::string_view text) {
  const auto value = leading_number(text);
  if (!value || *value > pool_max) return std::nullopt;
  auto rest = text.substr(text.find_first_not_of("0123456789") == std::string_view::npos
                              ? text.size()
                              : text.find_first_not_of("0123456789"));
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    while (rest.starts_with('0')) rest.remove_prefix(1);
  }
  // A time stamp may follow, and what ends a value in JSON and JMX.
  const bool ends =
      rest.empty() || rest[0] == ' ' || rest[0] == ';' || rest[0] == '}' || rest[0] == ',';
  return ends ? value : std::nullopt;
}

std::optional<connection_pool> pool_of(std::string_view name, std::string_view labels,
                                       std::string_view value_text) {
  const auto value = gauge_value(trimmed(value_text));
  if (!value) return std::nullopt;
  for (const auto& m : metrics) {
    if (!name.ends_with(m.name) || !labels.contains(m.label)) continue;
    const auto before = name.size() - m.name.size();
    if (before > 0 && name[before - 1] != '_') continue;
    auto pool = with(m, *value);
    for (const std::string_view key : {"pool=\"", "name=\"", "pool_name=\"", "db_name=\"",
                                       "httpclient=\"", "server=\"", "id=\"", "database=\""}) {
      const auto at = labels.find(key);
      if (at == std::string_view::npos) continue;
      pool.name = name_at(labels.substr(at + key.size()));
      break;
    }
    return pool;
  }
  return std::nullopt;
}

/// {"name":"hikaricp.connections.active", ... "value":10.0 ... "tag":"pool","values":["main"] ...}
std::optional<connection_pool> actuator_metric(std::string_view line) {
  constexpr std::string_view opening = "{\"name\":\"";
  constexpr std::string_view value_key = "\"value\":";
  if (!line.starts_with(opening)) return std::nullopt;
  const auto rest = line.substr(opening.size());
  std::string name(rest.substr(0, rest.find('"')));
  constexpr std::size_t name_max = 100;
  const auto at = rest.find(value_key);
  if (name.size() > name_max || at == std::string_view::npos) return std::nullopt;
  std::ranges::replace(name, '.', '_');
  auto pool = pool_of(name, {}, rest.substr(at + value_key.size()));
  constexpr std::string_view tag = "\"tag\":\"pool\",\"values\":[\"";
  const auto tagged = rest.find(tag);
  if (pool && tagged != std::string_view::npos)
    pool->name = name_at(rest.substr(tagged + tag.size()));
  return pool;
}

}  // namespace

std::optional<connection_pool> read_pool_line(std::string_view line) {
  for (const auto& w : wordings) {
    if (!line.contains(w.mark)) continue;
    connection_pool pool{.program = std::string(w.program),
                         .name = std::string(name_of(w, line)),
                         .leased = after(line, w.leased),
                         .idle = after(line, w.idle),
                         .waiting = after(line, w.waiting),
                         .size = after(line, w.size)};
    if (!pool.size) continue;
    *pool.size += after(line, w.more).value_or(0);
    pool.refused = is_refusal(w, line) ? 1 : 0;
    if (!w.leased.empty() && !pool.leased) continue;
    if (!pool.leased && pool.idle) pool.leased = *pool.size - std::min(*pool.size, *pool.idle);
    if (!pool.leased && pool.refused > 0) pool.leased = pool.size;
    if (!pool.leased) continue;
    const bool wants_more = pool.refused > 0 || pool.waiting.value_or(0) > 0;
    if (w.size_is_present && !wants_more) pool.size.reset();
    return pool;
  }
  return std::nullopt;
}

std::optional<connection_pool> read_pool_metric(std::string_view line) {
  const auto text = trimmed(line);
  if (text.starts_with('{')) return actuator_metric(text);
  if (text.empty() || !is_letter(text[0])) return std::nullopt;
  const auto end = text.find_first_of("{ =:\t");
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = text.substr(0, end);
  if (text[end] == '{') {
    const auto close = text.rfind('}');
    if (close == std::string_view::npos || close < end) return std::nullopt;
    return pool_of(name, text.substr(end, close - end), text.substr(close + 1));
  }
  // JMX: "Key = 10;", "Key: 10"; Prometheus: "name 10.0".
  auto value = trimmed(text.substr(end));
  const bool of_jmx = value.starts_with('=') || value.starts_with(':');
  const bool of_prometheus = name.contains('_');
  if (!of_jmx && !of_prometheus) return std::nullopt;
  if (of_jmx) value.remove_prefix(1);
  return pool_of(name, {}, value);
}

}  // namespace waitstate::paste
