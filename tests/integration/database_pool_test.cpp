// handle_pool over libpq and libmariadb, against Debian's PostgreSQL and MariaDB.
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "examples/mariadb_handles.h"
#include "examples/postgres_handles.h"
#include "test_io.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

/// How many connections to a port of 127.0.0.1 are in a state, as /proc/net/tcp names it.
int connections_in(std::string_view state, std::uint16_t port) {
  std::ifstream table("/proc/net/tcp");
  const auto peer = fmt::format(" 0100007F:{:04X} {} ", port, state);
  int count = 0;
  for (std::string line; std::getline(table, line);) count += line.find(peer) != line.npos ? 1 : 0;
  return count;
}
constexpr std::string_view time_wait = "06";
constexpr std::string_view close_wait = "08";

class postgres_pool : public testing::Test {
 protected:
  void SetUp() override {
    // It refuses to run as root.
    const auto data = folder_.path() / "data";
    const auto as = std::string("setpriv --reuid=postgres --regid=postgres --clear-groups ");
    const auto command = fmt::format(
        "chmod 755 {0} && mkdir {1} && chown postgres {1} && cd / && {2} {3}/initdb -D {1} "
        "-A trust -U postgres --no-sync >{0}/initdb.log 2>&1",
        folder_.path().string(), data.string(), as, programs);
    ASSERT_EQ(std::system(command.c_str()), 0);
    start();
  }
  void start() {
    const auto data = (folder_.path() / "data").string();
    server_.emplace(std::vector<std::string>{"setpriv", "--reuid=postgres", "--regid=postgres",
                                             "--clear-groups", std::string(programs) + "/postgres",
                                             "-D", data, "-k", data, "-p", std::to_string(port_),
                                             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"},
                    folder_.path());
    ASSERT_TRUE(wait_for_port(port_));
    ASSERT_TRUE(soon([&] { return !ask(open(), "SELECT 1").empty(); }));
  }

  [[nodiscard]] std::string how() const {
    return fmt::format("host=127.0.0.1 port={} user=postgres dbname=postgres", port_);
  }
  [[nodiscard]] handle_pool<PGconn*> open(pool_limits limits = {},
                                          reclaim_policy reclaim = {}) const {
    return {postgres_handles(how()),
            {.to = {"127.0.0.1", port_}, .limits = limits, .reclaim = reclaim}};
  }

  /// The first value; empty when it failed.
  static std::string ask_over(PGconn* over, const std::string& query) {
    auto* const answer = PQexec(over, query.c_str());
    std::string first;
    if (PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) > 0) {
      first = PQgetvalue(answer, 0, 0);
    }
    PQclear(answer);
    return first;
  }
  static std::string ask(const handle_pool<PGconn*>& database, const std::string& query) {
    const auto over = database.acquire(5s);
    return over ? ask_over(**over, query) : "";
  }

  static constexpr const char* programs = "/usr/lib/postgresql/15/bin";
  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  std::optional<server_process> server_;
};

TEST_F(postgres_pool, answers_many_queries_over_few_connections) {
  const auto before = connections_in(time_wait, port_);
  const auto command = fmt::format("{} '{}' 16 100", WAITSTATE_EXAMPLE_POSTGRES_POOL, how());
  auto* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 256> bytes{};
  const std::string output(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), pipe));
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(output, "1600 queries, 4 connections\n");
  EXPECT_LE(connections_in(time_wait, port_) - before, 4) << "and not one for each query";
}

TEST_F(postgres_pool, rolls_back_what_was_left_open_and_closes_what_is_in_the_middle) {
  const auto database = open({.connections_max = 1});
  {
    const auto over = database.acquire(5s).value();
    ask_over(*over, "CREATE TABLE t (n int)");
    ask_over(*over, "BEGIN");
    ask_over(*over, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(ask_over(*over, "SELECT count(*) FROM t"), "1");
  }
  EXPECT_EQ(ask(database, "SELECT count(*) FROM t"), "0");
  EXPECT_EQ(database.metrics().counts.dials, 1U) << "the connection was kept";
  {
    const auto over = database.acquire(5s).value();
    PQsendQuery(*over, "SELECT pg_sleep(60)");
  }
  EXPECT_EQ(ask(database, "SELECT 1"), "1");
  EXPECT_EQ(database.metrics().counts.dials, 2U);
}

TEST_F(postgres_pool, a_backend_that_ends_is_closed_while_it_is_idle) {
  const auto database = open();
  const auto pid = ask(database, "SELECT pg_backend_pid()");
  const auto other = open();
  ask(other, "SELECT pg_terminate_backend(" + pid + ")");
  EXPECT_TRUE(soon([&] { return database.metrics().idle == 0; }));
  EXPECT_EQ(connections_in(close_wait, port_), 0);
  EXPECT_EQ(ask(database, "SELECT 1"), "1") << "no call met the dead one";
}

TEST_F(postgres_pool, a_leaked_lease_is_taken_back_once_its_backend_has_ended) {
  const auto database = open({.connections_max = 1}, {.after_peer_closed = 500ms});
  const auto leaked = database.acquire(5s).value();
  const auto pid = ask_over(*leaked, "SELECT pg_backend_pid()");
  EXPECT_FALSE(database.acquire(100ms));
  EXPECT_LT(database.leases().at(0).last_byte_ago, 5s);
  ask(open(), "SELECT pg_terminate_backend(" + pid + ")");
  EXPECT_EQ(ask(database, "SELECT 1"), "1");
  EXPECT_TRUE(leaked.is_reclaimed());
}

TEST_F(postgres_pool, has_connections_ready_again_when_the_server_comes_back) {
  const auto database = open({.connections_max = 4, .idle_min = 2});
  EXPECT_TRUE(soon([&] { return database.metrics().idle == 2; }));
  server_->terminate();
  EXPECT_TRUE(soon([&] { return database.metrics().idle == 0; }));
  const auto refused = database.acquire(1s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().phase, call_phase::connect) << refused.error().what;
  start();
  EXPECT_TRUE(soon([&] { return database.metrics().idle == 2; })) << "without a query";
}

class mariadb_pool : public testing::Test {
 protected:
  void SetUp() override {
    const auto at = folder_.path().string();
    const auto command = fmt::format(
        "mariadb-install-db --no-defaults --datadir={0}/data --user=root "
        "--auth-root-authentication-method=normal >{0}/install.log 2>&1",
        at);
    ASSERT_EQ(std::system(command.c_str()), 0);
    server_.emplace(
        std::vector<std::string>{"mariadbd", "--no-defaults", "--user=root",
                                 "--datadir=" + at + "/data", fmt::format("--port={}", port_),
                                 "--bind-address=127.0.0.1", "--socket=" + at + "/socket",
                                 "--pid-file=" + at + "/pid"},
        folder_.path());
    ASSERT_TRUE(wait_for_port(port_));
  }

  [[nodiscard]] handle_pool<MYSQL*> open(pool_limits limits = {}) const {
    return {mariadb_handles({.host = "127.0.0.1", .port = port_, .user = "root"}),
            {.to = {"127.0.0.1", port_}, .limits = limits}};
  }
  static std::string ask_over(MYSQL* over, const std::string& query) {
    if (mysql_query(over, query.c_str()) != 0) return std::string("! ") + mysql_error(over);
    auto* const answer = mysql_store_result(over);
    if (answer == nullptr) return {};
    const auto row = mysql_fetch_row(answer);
    std::string first = row != nullptr && row[0] != nullptr ? row[0] : "";
    mysql_free_result(answer);
    return first;
  }
  static std::string ask(const handle_pool<MYSQL*>& database, const std::string& query) {
    const auto over = database.acquire(5s);
    return over ? ask_over(**over, query) : "! " + over.error().what;
  }

  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  std::optional<server_process> server_;
};

TEST_F(mariadb_pool, answers_many_queries_over_few_connections) {
  const auto database = open({.connections_max = 4});
  std::mutex lock;
  std::set<std::string> ids;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto id = ask(database, "SELECT CONNECTION_ID()");
        const std::scoped_lock held(lock);
        ids.insert(id);
      }
    });
  }
  threads.clear();
  EXPECT_LE(ids.size(), 4U);
  EXPECT_EQ(database.metrics().counts.leases, 800U);
}

TEST_F(mariadb_pool, leaves_nothing_of_a_user_to_the_next) {
  const auto database = open({.connections_max = 1});
  ask(database, "CREATE DATABASE shop");
  ask(database, "CREATE TABLE shop.t (n int) ENGINE=InnoDB");
  {
    const auto over = database.acquire(5s).value();
    ask_over(*over, "SET @who = 'me'");
    ask_over(*over, "BEGIN");
    ask_over(*over, "INSERT INTO shop.t VALUES (1)");
    EXPECT_EQ(ask_over(*over, "SELECT COUNT(*) FROM shop.t"), "1");
  }
  EXPECT_EQ(ask(database, "SELECT COUNT(*) FROM shop.t"), "0");
  EXPECT_EQ(ask(database, "SELECT @who"), "");
  EXPECT_EQ(database.metrics().counts.dials, 1U);
}

TEST_F(mariadb_pool, a_connection_that_is_killed_is_closed_while_it_is_idle) {
  const auto database = open();
  const auto id = ask(database, "SELECT CONNECTION_ID()");
  EXPECT_EQ(ask(open(), "KILL " + id), "");
  EXPECT_TRUE(soon([&] { return database.metrics().idle == 0; }));
  EXPECT_EQ(connections_in(close_wait, port_), 0);
  EXPECT_EQ(ask(database, "SELECT 1"), "1");
}

}  // namespace
}  // namespace waitstate::client
