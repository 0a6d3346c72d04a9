#include "messages/lock_wait.h"

#include "text/words.h"

namespace waitstate::paste {
namespace {

std::string_view up_to(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

/// Locks and semaphores of java.util.concurrent; a thread that waits at a ConditionObject has
/// nothing to do.
std::string_view java_lock_parked_for(std::string_view line) {
  constexpr std::string_view parking = "- parking to wait for";
  const auto at = line.find(parking);
  if (at == std::string_view::npos) return {};
  const auto rest = line.substr(at + parking.size());
  bool is_lock = false;
  for (const std::string_view kind : {"locks.ReentrantLock$", "locks.ReentrantReadWriteLock$",
                                      "locks.StampedLock", "concurrent.Semaphore$"}) {
    is_lock = is_lock || rest.contains(kind);
  }
  const auto open = rest.find('<');
  return is_lock && open != std::string_view::npos ? up_to(rest.substr(open + 1), ">")
                                                   : std::string_view{};
}

/// "#0  0x00007f in recv ()" of a backtrace, "* 12 Thread 0x7f... (LWP 9) ... in recv ()" of a
/// list.
bool is_frame_of_gdb(std::string_view text) {
  return text.starts_with('#') || text.contains("(LWP ");
}

/// The futex of "__lll_lock_wait (futex=futex@entry=0x55d0, private=0)".
std::string_view futex_of_gdb(std::string_view text) {
  const auto at = text.find("(futex=");
  if (at == std::string_view::npos) return {};
  const auto value = up_to(text.substr(at), ",)");
  const auto address = value.rfind("0x");
  return address == std::string_view::npos ? std::string_view{} : value.substr(address);
}

}  // namespace

std::string_view lock_waited_for(std::string_view whole) {
  const auto line = trimmed(whole);
  constexpr std::string_view futex = "futex(0x";
  if (const auto at = line.find(futex); at != std::string_view::npos) {
    const auto call = line.substr(at + futex.size() - 2);
    const auto lock = up_to(call, ", )");
    const auto rest = call.substr(lock.size());
    const bool held =
        rest.starts_with(", FUTEX_WAIT_PRIVATE, 2,") || rest.starts_with(", FUTEX_WAIT, 2,");
    return held ? lock : std::string_view{};
  }
  constexpr std::string_view jstack = "- waiting to lock <";
  if (const auto at = line.find(jstack); at != std::string_view::npos) {
    return up_to(line.substr(at + jstack.size()), ">");
  }
  if (const auto lock = java_lock_parked_for(line); !lock.empty()) return lock;
  if (is_frame_of_gdb(line) && line.contains("__lll_lock_wait")) {
    const auto lock = futex_of_gdb(line);
    return lock.empty() ? "__lll_lock_wait" : lock;
  }
  if (line.starts_with("acquire (") && line.ends_with(')') && line.contains(".py:")) {
    return line.substr(0, line.find(".py:") + 3);
  }
  if (line.starts_with("goroutine ") && line.contains("[sync.Mutex.Lock")) return "sync.Mutex";
  if (line.starts_with("goroutine ") && line.contains("[semacquire")) return "semacquire";
  return {};
}

std::string_view read_waited_in(std::string_view line) {
  const auto text = trimmed(line);
  if (text.contains("<unfinished ...>")) {
    for (const std::string_view call : {"recvfrom", "recvmsg", "recv"}) {
      if (text.contains(std::string(call) + "(")) return call;
    }
  }
  // The innermost frames of a thread that waits for bytes.
  constexpr std::string_view of_java[] = {"socketRead0", "NioSocketImpl.park"};
  for (const auto frame : of_java) {
    if (text.starts_with("at ") && text.contains(std::string(frame) + "(")) return frame;
  }
  for (const std::string_view frame : {"recv_into (socket.py", "recv_into (ssl.py"}) {
    if (text.starts_with(frame)) return "recv_into";
  }
  // py-spy without --native, which does not show what is written in C.
  if (text.starts_with("readinto (socket.py")) return "readinto";
  const bool is_listed = text.contains("(LWP ") && text.contains(" in ");
  if (is_listed && (text.contains(" recv (") || text.contains("libc_recv ("))) return "recv";
  const bool is_innermost = text.starts_with("#0 ") || text.starts_with("#1 ");
  if (is_innermost && (text.contains(" recv (") || text.contains("libc_recv ("))) return "recv";
  // Go says so of every idle connection; for minutes, of few.
  if (text.starts_with("goroutine ") && text.contains("[IO wait, ")) return "IO wait";
  return {};
}

std::string_view lease_waited_for(std::string_view line) {
  struct frame {
    std::string_view text;
    std::string_view library;
  };
  // Each is once in a stack of who waits.
  constexpr frame frames[] = {
      {"at com.zaxxer.hikari.util.ConcurrentBag.borrow(", "HikariCP"},
      {"at org.apache.http.pool.AbstractConnPool.getPoolEntryBlocking(", "Apache HttpClient"},
      {"at org.apache.hc.core5.pool.StrictConnPool.lease(", "Apache HttpClient"},
      {"at org.apache.commons.pool2.impl.LinkedBlockingDeque.pollFirst(", "commons-pool2"},
      {"at org.apache.commons.pool2.impl.LinkedBlockingDeque.takeFirst(", "commons-pool2"},
      {"at org.apache.tomcat.jdbc.pool.ConnectionPool.borrowConnection(", "Tomcat JDBC"},
      {"at com.mchange.v2.resourcepool.BasicResourcePool.awaitAvailable(", "c3p0"},
      {"at com.alibaba.druid.pool.DruidDataSource.pollLast(", "Druid"},
      {"_do_get (sqlalchemy/pool/", "SQLAlchemy"},
  };
  const auto text = trimmed(line);
  for (const auto& [frame, library] : frames) {
    if (text.starts_with(frame)) return library;
  }
  return {};
}

}  // namespace waitstate::paste
