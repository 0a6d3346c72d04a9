#pragma once

#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

namespace waitstate::client {

/// A system call that fails, and with what.
struct failing_call {
  std::string name;  ///< "send"
  int reason = 0;    ///< An errno value.
  /// It can be so each time for a while. A signal does not come with every call.
  bool may_last = true;

  friend void PrintTo(const failing_call& what, std::ostream* out) {
    *out << what.name << ": " << ::strerrorname_np(what.reason);
  }
};

/// Each system call that this library makes on a thread that serves it, with each reason why the
/// kernel refuses it in a life that goes on. Reading is not refused with EAGAIN while there is
/// something, which is what an edge-triggered wait relies on.
[[nodiscard]] std::vector<failing_call> calls_that_may_fail();

/// Whoever links this has its own of those calls: on threads that said so, each `every`-th call of
/// a kind fails with a reason and does nothing. close() does what it should, all the same, as the
/// kernel's does.
void let_calls_fail_here();
void let_fail(const failing_call& what, int every);
void let_none_fail();
/// How many have failed since let_fail().
[[nodiscard]] std::uint64_t failed_calls();

}  // namespace waitstate::client
