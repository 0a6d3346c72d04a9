#include "messages/message_line.h"
#include "messages/error_line.h"
#include "messages/kernel_message.h"

#include <ostream>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using enum message_kind;

struct error_case {
  std::string_view line;
  message_kind kind;
  std::string_view host = {};
  std::uint16_t port = 0;
  std::string_view program = {};
  bool to_upstream = false;
};

std::ostream& operator<<(std::ostream& out, const error_case& c) {
  return out << c.line;
}

class error_line : public testing::TestWithParam<error_case> {};

TEST_P(error_line, is_read) {
  const auto& want = GetParam();
  const auto m = read_error_line(want.line);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->kind, want.kind);
  const auto endpoint = m->endpoint.value_or(text_endpoint{});
  EXPECT_EQ(endpoint.host, want.host);
  EXPECT_EQ(endpoint.port, want.port);
  EXPECT_EQ(m->program, want.program);
  EXPECT_EQ(m->to_upstream, want.to_upstream);
}

INSTANTIATE_TEST_SUITE_P(
    all, error_line,
    testing::Values(
        error_case{"[crit] 23#0: *5 connect() to 127.0.0.1:8080 failed (99: Cannot assign "
                   "requested address) while connecting to upstream",
                   address_not_available, "127.0.0.1", 8080, "nginx", true},
        error_case{"[error] 29#29: *5 connect() to 10.0.0.9:80 failed (99: Cannot assign "
                   "requested address)",
                   address_not_available, "10.0.0.9", 80, "nginx"},
        error_case{"failed to bind outgoing socket: Cannot assign requested address",
                   address_not_local},
        error_case{"Cannot bind to source address before connect() for backend b: Cannot assign "
                   "requested address",
                   address_not_local},
        error_case{"envoy failed to bind to 127.0.0.6:0: Cannot assign requested address",
                   address_not_local, "127.0.0.6", 0, "envoy"},
        error_case{"upstream reset: transport failure reason: delayed connect error: 99",
                   address_not_available, "", 0, "envoy", true},
        error_case{"immediate connect error: 99", address_not_available, "", 0, "envoy", true},
        error_case{"haproxy[12]: Connect() failed for backend app: no free ports.",
                   address_not_available, "", 0, "haproxy", true},
        error_case{"haproxy[12]: Proxy app reached process FD limit (maxsock=2048).",
                   too_many_open_files, "", 0, "haproxy"},
        error_case{"Can't assign requested address", address_not_available},
        error_case{"EADDRNOTAVAIL", address_not_available},
        error_case{"Error: connect EADDRNOTAVAIL 127.0.0.1:8080 - Local (127.0.0.1:0)",
                   address_not_available, "127.0.0.1", 8080, "node"},
        error_case{"ConnectionException: Cannot assign requested address [tcp://127.0.0.1:6379]",
                   address_not_available, "127.0.0.1", 6379},
        error_case{"HTTPConnectionPool(host='127.0.0.1', port=30100): ... [Errno 99] Cannot assign",
                   address_not_available, "127.0.0.1", 30100, "python"},
        error_case{"dial tcp 10.0.0.5:43210->10.0.0.7:6379: connect: cannot assign requested "
                   "address",
                   address_not_available, "10.0.0.7", 6379, "go"},
        error_case{"traefik proxy.go:182 > 502 Bad Gateway error=\"dial tcp <ip>:8080: connect: "
                   "cannot assign requested address\"",
                   address_not_available, "<ip>", 8080, "traefik", true},
        error_case{"SocketException (10048): Only one usage of each socket address is normally "
                   "permitted. 10.0.0.4:443",
                   address_not_available, "10.0.0.4", 443, "dotnet"},
        error_case{"connect(3, {sa_family=AF_INET, sin_port=htons(80), "
                   "sin_addr=inet_addr(\"10.0.0.1\")}, 16) = -1 EADDRNOTAVAIL (Cannot assign",
                   address_not_available, "10.0.0.1", 80},
        error_case{"envoy failed to bind to 127.0.0.6:0: Address already in use",
                   address_in_use_on_bind, "127.0.0.6", 0, "envoy"},
        error_case{"dial tcp 10.0.0.9:0->10.2.0.1:3306: bind: address already in use",
                   address_in_use_on_bind, "10.0.0.9", 0, "go"},
        error_case{"[crit] 7#7: *1 bind(10.0.0.7) failed (98: Address already in use) while "
                   "connecting to upstream, upstream: \"http://10.0.0.9:8080/\"",
                   address_in_use_on_bind, "10.0.0.7", 0, "nginx", true},
        error_case{"dial tcp 10.2.0.1:3306: bind: address already in use", address_in_use_on_bind,
                   "", 0, "go"},
        error_case{"ERROR: bind_to_addr: Address already in use", address_in_use_on_bind},
        error_case{"bind(11, {sa_family=AF_INET, sin_port=htons(0), "
                   "sin_addr=inet_addr(\"10.0.0.1\")}, 16) = -1 EADDRINUSE",
                   address_in_use_on_bind, "10.0.0.1", 0},
        error_case{"nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
                   address_in_use_on_listen, "0.0.0.0", 80, "nginx"},
        error_case{"listen tcp :9100: bind: address already in use", address_in_use_on_listen, "",
                   9100},
        error_case{"Error: listen EADDRINUSE: address already in use :::3000",
                   address_in_use_on_listen, "::", 3000, "node"},
        error_case{"err=-98", address_in_use_on_listen},
        error_case{"http: Accept error: accept tcp [::]:8080: accept4: too many open files",
                   too_many_open_files, "", 0, "go"},
        error_case{"accept on PROXY 9 failed: Too Many Open Files", too_many_open_files},
        error_case{"OSError: [Errno 24] Too many open files", too_many_open_files, "", 0, "python"},
        error_case{"HikariPool-1 - Connection is not available, request timed out after 30000ms.",
                   pool_exhausted, "", 0, "java"},
        error_case{"QueuePool limit of size 5 overflow 10 reached, connection timed out",
                   pool_exhausted, "", 0, "python"},
        error_case{"redis: connection pool timeout", pool_exhausted},
        error_case{"upstream timed out (110: Connection timed out) while connecting to upstream, "
                   "upstream: \"http://10.0.0.9:8080/\"",
                   connect_timed_out, "10.0.0.9", 8080, "nginx", true},
        error_case{"dial tcp 10.0.0.7:443: i/o timeout", connect_timed_out, "10.0.0.7", 443, "go"},
        error_case{"connect: Connection refused 10.0.0.7:80", connect_refused, "10.0.0.7", 80},
        error_case{"write: broken pipe", connection_reset},
        error_case{"recv() failed (104: Connection reset by peer)", connection_reset}));

TEST(error_line, needs_the_wording_of_an_error) {
  for (const std::string_view line :
       {"", "the timeout is 30 s", "we raised the pool size to 100",
        "is there a connection limit on port 8080?", "itemfile was written", "99 bottles (99:1)",
        "net.ipv4.tcp_fin_timeout = 30",
        // The upstream took the connection.
        "upstream timed out (110: Connection timed out) while reading response header"}) {
    EXPECT_EQ(read_error_line(line), std::nullopt) << line;
  }
}

TEST(kernel_message, is_read_whatever_stands_before_it) {
  struct row {
    std::string_view line;
    message_kind kind;
  };
  constexpr row rows[] = {
      {"Apr 20 22:02:55 kernel: TCP: time wait bucket table overflow", time_wait_overflow},
      {"[1454500.910215] nf_conntrack: table full, dropping packet", conntrack_full},
      {"kernel: nf_conntrack: nf_conntrack: table full, dropping packet", conntrack_full},
      {"TCP: too many orphaned sockets", too_many_orphans},
      {"TCP: too many of orphaned sockets", too_many_orphans},
      {"kernel: TCP: out of memory -- consider tuning tcp_mem", tcp_memory},
      {"Out of socket memory", tcp_memory},
      {"[759720.237846] TCP: out of memory -- consider tuning tcp_memconsider", tcp_memory},
      {"kernel: TCP: drop open request from 198.51.100.7/16417", syn_dropped},
      {"kernel: [1.2] TCP: TCP: Possible SYN flooding on port 80. Dropping request.  Check SNMP "
       "counters.",
       syn_flood},
      {"kernel: request_sock_TCP: Possible SYN flooding on port [::]:443. Sending cookies.",
       syn_flood},
      {"kernel: VFS: file-max limit 1048576 reached", file_table_full},
      {"kernel: kern.maxfiles limit exceeded by uid 80, (lighttpd) please see tuning(7).",
       file_table_full},
      {"kernel: nf_conntrack: nf_conntrack: table full, dropping packet.", conntrack_full},
      {"kernel: ip_conntrack: table full, dropping packet.", conntrack_full},
      {"Tcpip 4231 A request to allocate an ephemeral port number from the global TCP port space "
       "has failed due to all such ports being in use.",
       address_not_available},
  };
  for (const auto& [line, kind] : rows) {
    const auto m = read_kernel_message(line);
    ASSERT_TRUE(m) << line;
    EXPECT_EQ(m->kind, kind) << line;
    EXPECT_EQ(m->count, 1U) << line;
  }
  EXPECT_EQ(read_kernel_message("the table is full"), std::nullopt);
}

TEST(kernel_message, reads_ports_queues_and_occurrences) {
  EXPECT_EQ(read_kernel_message("TCP: request_sock_TCP: Possible SYN flooding on port 1443. "
                                "Sending cookies."),
            (message_line{.kind = syn_flood, .endpoint = text_endpoint{.host = "", .port = 1443}}));
  const auto m = read_kernel_message(
      "sonewconn: pcb 0xf (0.0.0.0:443 (proto 6)): Listen queue overflow: 76 already in queue "
      "awaiting acceptance (350 occurrences)");
  EXPECT_EQ(m, (message_line{.kind = listen_overflow,
                             .count = 350,
                             .endpoint = text_endpoint{.host = "0.0.0.0", .port = 443},
                             .queued = 76,
                             .os = os_family::other_bsd}));
}

TEST(suppressed, is_counted) {
  using suppressed = suppressed_messages;
  EXPECT_EQ(read_suppressed("kernel: net_ratelimit: 482 callbacks suppressed"),
            (suppressed{.count = 482, .of_any_kind = true}));
  EXPECT_EQ(read_suppressed("[12.3] __ratelimit: 7 callbacks suppressed"),
            (suppressed{.count = 7, .of_any_kind = true}));
  EXPECT_EQ(read_suppressed("kernel: printk: 31 messages suppressed."),
            (suppressed{.count = 31, .of_any_kind = true}));
  EXPECT_EQ(read_suppressed("syslog: last message repeated 3 times"), (suppressed{.count = 3}));
  EXPECT_EQ(read_suppressed("output suppressed"), std::nullopt);
}

}  // namespace
}  // namespace waitstate::paste
