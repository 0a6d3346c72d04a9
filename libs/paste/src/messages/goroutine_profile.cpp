#include "messages/goroutine_profile.h"

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct frame {
  std::string_view function;
  shared_wait::what kind;
  std::string_view place;
};

// A lease first: who waits for one is in a select, and below it in the pool.
constexpr frame frames[] = {
    {"database/sql.(*DB).conn+", shared_wait::what::lease, "database/sql"},
    {"net/http.(*Transport).getConn+", shared_wait::what::lease, "net/http"},
    {"go-redis/redis/v9/internal/pool.(*ConnPool).waitTurn+", shared_wait::what::lease, "go-redis"},
    {"jackc/pgx/v5/pgxpool.(*Pool).Acquire+", shared_wait::what::lease, "pgxpool"},
    {"sync.(*Mutex).Lock", shared_wait::what::lock, "sync.Mutex.Lock"},
    {"sync.(*RWMutex).Lock+", shared_wait::what::lock, "sync.RWMutex.Lock"},
    {"sync.(*RWMutex).RLock+", shared_wait::what::lock, "sync.RWMutex.RLock"},
    {"net/http.(*persistConn).roundTrip+", shared_wait::what::read,
     "net/http.persistConn.roundTrip"},
};

}  // namespace

bool goroutine_profile::read(std::string_view line) {
  found_.reset();
  const auto text = trimmed(line);
  if (const auto count = leading_number(text); count && text.contains(" @ 0x")) {
    threads_ = *count;
    in_stack_ = true;
    return true;
  }
  if (!in_stack_ || !text.starts_with("#\t0x")) {
    in_stack_ = false;
    return text.starts_with("goroutine profile: total ");
  }
  for (const auto& [function, kind, place] : frames) {
    if (threads_ == 0 || !text.contains(function)) continue;
    found_ = shared_wait{.kind = kind, .threads = threads_, .place = place};
    threads_ = 0;
  }
  return true;
}

}  // namespace waitstate::paste
