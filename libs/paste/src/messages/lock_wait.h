#pragma once

#include <string>
#include <string_view>

namespace waitstate::paste {

/// The lock that a thread of a trace or dump waits for, as the line names it; empty where the line
/// is none. Only a lock that others hold: a thread that waits for work is idle, not stuck.
///
/// strace: "futex(0x7fe723936830, FUTEX_WAIT_PRIVATE, 2, NULL": glibc writes 2 into a mutex that is
/// held and waited for. jstack: "- waiting to lock <0x00000000f0>". gdb: "__lll_lock_wait".
/// Or "parking to wait for <0x...> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)".
/// Go: "[semacquire, 12 minutes]:" of a mutex. py-spy: "acquire (logging/__init__.py:927)".
[[nodiscard]] std::string_view lock_waited_for(std::string_view line);

/// The call in which a thread of such a dump waits for bytes of a socket; empty where it does not.
/// A server's thread that waits so for the next request looks the same.
[[nodiscard]] std::string_view read_waited_in(std::string_view line);

/// The library whose pool a thread of such a dump waits for a connection of, by the frame in which
/// it waits; empty where it does not.
[[nodiscard]] std::string_view lease_waited_for(std::string_view line);

}  // namespace waitstate::paste
