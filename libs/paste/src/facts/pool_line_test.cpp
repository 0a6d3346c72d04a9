#include "facts/pool_line.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using number = std::optional<std::uint64_t>;
constexpr auto none = std::nullopt;

TEST(pool_line, libraries_print_their_pools_each_in_its_way) {
  struct row {
    std::string_view line, program, name;
    number leased, idle, waiting, size;
    std::uint64_t refused;
  };
  const row rows[] = {
      {"2024-05-01 DEBUG c.z.h.p.HikariPool - HikariPool-1 - Pool stats (total=10, active=10, "
       "idle=0, "
       "waiting=23)",
       "HikariCP", "HikariPool-1", 10, 0, 23, 10, 0},
      {"HikariPool-1 - Pool stats (total=10, active=10, idle=0, waiting=0)", "HikariCP",
       "HikariPool-1", 10, 0, 0, none, 0},
      {"java.sql.SQLTransientConnectionException: orders-Pool - Connection is not available, "
       "request "
       "timed out after 30000ms (total=10, active=10, idle=0, waiting=5)",
       "HikariCP", "orders-Pool", 10, 0, 5, 10, 1},
      {"[http-8080-exec-3] Timeout: Pool empty. Unable to fetch a connection in 30 seconds, none "
       "available[size:100; busy:100; idle:0; lastwait:30000].",
       "Tomcat JDBC", "", 100, 0, none, 100, 1},
      {"com.mchange.v2.resourcepool.BasicResourcePool@1c [managed: 15, unused: 0, excluded: 0] "
       "checkout "
       "has timed out",
       "c3p0", "", 15, 0, none, 15, 1},
      {"PoolStats [leased: 20; pending: 5; available: 0; max: 20]", "Apache HttpClient", "", 20, 0,
       5, 20, 0},
      {"Connection request: [route: {}->http://api.internal:80][total available: 0; route "
       "allocated: 20 of "
       "20; total allocated: 20 of 200]",
       "Apache HttpClient", "http://api.internal:80", 20, none, none, 20, 0},
      {"sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection "
       "timed "
       "out, timeout 30.00",
       "SQLAlchemy", "", 15, none, none, 15, 1},
      {"Npgsql.NpgsqlException: The connection pool has been exhausted, either raise 'Max Pool "
       "Size' "
       "(currently 100) or 'Timeout' (currently 15 seconds)",
       "Npgsql", "", 100, none, none, 100, 1},
      {"WARNING:urllib3.connectionpool:Connection pool is full, discarding connection: "
       "api.internal. "
       "Connection pool size: 10",
       "urllib3", "api.internal", 10, none, none, 10, 1},
      {R"({"MaxOpenConnections":10,"OpenConnections":10,"InUse":10,"Idle":0,"WaitCount":77})",
       "database/sql", "", 10, 0, none, 10, 0},
      {"{MaxOpenConnections:10 OpenConnections:10 InUse:4 Idle:6 WaitCount:0}", "database/sql", "",
       4, 6, none, 10, 0},
      {"GetConnectionTimeoutException: wait millis 60000, active 20, maxActive 20, creating 0",
       "Druid", "", 20, none, none, 20, 1},
  };
  for (const auto& r : rows) {
    const auto pool = read_pool_line(r.line);
    ASSERT_TRUE(pool) << r.line;
    EXPECT_EQ(*pool, (connection_pool{.program = std::string(r.program),
                                      .name = std::string(r.name),
                                      .leased = r.leased,
                                      .idle = r.idle,
                                      .waiting = r.waiting,
                                      .size = r.size,
                                      .refused = r.refused}))
        << r.line;
  }
}

TEST(pool_line, metrics_are_a_number_each) {
  struct row {
    std::string_view line, program, name;
    number connection_pool::* field;
    std::uint64_t value;
  };
  using p = connection_pool;
  const row rows[] = {
      {R"(hikaricp_connections_active{pool="HikariPool-1",} 10.0)", "HikariCP", "HikariPool-1",
       &p::leased, 10},
      {R"(app_hikaricp_connections_max{pool="main"} 10)", "HikariCP", "main", &p::size, 10},
      {R"(hikaricp_connections_pending{pool="main"} 7.0 1714550000000)", "HikariCP", "main",
       &p::waiting, 7},
      {R"(go_sql_in_use_connections{db_name="orders"} 25)", "database/sql", "orders", &p::leased,
       25},
      {R"(httpcomponents_httpclient_pool_total_connections{httpclient="api",state="leased",} 20.0)",
       "Apache HttpClient", "api", &p::leased, 20},
      {R"({"name":"hikaricp.connections.active","measurements":[{"statistic":"VALUE","value":10.0}],"availableTags":[{"tag":"pool","values":["HikariPool-1"]}]})",
       "HikariCP", "HikariPool-1", &p::leased, 10},
      {"ThreadsAwaitingConnection = 5;", "HikariCP", "", &p::waiting, 5},
      {"NumActive: 8", "DBCP", "", &p::leased, 8},
      {R"(haproxy_server_current_sessions{proxy="app",server="srv1"} 30)", "HAProxy", "srv1",
       &p::leased, 30},
      {"tomcat_threads_busy_threads{name=\"http-nio-8080\",} 200.0", "Tomcat", "http-nio-8080",
       &p::leased, 200},
  };
  for (const auto& r : rows) {
    const auto pool = read_pool_metric(r.line);
    ASSERT_TRUE(pool) << r.line;
    EXPECT_EQ(pool->program, r.program) << r.line;
    EXPECT_EQ(pool->name, r.name) << r.line;
    EXPECT_EQ((*pool).*r.field, r.value) << r.line;
  }
}

TEST(pool_line, is_none_elsewhere) {
  for (const std::string_view line :
       {"", "# HELP hikaricp_connections_active Active connections", "hikaricp_connections_active",
        "hikaricp_connections_usage_seconds_max{pool=\"a\"} 0.3",
        "hikaricp_connections_max{pool=\"a\"} 1E9", "maxThreads is too low",
        "ActiveConnections are 12", "(total=12)", "{\"name\":\"x\"}",
        "tcp 0 0 10.0.0.1:80 10.0.0.2:4000 ESTABLISHED",
        "hikaricp_connections_active{pool=\"a\"} 0.5"}) {
    EXPECT_EQ(read_pool_line(line), none) << line;
    EXPECT_EQ(read_pool_metric(line), none) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
