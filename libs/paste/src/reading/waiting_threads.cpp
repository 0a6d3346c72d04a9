#include "reading/waiting_threads.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "messages/lock_wait.h"
#include "waitstate/base/text.h"

namespace waitstate::paste {
namespace {

/// So many threads at one lock are more than take turns.
constexpr std::uint64_t threads_min = 5;

void tell_most(snapshot_builder& builder, const waiting_threads::counts& threads,
               std::string_view wait) {
  const auto most = std::ranges::max_element(threads, {}, [](const auto& t) { return t.second; });
  if (most == threads.end() || most->second < threads_min) return;
  builder.add_message(
      {.kind = message_kind::lock_contended,
       .text = fmt::format("{} threads wait {} {}", grouped(most->second), wait, most->first),
       .count = most->second,
       .endpoint = {},
       .program = {},
       .queued = {}});
}

}  // namespace

bool waiting_threads::take(std::string_view line) {
  return take_lock(line) || take_read(line) || take_lease(line) || take_goroutines(line);
}

void waiting_threads::tell(snapshot_builder& builder, bool shows_close_wait) const {
  tell_leases(builder);
  tell_most(builder, locks_, "for one lock,");
  if (shows_close_wait) tell_most(builder, reads_, "for bytes in");
}

/// Whoever waits for a lease does not wait for the lock under which it does.
void waiting_threads::tell_leases(snapshot_builder& builder) const {
  for (const auto& [library, threads] : leases_) {
    if (threads < threads_min) continue;
    builder.add_message({.kind = message_kind::pool_exhausted,
                         .text = fmt::format("{} threads wait for a connection of the pool of {}",
                                             grouped(threads), library),
                         .count = threads,
                         .endpoint = {},
                         .program = {},
                         .queued = {}});
  }
}

bool waiting_threads::take_lease(std::string_view line) {
  const auto library = lease_waited_for(line);
  if (!library.empty()) ++leases_[std::string(library)];
  return !library.empty();
}

bool waiting_threads::take_goroutines(std::string_view line) {
  if (!goroutines_.read(line)) return false;
  if (const auto& wait = goroutines_.found()) {
    auto& threads = wait->kind == shared_wait::what::lock   ? locks_
                    : wait->kind == shared_wait::what::read ? reads_
                                                            : leases_;
    threads[std::string(wait->place)] += wait->threads;
  }
  return true;
}

bool waiting_threads::take_read(std::string_view line) {
  const auto call = read_waited_in(line);
  if (!call.empty()) ++reads_[std::string(call)];
  return !call.empty();
}

bool waiting_threads::take_lock(std::string_view line) {
  constexpr std::size_t locks_max = 1'024;  // A thread dump has fewer that anybody waits for.
  const auto lock = lock_waited_for(line);
  if (lock.empty()) return false;
  if (locks_.size() < locks_max || locks_.contains(lock)) ++locks_[std::string(lock)];
  return true;
}

}  // namespace waitstate::paste
