#include "messages/lock_wait.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(lock_wait, names_the_lock_that_others_hold) {
  struct row {
    std::string_view line;
    std::string_view lock;
  };
  constexpr row rows[] = {
      {"[pid  9525] futex(0x7fe723936830, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>",
       "0x7fe723936830"},
      {"futex(0x1f0, FUTEX_WAIT, 2, NULL) = 0", "0x1f0"},
      {"\t- waiting to lock <0x00000000f0a1b2c8> (a java.lang.Object)", "0x00000000f0a1b2c8"},
      {"#0  __lll_lock_wait () at ../sysdeps/unix/sysv/linux/x86_64/lowlevellock.S:135",
       "__lll_lock_wait"},
      {"goroutine 812 [semacquire, 12 minutes]:", "semacquire"},
      {"goroutine 812 [sync.Mutex.Lock, 3 minutes]:", "sync.Mutex"},
      {"\t- parking to wait for  <0x000000076ab2c0d8> (a java.util.concurrent.locks."
       "ReentrantLock$NonfairSync)",
       "0x000000076ab2c0d8"},
      {"#1  __GI___lll_lock_wait (futex=futex@entry=0x55d0c8, private=0) at lowlevellock.c:50",
       "0x55d0c8"},
      {"  12   Thread 0x7f12 (LWP 912) \"worker\" __lll_lock_wait (futex=0x55d0c8, private=0)",
       "0x55d0c8"},
      {"    acquire (logging/__init__.py:927)", "acquire (logging/__init__.py"},
      // Idle: a condition, a queue of work, a timer.
      {"[pid 7] futex(0x7f, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>", ""},
      {"futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 1", ""},
      {"\t- parking to wait for <0x00000000f0> (a java.util.concurrent.locks."
       "AbstractQueuedSynchronizer$ConditionObject)",
       ""},
      {"goroutine 5 [IO wait]:", ""},
      {"we are waiting to lock the door", ""},
  };
  for (const auto& [line, lock] : rows) EXPECT_EQ(lock_waited_for(line), lock) << line;
}

TEST(lock_wait, a_read_that_does_not_return) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"[pid   815] recvfrom(14,  <unfinished ...>", "recvfrom"},
      {"[pid   815] recvfrom(14, \"GET /\", 8192, 0, NULL, NULL) = 42", ""},
      {"\tat java.net.SocketInputStream.socketRead0(Native Method)", "socketRead0"},
      {"    recv_into (ssl.py:1166)", "recv_into"},
      {"#0  0x00007f8a in recv () from /lib64/libpthread.so.0", "recv"},
      {"goroutine 231 [IO wait, 41 minutes]:", "IO wait"},
      {"goroutine 231 [IO wait]:", ""},
      {"    readinto (socket.py:704)", "readinto"},
      {"  12   Thread 0x7f12 (LWP 912) \"worker\" 0x00007f8a in recv () from libpthread.so.0",
       "recv"},
      {"the server waits in recv (blocking)", ""},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(read_waited_in(line), expected) << line;
}

TEST(lock_wait, a_pool_that_has_none_to_lend) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"\tat com.zaxxer.hikari.util.ConcurrentBag.borrow(ConcurrentBag.java:151)", "HikariCP"},
      {"\tat org.apache.http.pool.AbstractConnPool.getPoolEntryBlocking(AbstractConnPool.java:393)",
       "Apache HttpClient"},
      {"    _do_get (sqlalchemy/pool/impl.py:145)", "SQLAlchemy"},
      {"\tat com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:100)", ""},
      {"a pool waits", ""},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(lease_waited_for(line), expected) << line;
}

}  // namespace
}  // namespace waitstate::paste
