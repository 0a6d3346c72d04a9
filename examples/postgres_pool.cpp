// Asks PostgreSQL many times from many threads, and says how many connections that took.
//
//   postgres_pool "host=127.0.0.1 dbname=postgres" 16 1000     (threads, and queries of each)
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "examples/postgres_handles.h"

namespace {

using namespace waitstate::client;
using namespace std::chrono_literals;

struct seen {
  std::mutex lock;
  std::set<std::string> servers;  ///< The process that answered.
  std::string failed;
};

void ask(const handle_pool<PGconn*>& database, int queries, seen& all) {
  for (int i = 0; i < queries; ++i) {
    auto over = database.acquire(5s);
    std::string server;
    std::string failed;
    if (over) {
      auto* const answer = PQexec(**over, "SELECT pg_backend_pid()");
      if (PQresultStatus(answer) == PGRES_TUPLES_OK) {
        server = PQgetvalue(answer, 0, 0);
      } else {
        failed = PQerrorMessage(**over);
      }
      PQclear(answer);
    } else {
      failed = over.error().what;
    }
    const std::scoped_lock held(all.lock);
    if (!failed.empty()) all.failed = failed;
    if (!server.empty()) all.servers.insert(server);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int threads_wanted = argc == 4 ? std::atoi(argv[2]) : 0;
  const int queries = argc == 4 ? std::atoi(argv[3]) : 0;
  if (threads_wanted < 1 || queries < 1) {
    std::cerr << "usage: postgres_pool CONNINFO THREADS QUERIES\n";
    return 2;
  }
  handle_pool_settings settings{.to = {.host = "postgres"}};
  settings.limits.connections_max = 4;
  settings.leak_report_after = 1min;
  settings.leaked = [](const ledger_entry& e) { std::cerr << "leaked: " << to_string(e) << '\n'; };
  const handle_pool<PGconn*> database(postgres_handles(argv[1]), settings);
  seen all;
  std::vector<std::jthread> threads;
  for (int i = 0; i < threads_wanted; ++i) {
    threads.emplace_back([&] { ask(database, queries, all); });
  }
  threads.clear();
  if (!all.failed.empty()) {
    std::cerr << all.failed << '\n';
    return 1;
  }
  std::cout << threads_wanted * queries << " queries, " << all.servers.size() << " connections\n";
}
