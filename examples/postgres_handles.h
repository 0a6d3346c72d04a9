#pragma once

// What a handle_pool has to know of libpq.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <libpq-fe.h>

#include "waitstate/client.h"

namespace waitstate::client {

/// Waits until libpq's socket can be read or written; false when the time is over.
inline bool postgres_wait(PGconn* over, bool for_reading, time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  pollfd asked{
      .fd = PQsocket(over), .events = for_reading ? short{POLLIN} : short{POLLOUT}, .revents = 0};
  return left > 0 && ::poll(&asked, 1, static_cast<int>(std::min<long>(left, 60'000))) == 1;
}

/// PQconnectdb() has no deadline that is shorter than two seconds: this has any.
inline result<PGconn*> postgres_connect(const std::string& how, time_point deadline) {
  auto* const made = PQconnectStart(how.c_str());
  auto next = PGRES_POLLING_WRITING;
  while (made != nullptr && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED &&
         postgres_wait(made, next == PGRES_POLLING_READING, deadline)) {
    next = PQconnectPoll(made);
  }
  if (next == PGRES_POLLING_OK) return made;
  std::string why = made == nullptr ? "out of memory" : PQerrorMessage(made);
  const bool is_late = why.empty();
  if (is_late) why = "no connection before the deadline";
  // libpq writes several lines.
  while (why.ends_with('\n')) why.pop_back();
  for (auto at = why.find_first_of("\n\t"); at != why.npos; at = why.find_first_of("\n\t", at)) {
    why.replace(at, why.find_first_not_of("\n\t", at) - at, " ");
  }
  PQfinish(made);
  return failure({.code = is_late ? errc::timed_out : errc::unavailable,
                  .what = "postgres: " + why,
                  .hint = {},
                  .phase = call_phase::connect});
}

/// Asks for nothing and waits a second for the answer.
inline bool postgres_answers(PGconn* over) {
  if (PQsendQuery(over, "") != 1) return false;
  const auto deadline = clock::now() + std::chrono::seconds(1);
  while (PQisBusy(over) == 1) {
    if (!postgres_wait(over, true, deadline) || PQconsumeInput(over) != 1) return false;
  }
  while (auto* const answer = PQgetResult(over)) PQclear(answer);
  return PQstatus(over) == CONNECTION_OK;
}

/// A transaction that was left open, or one that failed, is rolled back; one under way ends the
/// connection.
inline bool postgres_is_clean(PGconn* over) {
  if (PQstatus(over) != CONNECTION_OK) return false;
  const auto at = PQtransactionStatus(over);
  if (at == PQTRANS_INTRANS || at == PQTRANS_INERROR) PQclear(PQexec(over, "ROLLBACK"));
  return PQtransactionStatus(over) == PQTRANS_IDLE;
}

/// `how`: "host=10.0.0.7 dbname=shop".
inline handle_functions<PGconn*> postgres_handles(std::string how) {
  handle_functions<PGconn*> made;
  made.make = [how = std::move(how)](time_point deadline) {
    return postgres_connect(how, deadline);
  };
  made.check = [](PGconn*& over) { return postgres_answers(over); };
  made.reset = [](PGconn*& over) { return postgres_is_clean(over); };
  made.close = [](PGconn*& over) { PQfinish(over); };
  made.descriptor = [](PGconn*& over) { return PQsocket(over); };
  return made;
}

}  // namespace waitstate::client
