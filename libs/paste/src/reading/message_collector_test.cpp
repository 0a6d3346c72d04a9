#include "reading/message_collector.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "waitstate/paste/read.h"

namespace waitstate::paste {
namespace {

using enum message_kind;

std::vector<message> messages_in(std::string_view text) {
  const auto made = read(text);
  return made ? made->messages : std::vector<message>{};
}

TEST(message_collector, learns_the_call_from_the_stack_trace) {
  const auto java = messages_in(
      "java.net.BindException: Cannot assign requested address\n"
      "\tat sun.nio.ch.Net.bind0(Native Method)\n"
      "\tat sun.nio.ch.Net.bind(Net.java:433)\n");
  ASSERT_EQ(java.size(), 1U);
  EXPECT_EQ(java[0].kind, address_not_local);
  const auto nio = messages_in(
      "java.net.BindException: Cannot assign requested address\n"
      "\tat java.base/sun.nio.ch.Net.connect0(Native Method)\n");
  ASSERT_EQ(nio.size(), 1U);
  EXPECT_EQ(nio[0].kind, address_not_available);
  const auto python = messages_in(
      "  File \"/usr/lib/python3.8/socketserver.py\", line 466, in server_bind\n"
      "    self.socket.bind(self.server_address)\n"
      "OSError: [Errno 99] Cannot assign requested address\n");
  ASSERT_EQ(python.size(), 1U);
  EXPECT_EQ(python[0].kind, address_not_local);
}

TEST(message_collector, takes_an_error_printed_as_an_object_for_one) {
  const auto node = messages_in(
      "Error: listen EADDRINUSE: address already in use :::3000\n"
      "    at Server.setupListenHandle [as _listen2] (node:net:1463:16)\n"
      "  code: 'EADDRINUSE',\n"
      "  errno: -98,\n"
      "  syscall: 'listen',\n"
      "  address: '::',\n"
      "  port: 3000\n"
      "}\n");
  ASSERT_EQ(node.size(), 1U);
  EXPECT_EQ(node[0].kind, address_in_use_on_listen);
  EXPECT_EQ(node[0].count, 1U);
}

TEST(message_collector, a_pool_that_reached_no_server_is_not_exhausted) {
  const auto said = messages_in(
      "JedisConnectionException: Could not get a resource from the pool\n"
      "    at redis.clients.util.Pool.getResource(Pool.java:50)\n"
      "Caused by: java.net.ConnectException: Connection refused (Connection refused)\n");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, connect_refused);
}

TEST(message_collector, connect_itself_says_that_the_address_is_in_use_for_want_of_a_port) {
  const auto python = messages_in(
      "  File \"socket_connection.py\", line 159, in open\n"
      "    self._sock.connect((self.host, self.port))\n"
      "OSError: [Errno 98] Address already in use\n");
  ASSERT_EQ(python.size(), 1U);
  EXPECT_EQ(python[0].kind, address_not_available);
  const auto node = messages_in(
      "connect EADDRINUSE 192.168.1.4:8090\n"
      "    at TCPConnectWrap.afterConnect [as oncomplete] (net.js:1141:16) {\n"
      "  errno: 'EADDRINUSE',\n"
      "  code: 'EADDRINUSE',\n"
      "  syscall: 'connect',\n"
      "  port: 8090\n");
  ASSERT_EQ(node.size(), 1U);
  EXPECT_EQ(node[0].kind, address_not_available);
}

TEST(message_collector, counts_what_the_log_says_was_left_out) {
  const auto said = messages_in(
      "kernel: net_ratelimit: 482 callbacks suppressed\n"
      "kernel: TCP: time wait bucket table overflow\n"
      "kernel: TCP: time wait bucket table overflow\n"
      "syslog: last message repeated 3 times\n");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].count, 482U + 2U + 3U);
}

TEST(message_collector, gives_what_the_kernel_left_out_to_what_it_says_most) {
  const auto said = messages_in(
      "[261081.351086] TCP: too many orphaned sockets\n"
      "[261081.351093] TCP: too many orphaned sockets\n"
      "[261081.351126] MPTCP: out of memory: force closing socket\n"
      "[261096.028928] net_ratelimit: 273 callbacks suppressed\n"
      "[261096.028929] TCP: too many orphaned sockets\n");
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].kind, too_many_orphans);
  EXPECT_EQ(said[0].count, 3U + 273U);
  EXPECT_EQ(said[1].kind, tcp_memory);
  EXPECT_EQ(said[1].count, 1U);
}

TEST(message_collector, finds_the_address_on_the_line_below) {
  const auto said =
      messages_in("[Errno 98] Address already in use\nwhile attempting to bind 0.0.0.0:8080\n");
  ASSERT_EQ(said.size(), 1U);
  ASSERT_TRUE(said[0].endpoint);
  EXPECT_EQ(said[0].endpoint->port, 8080);
}

TEST(message_collector, takes_an_ipv6_destination_alone_for_a_missing_address) {
  for (const auto* line :
       {"Error: connect EADDRNOTAVAIL ::1:3003 - Local (:::0)",
        "[crit] 7#7: *157 connect() to [2001:db8::e]:443 failed (99: Cannot assign requested "
        "address) while connecting to upstream",
        "dial tcp [::1]:8080: connect: cannot assign requested address",
        "curl: (7) Failed to connect to ::1 port 8080: Cannot assign requested address"}) {
    const auto said = messages_in(line);
    ASSERT_EQ(said.size(), 1U) << line;
    EXPECT_EQ(said[0].kind, address_not_local) << line;
  }
  for (const auto* line : {"dial tcp 127.0.0.1:8080: connect: cannot assign requested address",
                           "dial tcp [::1]:8080: connect: cannot assign requested address\n"
                           "$ netstat -an | grep -c TIME_WAIT\n28000"}) {
    const auto said = messages_in(line);
    ASSERT_EQ(said.size(), 1U) << line;
    EXPECT_EQ(said[0].kind, address_not_available) << line;
  }
}

TEST(message_collector, takes_the_queue_that_uwsgi_shows_for_a_listeners) {
  const auto made = read(
      "*** uWSGI listen queue of socket \"127.0.0.1:39397\" (fd: 3) full !!! (1021/1024) ***\n"
      "*** uWSGI listen queue of socket \"127.0.0.1:39397\" (fd: 3) full !!! (1025/1024) ***\n");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->listeners.size(), 1U);
  EXPECT_EQ(made->listeners[0].local.port, 39397);
  EXPECT_EQ(made->listeners[0].accept_queue, 1025U);
  EXPECT_EQ(made->listeners[0].backlog, 1024U);
}

TEST(message_collector, counts_threads_at_one_lock) {
  std::string trace;
  for (int i = 0; i < 4; ++i) {
    trace += "[pid 95] futex(0x7fe723936830, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>\n";
  }
  EXPECT_TRUE(messages_in(trace + "TIME_WAIT 5\n").empty());
  trace += "[pid 96] futex(0x7fe723936830, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>\n";
  const auto said = messages_in(trace);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, lock_contended);
  EXPECT_EQ(said[0].count, 5U);
}

TEST(message_collector, reads_servers_that_have_no_worker_left) {
  for (const auto* line :
       {"[mpm_prefork:error] AH00161: server reached MaxRequestWorkers setting, consider raising",
        "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
        "[alert] 7#7: 1024 worker_connections are not enough while connecting to upstream"}) {
    const auto said = messages_in(line);
    ASSERT_EQ(said.size(), 1U) << line;
    EXPECT_EQ(said[0].kind, no_worker) << line;
  }
  const auto unix_socket = messages_in(
      "[error] 7#7: *1 connect() to unix:/run/php.sock failed (11: Resource temporarily "
      "unavailable) while connecting to upstream");
  ASSERT_EQ(unix_socket.size(), 1U);
  EXPECT_EQ(unix_socket[0].kind, listen_overflow);
}

TEST(message_collector, learns_the_call_from_what_was_typed_at_a_prompt) {
  const auto typed = messages_in(
      ">>> s6 = socket.socket(family=socket.AddressFamily.AF_INET6)\n"
      ">>> s6.bind(('::1', 9999, 0, 0))\n"
      "Traceback (most recent call last):\n"
      "  File \"<stdin>\", line 1, in <module>\n"
      "OSError: [Errno 99] Cannot assign requested address\n");
  ASSERT_EQ(typed.size(), 1U);
  EXPECT_EQ(typed[0].kind, address_not_local);
}

TEST(message_collector, learns_the_call_from_a_frame_above_the_last) {
  const auto traced = messages_in(
      "Traceback (most recent call last):\n"
      "  File \"/app/relay.py\", line 582, in __init__\n"
      "    server_socket.bind(sa)\n"
      "  File \"/usr/lib/python2.7/socket.py\", line 224, in meth\n"
      "    return getattr(self._sock,name)(*args)\n"
      "socket.error: [Errno 99] Cannot assign requested address\n");
  ASSERT_EQ(traced.size(), 1U);
  EXPECT_EQ(traced[0].kind, address_not_local);
}

TEST(message_collector, a_bind_while_a_connection_is_opened_is_of_its_source) {
  const auto kind_of = [](std::string_view before, std::string_view endpoint) {
    const auto said = messages_in(std::string(before) + "\nBind failure. Failed to bind to " +
                                  std::string(endpoint) + ": Address already in use\n");
    return said.empty() ? connection_reset : said.front().kind;
  };
  EXPECT_EQ(kind_of("creating a new connection", "10.10.0.14:56122"), address_in_use_on_bind);
  EXPECT_EQ(kind_of("creating a new connection", "0.0.0.0:56122"), address_in_use_on_listen);
  EXPECT_EQ(kind_of("creating a new connection", "10.10.0.14:8080"), address_in_use_on_listen);
  EXPECT_EQ(kind_of("starting", "10.10.0.14:56122"), address_in_use_on_listen);
}

TEST(message_collector, believes_a_trace_more_than_what_a_program_says) {
  const auto said = messages_in(
      "EADDRINUSE: Failed to start server. Is port 3001 in use?\n"
      " syscall: \"listen\"\n"
      "\n"
      "bind(12, {sa_family=AF_INET, sin_port=htons(3001), sin_addr=inet_addr(\"172.16.0.1\")}, 16) "
      "= "
      "-1 EADDRNOTAVAIL (Cannot assign requested address)\n");
  for (const auto& m : said) EXPECT_EQ(m.kind, address_not_local) << m.text;
  EXPECT_FALSE(said.empty());
}

TEST(message_collector, reads_an_error_that_was_wrapped_before_its_number) {
  const auto said = messages_in(
      "2014/11/01 20:35:24 [error] 16688#0: *25837 connect() to unix:/run/app.sock failed \n"
      "(11: Resource temporarily unavailable) while connecting to upstream, client: x\n");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, listen_overflow);
}

}  // namespace
}  // namespace waitstate::paste
