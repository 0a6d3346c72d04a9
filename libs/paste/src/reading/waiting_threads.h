#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "messages/goroutine_profile.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// The threads of dumps and profiles, by what they wait for: one lock, a call that reads, a lease
/// of a pool.
class waiting_threads {
 public:
  using counts = std::map<std::string, std::uint64_t, std::less<>>;

  /// Takes a line that says what a thread waits for; false where it is none.
  bool take(std::string_view line);
  /// Tells what many wait for, after the last line. Only beside CLOSE-WAIT are threads that wait
  /// for bytes a trouble: else they wait for the next request.
  void tell(snapshot_builder& builder, bool shows_close_wait) const;

 private:
  bool take_lock(std::string_view line);
  bool take_read(std::string_view line);
  bool take_lease(std::string_view line);
  bool take_goroutines(std::string_view line);
  void tell_leases(snapshot_builder& builder) const;

  counts locks_;   ///< How many threads wait for each.
  counts reads_;   ///< How many threads wait in each call.
  counts leases_;  ///< How many threads wait for a connection of each library's pool.
  goroutine_profile goroutines_;
};

}  // namespace waitstate::paste
