#include "messages/failure.h"

#include <optional>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include "messages/error_line.h"
#include "messages/message_line.h"

namespace waitstate::paste {
namespace {

using enum message_kind;

struct row {
  std::string_view line;
  message_kind kind;
  os_family os = os_family::unknown;
};

void expect_read(std::span<const row> rows) {
  for (const auto& [line, kind, os] : rows) {
    const auto m = read_error_line(line);
    ASSERT_TRUE(m) << line;
    EXPECT_EQ(to_string(m->kind), to_string(kind)) << line;
    EXPECT_EQ(to_string(m->os), to_string(os)) << line;
  }
}

TEST(failure, is_told_by_the_words_of_each_program) {
  constexpr row rows[] = {
      {"[1] [ERROR] Connection in use: ('0.0.0.0', 8000)", address_in_use_on_listen},
      {"The Tomcat connector configured to listen on port 8080 failed to start. The port may "
       "already "
       "be in use or the connector may be misconfigured.",
       address_in_use_on_listen},
      {"HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds.",
       address_in_use_on_listen},
      {"[ERROR] Do you already have another mysqld server running on port: 3306 ?",
       address_in_use_on_listen},
      {"HttpListenerException (183): Failed to listen on prefix 'http://+:8080/' because it "
       "conflicts with an existing registration on the machine.",
       address_in_use_on_listen},
      {"PHP Warning: stream_socket_server(): Unable to connect to tcp://0.0.0.0:9501 (Address "
       "already in use)",
       address_in_use_on_listen},
      {"# bind: Address already in use", address_in_use_on_listen},
      {"squid: WARNING! Your cache is running out of filedescriptors", too_many_open_files},
      {"the per-process limit on the number of open file descriptors has been reached.",
       too_many_open_files},
      {"curl: (28) Failed to connect to 10.0.0.5 port 443 after 130000 ms: Couldn't connect to "
       "server",
       connect_timed_out},
      {"Can't connect to MySQL server on '10.0.0.5' (110)", connect_timed_out},
      {"Can't connect to MySQL server on '10.0.0.5' (111)", connect_refused},
      {"upstream connect error or disconnect/reset before headers. reset reason: connection "
       "timeout",
       connect_timed_out},
      {"Net::OpenTimeout: execution expired", connect_timed_out},
  };
  expect_read(rows);
}

TEST(failure, to_give_a_connection_back_is_said_by_pools_and_finalizers) {
  constexpr row rows[] = {
      {"java.lang.Exception: Apparent connection leak detected", lease_leaked},
      {"Connection leak detection triggered for conn1: on thread exec-1, stack trace follows",
       lease_leaked},
      {"okhttp3.OkHttpClient : A connection to https://api.example/ was leaked. Did you forget to "
       "close a response body?",
       lease_leaked},
      {"WARNING: Connection has been abandoned PooledConnection[...]", lease_leaked},
      {"abandon connection, owner thread: exec-3, connected at : 1400000000000", lease_leaked},
      {"A checked-out resource is overdue, and will be destroyed: com.mchange.v2...", lease_leaked},
      {"IJ000100: Closing a connection for you. Please close them yourself", lease_leaked},
      {"The garbage collector is trying to clean up non-checked-in connection <...>", lease_leaked},
      {"A JDBC pool connection leak was detected", lease_leaked},
  };
  expect_read(rows);
  EXPECT_FALSE(read_error_line("HIKARI_LEAK_DETECTION_THRESHOLD: \"10000\""));
  EXPECT_FALSE(read_error_line("ERROR asyncio: Unclosed client session"));  // And now it is closed.
  EXPECT_FALSE(read_error_line("there may be a connection leak in our code"));
  EXPECT_FALSE(read_error_line("a memory leak in the parser"));
}

TEST(failure, of_a_server_without_workers) {
  constexpr row rows[] = {
      {"AH00161: server reached MaxRequestWorkers setting, consider raising it", no_worker},
      {"[pool www] server reached pm.max_children setting (50), consider raising it", no_worker},
      {"1024 worker_connections are not enough while connecting to upstream", no_worker},
      {"All threads (200) are currently busy, waiting. Increase maxThreads (200)", no_worker},
      {"Maximum number of threads (200) created for connector with address null and port 8080",
       no_worker},
      {"[CRITICAL] WORKER TIMEOUT (pid:123)", no_worker},
      {"WARNING:waitress.queue:Task queue depth is 12", no_worker},
  };
  expect_read(rows);
}

TEST(failure, of_bind_and_listen_is_about_the_address) {
  constexpr row rows[] = {
      {"nginx: [emerg] bind() to 203.0.113.7:80 failed (99: Cannot assign requested address)",
       address_not_local},
      {"[ALERT] (8) : Starting frontend www: cannot bind socket (Cannot assign requested address) "
       "[203.0.113.7:443]",
       address_not_local},
      {"Starting proxy www: cannot bind socket [203.0.113.7:443]: address not available",
       address_not_local},
      {"Warning: Could not create server TCP listening socket ::1:6379: bind: Cannot assign "
       "requested address",
       address_not_local},
      {"[ERROR] Can't start server: Bind on TCP/IP port: Cannot assign requested address",
       address_not_local},
      {"LOG:  could not bind IPv6 address \"::1\": Cannot assign requested address",
       address_not_local},
      {"listen tcp 10.9.9.9:80: bind: cannot assign requested address", address_not_local},
      {"[Errno 99] error while attempting to bind on address ('10.0.0.99', 8080): cannot assign "
       "requested address",
       address_not_local},
      {"error: Bind to port 22 on 10.0.0.3 failed: Cannot assign requested address.",
       address_not_local},
      {"Failed to set up listener: SocketException: Cannot assign requested address",
       address_not_local},
      {"java.net.BindException: Cannot assign requested address (Bind failed)", address_not_local},
      {"kafka.common.KafkaException: Socket server failed to bind to 1.2.3.4:9092: Cannot assign "
       "requested address.",
       address_not_local},
      {"Error: listen EADDRNOTAVAIL: address not available 203.0.113.9:3000", address_not_local},
      {"(99)Cannot assign requested address: AH00072: make_sock: could not bind to address "
       "203.0.113.7:80",
       address_not_local},
      {"bind: Cannot assign requested address", address_not_local},
      {"channel_setup_fwd_listener_tcpip: bind: Can't assign requested address", address_not_local,
       os_family::macos},
      {"thread 'main' panicked: failed to bind: Os { code: 99, kind: AddrNotAvailable, message: "
       "\"Cannot assign requested address\" }",
       address_not_local},
      {"System.Net.Sockets.SocketException (10049): The requested address is not valid in its "
       "context.",
       address_not_local, os_family::windows},
      {"[Errno 49] Can't assign requested address - Check http://localhost:0 is a valid address",
       address_not_local, os_family::macos},
  };
  expect_read(rows);
}

TEST(failure, of_connect_is_about_ports) {
  constexpr row rows[] = {
      {"java.net.NoRouteToHostException: Cannot assign requested address (Address not available)",
       address_not_available},
      {"java.net.BindException: Cannot assign requested address: connect", address_not_available},
      {"io.netty.channel.AbstractChannel$AnnotatedConnectException: connect(..) failed: Cannot "
       "assign requested address: /10.0.0.7:8080",
       address_not_available},
      {"curl: (7) Failed to connect to 10.0.0.7 port 80: Cannot assign requested address",
       address_not_available},
      {"Error connecting to Redis: Cannot assign requested address", address_not_available},
      {"ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.0.7' (99)",
       address_not_available},
      {"could not connect to server: Cannot assign requested address", address_not_available},
      {"thread panicked: reqwest error: tcp connect error: Cannot assign requested address (os "
       "error 99)",
       address_not_available},
      {"Errno::EADDRNOTAVAIL: Failed to open TCP connection to api:80 (Cannot assign requested "
       "address - connect(2) for \"api\" port 80)",
       address_not_available},
      {"dial tcp 10.0.0.7:80: connect: can't assign requested address", address_not_available,
       os_family::macos},
      {"connect() to 10.0.0.7:80 failed (49: Can't assign requested address) while connecting to "
       "upstream",
       address_not_available, os_family::macos},
      {"dial tcp 127.0.0.1:11080: connectex: Only one usage of each socket address "
       "(protocol/network address/port) is normally permitted.",
       address_not_available, os_family::windows},
      {"OSError: [WinError 10055] An operation on a socket could not be performed because the "
       "system lacked sufficient buffer space or because a queue was full",
       address_not_available, os_family::windows},
      {"Unable to connect to the remote server ---> System.Net.Sockets.SocketException: "
       "Normalerweise darf jede Socketadresse (Protokoll, Netzwerkadresse oder Anschluss) nur "
       "jeweils einmal verwendet werden 10.0.0.7:443",
       address_not_available, os_family::windows},
      {"connect failed: 通常每个套接字地址(协议/网络地址/端口)只允许使用一次。",
       address_not_available, os_family::windows},
      {"connect: Die angeforderte Adresse kann nicht zugewiesen werden", address_not_available},
      {"connect() : 无法指定被请求的地址", address_not_available},
      {"connexion: connect: Impossible d'assigner l'adresse demandée", address_not_available},
  };
  expect_read(rows);
}

TEST(failure, of_a_port_that_somebody_has) {
  constexpr row rows[] = {
      {"java.net.BindException: Address already in use", address_in_use_on_listen},
      {"java.net.BindException: Address already in use: no further information",
       address_not_available, os_family::windows},
      {"INFO HttpMethodDirector: I/O exception (java.net.BindException) caught when processing "
       "request: Address already in use (Bind failed)",
       address_in_use_on_bind},
      {"java.net.BindException: Address already in use: JVM_Bind", address_in_use_on_listen},
      {"Web server failed to start. Port 8080 was already in use.", address_in_use_on_listen},
      {"OSError: [Errno 48] Address already in use", address_in_use_on_listen, os_family::macos},
      {"Error: listen EADDRINUSE: address already in use 127.0.0.1:3000", address_in_use_on_listen},
      {"listen tcp 127.0.0.1:9980: bind: Only one usage of each socket address (protocol/network "
       "address/port) is normally permitted",
       address_in_use_on_listen, os_family::windows},
      {"Bind TCP Monitor socket error: Only one usage of each socket address (protocol/network "
       "address/port) is normally permitted[10048].",
       address_in_use_on_listen, os_family::windows},
      {"Only one usage of each socket address (protocol/network address/port) is normally "
       "permitted.",
       address_in_use_on_listen, os_family::windows},
      {"[ALERT] Starting proxy www: cannot bind socket (Address already in use) [0.0.0.0:80]",
       address_in_use_on_listen},
      {"Could not create server TCP listening socket *:6379: bind: Address already in use",
       address_in_use_on_listen},
      {"LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use",
       address_in_use_on_listen},
      {"(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80",
       address_in_use_on_listen},
      {"[emerg] bind() to 0.0.0.0:80 failed (48: Address already in use)", address_in_use_on_listen,
       os_family::macos},
      {"bind: Die Adresse wird bereits verwendet", address_in_use_on_listen},
      {"bind: 地址已在使用", address_in_use_on_listen},
      {"Errno::EADDRINUSE: Address already in use - bind(2) for \"0.0.0.0\" port 3000",
       address_in_use_on_listen},
      {"Failed to bind to address http://127.0.0.1:5000: address already in use.",
       address_in_use_on_listen},
  };
  expect_read(rows);
}

TEST(failure, of_ports_or_pools_that_are_used_up_and_of_connections_that_died_idle) {
  constexpr row rows[] = {
      {"java.net.SocketException: No buffer space available (maximum connections reached?): "
       "connect",
       address_not_available, os_family::windows},
      {"java.net.SocketException: No buffer space available (maximum connections reached?): "
       "JVM_Bind",
       address_not_available, os_family::windows},
      {"-ERR max number of clients reached", pool_exhausted},
      {"ERROR 1040 (HY000): Too many connections", pool_exhausted},
      {"FATAL: too many clients already", pool_exhausted},
      {"HikariPool-1 - Failed to validate connection com.mysql.cj.jdbc.ConnectionImpl@1 (No "
       "operations allowed after connection closed.)",
       stale_connection},
      {"upstream prematurely closed connection while reading response header", connection_reset},
      {"org.apache.http.NoHttpResponseException: api:443 failed to respond", stale_connection},
      {"Post \"http://a/\": http: server closed idle connection", stale_connection},
      {"PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away",
       stale_connection},
      {"The last packet successfully received from the server was 2,230,340 milliseconds ago. The "
       "last packet sent successfully to the server was 2,230,348 milliseconds ago.",
       stale_connection},
      {"FATAL: terminating connection due to idle-session timeout", stale_connection},
      {"java.io.IOException: unexpected end of stream on Connection{a:80}", stale_connection},
      {"asyncpg.exceptions.TooManyConnectionsError: sorry", pool_exhausted},
      {"Connect Timeout expired. All pooled connections are in use.", pool_exhausted},
      {"reset reason: connection termination", connection_reset},
      {"Error: socket hang up", connection_reset},
      {"curl: (52) Empty reply from server", connection_reset},
  };
  expect_read(rows);
}

TEST(failure, of_a_link_that_waited_for_its_answer_is_no_idle_one) {
  for (const std::string_view line :
       {"The last packet successfully received from the server was 1,562 milliseconds ago.",
        "The last packet successfully received from the server was 60,012 milliseconds ago; Read "
        "timed out"}) {
    EXPECT_EQ(read_error_line(line), std::nullopt) << line;
  }
}

TEST(failure, is_none_where_a_page_explains_it) {
  for (const std::string_view line :
       {"The dreaded \"Too Many Open Files\" error is a common stumbling block.",
        "If you encounter the message `connect() to unix:/run/app.sock failed (11: Resource "
        "temporarily unavailable)`, all workers are busy.",
        "How to fix java.net.BindException: Address already in use",
        "You may see \"Connection refused\" while the server starts.",
        "If all threads are busy, requests wait in the queue."}) {
    EXPECT_EQ(read_error_line(line), std::nullopt) << line;
  }
}

TEST(failure, of_a_port_that_may_not_be_bound) {
  constexpr row rows[] = {
      {"listen tcp 0.0.0.0:1258: bind: An attempt was made to access a socket in a way forbidden "
       "by its access permissions.",
       port_not_permitted, os_family::windows},
      {"Error: listen EACCES: permission denied 0.0.0.0:80", port_not_permitted},
      {"listen tcp :80: bind: permission denied", port_not_permitted},
      {"dial tcp 10.0.0.7:80: connectex: An attempt was made to access a socket in a way forbidden "
       "by its access permissions.",
       connect_refused, os_family::windows},
  };
  expect_read(rows);
}

TEST(failure, tells_the_limit_of_a_process_from_that_of_the_host) {
  constexpr row rows[] = {
      {"accept4() failed (24: Too many open files)", too_many_open_files},
      {"java.io.IOException: Too many open files", too_many_open_files},
      {"_[error] ejabberd_listener:accept:317 Failed TCP accept: emfile_", too_many_open_files},
      {"Error: EMFILE: too many open files, open '/x'", too_many_open_files},
      {"socket: Zu viele offene Dateien", too_many_open_files},
      {"打开的文件过多", too_many_open_files},
      {"accept4() failed (23: Too many open files in system)", file_table_full},
      {"OSError: [Errno 23] Too many open files in system: '/x'", file_table_full},
      {"Error: ENFILE: file table overflow, open '/x'", file_table_full},
  };
  expect_read(rows);
}

TEST(failure, needs_the_wording_of_an_error) {
  for (const std::string_view line :
       {"the port range is in use", "a file is already in use", "total 10048 files",
        "see RFC 9293, page 98", "10055 packets received", "the pool has 48 members",
        "TIME_WAIT 10048", "too many connections in CLOSE_WAIT",
        "tcp 0 0 10.0.0.1:10048 10.0.0.2:443 ESTABLISHED"}) {
    EXPECT_EQ(read_error_line(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
