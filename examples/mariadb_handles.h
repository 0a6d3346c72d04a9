#pragma once

// What a handle_pool has to know of libmariadb.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <mysql.h>

#include "waitstate/client.h"

namespace waitstate::client {

/// Where a server is, and who asks.
struct mariadb_account {
  std::string host;
  std::uint16_t port = 3306;
  std::string user;
  std::string password;
  std::string database;
  unsigned answer_seconds_max = 10;  ///< For each answer, pings included.
};

inline result<MYSQL*> open_mariadb(const mariadb_account& to, time_point deadline) {
  auto* const made = mysql_init(nullptr);
  if (made == nullptr) {
    return failure({.code = errc::system, .what = "mariadb: out of memory", .hint = {}});
  }
  // The library counts in seconds.
  const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - clock::now()).count();
  const auto connect_max = static_cast<unsigned>(std::clamp<long>(left, 1, 60));
  mysql_options(made, MYSQL_OPT_CONNECT_TIMEOUT, &connect_max);
  mysql_options(made, MYSQL_OPT_READ_TIMEOUT, &to.answer_seconds_max);
  if (mysql_real_connect(made, to.host.c_str(), to.user.c_str(), to.password.c_str(),
                         to.database.empty() ? nullptr : to.database.c_str(), to.port, nullptr,
                         0) != nullptr) {
    return made;
  }
  const std::string why = mysql_error(made);
  mysql_close(made);
  return failure({.code = errc::unavailable,
                  .what = "mariadb: " + why,
                  .hint = {},
                  .phase = call_phase::connect});
}

inline handle_functions<MYSQL*> mariadb_handles(mariadb_account to) {
  handle_functions<MYSQL*> made;
  made.make = [to = std::move(to)](time_point deadline) { return open_mariadb(to, deadline); };
  made.check = [](MYSQL*& over) { return mysql_ping(over) == 0; };
  // Rolls back, and forgets variables, locks and temporary tables.
  made.reset = [](MYSQL*& over) { return mysql_reset_connection(over) == 0; };
  made.close = [](MYSQL*& over) { mysql_close(over); };
  made.descriptor = [](MYSQL*& over) { return static_cast<int>(mysql_get_socket(over)); };
  return made;
}

}  // namespace waitstate::client
