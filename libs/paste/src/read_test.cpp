#include "waitstate/paste/read.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tcp::state;
using namespace std::chrono_literals;

snapshot must_read(std::string_view text) {
  auto made = read(text);
  EXPECT_TRUE(made) << text;
  return made ? std::move(*made) : snapshot{};
}

TEST(read, finds_several_blocks_with_prose_between) {
  const auto s = must_read(
      "We see many errors since Monday:\n"
      "[crit] 12#0: *3 connect() to 127.0.0.1:80 failed (99: Cannot assign requested address) "
      "while connecting to upstream\n"
      "\n"
      "$ ss -s\n"
      "TCP:   51582 (estab 2866, closed 48611, orphaned 92, synrecv 0, timewait 48611/0), ports 1\n"
      "And the range is:\n"
      "net.ipv4.ip_local_port_range = 32768 61000\n"
      "$ netstat -anp | grep 127.0.0.1\n"
      "tcp        0      0 127.0.0.1:37713         127.0.0.1:80            TIME_WAIT   -\n");
  EXPECT_EQ(s.source, source_kind::pasted);
  EXPECT_EQ(s.source_detail, "error lines, ss -s, sysctl, netstat");
  EXPECT_EQ(s.host.os, os_family::linux_kernel);
  EXPECT_EQ(s.namespaces[0].totals.time_wait, 48611U);
  EXPECT_EQ(s.namespaces[0].ephemeral_range(), (tcp::port_range{.low = 32768, .high = 61000}));
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].key.direction, direction::outbound);
  EXPECT_EQ(s.groups[0].key.owner.kind, ownership::none);
  EXPECT_EQ(s.groups[0].local_ports_in_range, 1U);
  ASSERT_EQ(s.messages.size(), 1U);
  EXPECT_TRUE(s.messages[0].to_upstream);
  EXPECT_TRUE(s.limits.empty());
}

TEST(read, uses_the_command_for_what_the_numbers_mean) {
  const auto s = must_read(
      "# while true; do netstat -an |grep CLOSE_WAIT| wc -l ; sleep 5; done\n"
      "1104\n1107\n1110\n");
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].key.state, state::close_wait);
  EXPECT_EQ(s.groups[0].count, 1110U);
  EXPECT_DOUBLE_EQ(*s.groups[0].growth_per_second, 0.6);
}

TEST(read, keeps_counts_of_other_hosts_as_series) {
  const auto s = must_read("# netstat -an | grep CLOSE_WAIT | wc -l\n7\nweb-0:   0\nweb-1:   3\n");
  EXPECT_EQ(s.states().of(state::close_wait), 7U);
  ASSERT_EQ(s.series.size(), 2U);
  EXPECT_EQ(s.series[1].label, "web-1");
  EXPECT_EQ(s.series[1].state, state::close_wait);
}

TEST(read, adds_suppressed_kernel_lines_to_their_kind) {
  const auto s = must_read(
      "kernel: TCP: time wait bucket table overflow\n"
      "kernel: net_ratelimit: 482 callbacks suppressed\n"
      "kernel: TCP: time wait bucket table overflow\n");
  ASSERT_EQ(s.messages.size(), 1U);
  EXPECT_EQ(s.messages[0].count, 484U);
}

TEST(read, counts_the_endpoints_of_one_source_address) {
  const auto s = must_read(
      "a@pod:/$ netstat -an | grep -o -E '127.0.0.6:[0-9]+' | sort | uniq | wc -l\n"
      "28232\n");
  ASSERT_EQ(s.sources.size(), 1U);
  EXPECT_EQ(s.text_of(s.sources[0].address), "127.0.0.6");
  EXPECT_EQ(s.sources[0].ports_counted, 28232U);
  EXPECT_EQ(s.groups.at(0).key.direction, direction::outbound);
}

TEST(read, tells_masked_addresses_of_one_list_apart) {
  const auto s = must_read(
      "$ netstat -ntu | awk '{print $5}' | cut -d: -f1 | sort | uniq -c\n"
      "     64 xxx.xxx.xxx.xxx\n  10949 xxx.xxx.xxx.xxx\n");
  ASSERT_EQ(s.groups.size(), 2U);
  EXPECT_EQ(s.groups[0].count, 10949U);
}

TEST(read, counts_connections_by_the_name_of_a_destination) {
  const auto s = must_read(
      "$ netstat -at | grep ESTAB | awk '{print $5}' | sort | uniq -c\n"
      "   4000 db.internal:5432\n");
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.text_of(s.groups[0].key.remote), "db.internal:5432");
  EXPECT_EQ(s.groups[0].key.direction, direction::outbound);
}

TEST(read, takes_the_endpoint_of_a_failed_bind_from_the_line_below) {
  const auto s = must_read(
      "[Errno 98] Address already in use\n"
      "while binding 0.0.0.0:8080\n");
  ASSERT_EQ(s.messages.size(), 1U);
  ASSERT_TRUE(s.messages[0].endpoint);
  EXPECT_EQ(s.text_of(*s.messages[0].endpoint), "0.0.0.0:8080");
}

TEST(read, reads_settings_and_limits_from_bare_numbers) {
  const auto s = must_read(
      "cat /proc/sys/net/nf_conntrack_max\n262144\n"
      "# ulimit -n\n1024\n# ls /proc/12/fd | wc -l\n1031\n"
      "$ uname -r\n5.4.0-42-generic\n");
  EXPECT_EQ(s.host.conntrack_max, 262144U);
  EXPECT_EQ(s.host.kernel_release, "5.4.0-42-generic");
  ASSERT_EQ(s.processes.size(), 1U);
  EXPECT_EQ(s.processes[0].pid, 12);
  EXPECT_EQ(s.processes[0].fd_count, 1031U);
  EXPECT_EQ(s.processes[0].fd_limit, 1024U);
}

TEST(read, reads_listen_queues_of_bsd) {
  const auto s = must_read(
      "% netstat -Lan\n"
      "Current listen queue sizes (qlen/incqlen/maxqlen)\n"
      "Proto Listen         Local Address\n"
      "tcp4  76/1/50        XX.XX.XX.XX.5043\n");
  ASSERT_EQ(s.listeners.size(), 1U);
  EXPECT_EQ(s.listeners[0].accept_queue, 76U);
  EXPECT_EQ(s.listeners[0].incomplete, 1U);
  EXPECT_EQ(s.listeners[0].backlog, 50U);
  EXPECT_EQ(s.text_of(s.listeners[0].local), "XX.XX.XX.XX:5043");
}

TEST(read, knows_that_netstat_of_linux_shows_no_backlog) {
  const auto s = must_read("tcp  129  0 0.0.0.0:443  0.0.0.0:*  LISTEN  21130/trojan\n");
  ASSERT_EQ(s.listeners.size(), 1U);
  EXPECT_EQ(s.listeners[0].accept_queue, 129U);
  EXPECT_EQ(s.listeners[0].backlog, std::nullopt);
}

TEST(read, reads_powershell_counts_and_windows_settings) {
  const auto s = must_read(
      "PS C:\\> Get-NetTCPConnection | Group-Object -Property State\n\n"
      "Count Name                      Group\n"
      "----- ----                      -----\n"
      " 1204 TimeWait                  {MSFT_NetTCPConnection (X = \"1\")}\n"
      "C:\\>netsh int ipv4 show dynamicport tcp\n"
      "Start Port      : 49152\nNumber of Ports : 16384\n");
  EXPECT_EQ(s.states().of(state::time_wait), 1204U);
  EXPECT_EQ(s.host.os, os_family::windows);
  EXPECT_EQ(s.namespaces[0].ephemeral_range(), (tcp::port_range{.low = 49152, .high = 65535}));
}

TEST(read, reads_who_holds_bound_ports) {
  const auto s = must_read(
      "Count Name               Group\n"
      "----- ----               -----\n"
      " 2260 Bound, 10684       {MSFT_NetTCPConnection (InstanceID = \"0.0.0.0??58430\"), a b c}\n"
      "   93 Established, 4     {MSFT_NetTCPConnection}\n");
  EXPECT_EQ(s.states().of(state::bound_inactive), 2260U);
  EXPECT_EQ(s.states().of(state::established), 93U);
  EXPECT_EQ(s.host.os, os_family::windows);
  ASSERT_EQ(s.processes.size(), 2U);
  EXPECT_EQ(s.processes[0].pid, 10684);
}

TEST(read, knows_windows_by_its_commands_and_prompts) {
  for (const std::string_view text :
       {"PS C:\\> Get-NetTCPConnection | Group-Object State\nCount Name\n 1204 TimeWait\n",
        "netstat -ano | findstr TIME_WAIT | find /c \":443\"\n1204\n",
        "C:\\Users\\me>netstat -an | find \"TIME_WAIT\" | find /c \":443\"\n1204\n"}) {
    EXPECT_EQ(must_read(text).host.os, os_family::windows) << text;
  }
  EXPECT_EQ(must_read("$ netstat -an | grep TIME_WAIT | wc -l\n12\n").host.os, os_family::unknown);
}

TEST(read, takes_the_state_of_a_table_without_that_column_from_the_command) {
  const auto s = must_read(
      "$ ss -tn state close-wait\n"
      "Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
      "1      0      10.0.0.7:45678     10.0.0.9:3306\n");
  EXPECT_EQ(s.states().of(state::close_wait), 1U);
  EXPECT_EQ(s.groups.at(0).receive_queue_one, 1U);
}

TEST(read, joins_the_state_that_mail_wrapped_off_a_row) {
  const auto s = must_read(
      "tcp        1      0 10.0.0.3:42024     10.0.0.50:8080\n"
      "CLOSE_WAIT  812/java\n"
      "tcp        0      0 10.0.0.3:42026     10.0.0.50:8080\n"
      "ESTABLISHED 812/java\n"
      "$ netstat -an | awk '/^tcp/ {print $6}' | sort | uniq -c\n"
      "TIME_WAIT 12\n");
  EXPECT_EQ(s.states().of(state::close_wait), 1U);
  EXPECT_EQ(s.states().of(state::established), 1U);
  EXPECT_EQ(s.states().of(state::time_wait), 12U);
  EXPECT_EQ(s.states().of(state::unknown), 0U);
  ASSERT_EQ(s.processes.size(), 1U);
  EXPECT_EQ(s.processes[0].name, "java");
}

TEST(read, joins_the_properties_of_powershell) {
  const auto s = must_read(
      "PS C:\\> Get-NetTCPConnection -State CloseWait | Format-List\n\n"
      "LocalAddress   : 10.0.0.4\nLocalPort      : 51901\nRemoteAddress  : 10.0.0.9\n"
      "RemotePort     : 1433\nState          : CloseWait\nOwningProcess  : 911\n\n"
      "LocalAddress   : 10.0.0.4\nLocalPort      : 51902\nRemoteAddress  : 10.0.0.9\n"
      "RemotePort     : 1433\nState          : CloseWait\nOwningProcess  : 911\n");
  EXPECT_EQ(s.states().of(state::close_wait), 2U);
  EXPECT_EQ(s.host.os, os_family::windows);
}

TEST(read, takes_the_lines_out_of_what_ansible_writes_in_one) {
  const auto s = must_read(
      "web02 | CHANGED | rc=0 | (stdout)   8123 CLOSE_WAIT\\n  40 ESTABLISHED\nweb is slow\n");
  EXPECT_EQ(s.states().of(state::close_wait), 8123U);
  EXPECT_EQ(s.states().of(state::established), 40U);
}

TEST(read, knows_a_pid_behind_grep_when_something_else_names_it) {
  const auto s = must_read(
      "# netstat -nap | grep 11423 | grep CLOSE_WAIT | wc -l\n975\n"
      "# ls /proc/11423/fd | wc -l\n1008\n");
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].key.remote.port, 0U);
  EXPECT_EQ(s.groups[0].key.owner.kind, ownership::owned);
  const auto port = must_read("# netstat -nap | grep 11423 | grep CLOSE_WAIT | wc -l\n975\n");
  EXPECT_EQ(port.groups[0].key.remote.port, 11423U);
}

TEST(read, adds_no_count_to_another_that_may_hold_it) {
  const auto s = must_read(
      "$ netstat -an | grep :3306 | wc -l\n2535\n"
      "$ netstat -an | grep TIME_WAIT | wc -l\n2376\n");
  EXPECT_EQ(s.states().total(), 2535U);
}

TEST(read, takes_a_queue_that_is_full_at_several_looks_for_a_listener) {
  const std::string line =
      "*** uWSGI listen queue of socket \"127.0.0.1:5000\" (fd: 3) full !!! (101/100) ***\n";
  EXPECT_TRUE(must_read(line).listeners.empty()) << "a burst";
  const auto s = must_read(line + line);
  ASSERT_EQ(s.listeners.size(), 1U);
  EXPECT_EQ(s.listeners[0].accept_queue, 101U);
}

TEST(read, takes_the_address_that_libpq_names_below_its_error) {
  const auto s = must_read(
      "could not connect to server: Connection refused\n"
      "\tIs the server running on host \"localhost\" (127.0.0.1) and accepting\n"
      "\tTCP/IP connections on port 5432?\n"
      "could not connect to server: Cannot assign requested address\n"
      "\tIs the server running on host \"localhost\" (::1) and accepting\n"
      "\tTCP/IP connections on port 5432?\n");
  ASSERT_EQ(s.messages.size(), 2U);
  EXPECT_EQ(s.messages[1].kind, message_kind::address_not_local);
  EXPECT_EQ(s.text_of(s.messages[1].endpoint.value()), "[::1]:5432");
}

TEST(read, keeps_what_prose_says_of_a_number_of_sockets) {
  const auto s = must_read(
      "tcp        0      0 127.0.0.1:11211     127.0.0.1:9699     TIME_WAIT\n"
      "At the moment, there are 7513 connections open in this state.\n");
  ASSERT_TRUE(s.statement);
  EXPECT_EQ(s.statement->sockets, 7513U);
}

TEST(read, joins_wrapped_lines_of_ss) {
  const auto s = must_read(
      "ESTAB 0 0 10.0.0.7:45678 10.0.0.9:3306\n"
      "\t users:((\"php-fpm\",pid=812,fd=3))\n"
      "ESTAB 0 0 10.0.0.7:45680 10.0.0.9:3306\n");
  ASSERT_EQ(s.processes.size(), 1U);
  EXPECT_EQ(s.processes[0].runtime, runtime::php);
  EXPECT_EQ(s.states().of(state::established), 2U);
}

TEST(read, decodes_the_addresses_of_proc_net_tcp) {
  const auto s = must_read(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   1: 0700000A:9C40 0900000A:0CEA 08 00000000:00000001 00:00000000 00000000  1000        0 "
      "4711 1 0000000000000000 20 4 30 10 -1\n");
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.text_of(s.groups[0].key.local), "10.0.0.7:*");
  EXPECT_EQ(s.text_of(s.groups[0].key.remote), "10.0.0.9:3306");
  EXPECT_TRUE(s.names.empty());
}

TEST(read, takes_the_owners_of_counts_from_the_columns_of_lsof) {
  const auto s = must_read(
      "# lsof -nP -iTCP -sTCP:CLOSE_WAIT | awk '{print $2}' | sort | uniq -c\n"
      "    912 4711\n      1 PID\n");
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].key.state, state::close_wait);
  EXPECT_EQ(s.groups[0].count, 912U);
  ASSERT_NE(s.owner_of(s.groups[0].key.owner), nullptr);
  EXPECT_EQ(s.owner_of(s.groups[0].key.owner)->pid, 4711);

  const auto named = must_read(
      "# lsof -nP -iTCP -sTCP:CLOSE_WAIT | awk '{print $1,$2}' | sort | uniq -c | sort -rn\n"
      "    912 java 4711\n      3 nginx 80\n      1 COMMAND PID\n");
  ASSERT_EQ(named.groups.size(), 2U);
  ASSERT_NE(named.owner_of(named.groups[0].key.owner), nullptr);
  EXPECT_EQ(named.owner_of(named.groups[0].key.owner)->pid, 4711);
  EXPECT_EQ(named.owner_of(named.groups[0].key.owner)->name, "java");
  EXPECT_EQ(named.states().of(state::close_wait), 915U);
}

TEST(read, says_which_rows_it_could_not_read) {
  const auto s = must_read("net.ipv4.tcp_tw_reuse = 1\ntcp 0 0 (gone) what is this\n");
  ASSERT_EQ(s.limits.size(), 1U);
  EXPECT_EQ(s.limits[0].id, "unread-lines");
}

TEST(read, fails_with_what_it_understands_when_nothing_can_be_read) {
  for (const std::string_view text : {std::string_view(""), std::string_view("hello\nworld\n"),
                                      std::string_view("\x7F"
                                                       "ELF\x01\x02\0\0\0\n\x01\x02\x03",
                                                       13)}) {
    const auto made = read(text);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::invalid_input);
    EXPECT_NE(made.error().hint.find("netstat"), std::string::npos);
  }
  EXPECT_EQ(read("hello").error().what, "no line of the text could be read");
}

TEST(read, tells_its_progress_in_a_large_text) {
  std::string text;
  while (text.size() < (std::size_t{3} << 20U)) {
    text += "tcp 0 0 10.0.0.1:40000 10.0.0.2:3306 TIME_WAIT\r\n";
  }
  std::uint64_t calls = 0;
  const auto made = read(text, [&](std::uint64_t) { ++calls; });
  ASSERT_TRUE(made);
  EXPECT_GE(calls, 2U);
  EXPECT_EQ(made->groups.size(), 1U);
}

TEST(read, takes_the_numbers_below_a_file_for_its_setting) {
  const auto s = read(
      "$ cat /proc/sys/net/ipv4/ip_local_port_range\n1025\t65535\n"
      "$ cat /proc/sys/net/ipv4/tcp_mem\n94500 126000 189000\n"
      "$ cat /proc/sys/fs/file-nr\n1024\t0\t98304\n");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->namespaces[0].sysctls.at("net.ipv4.ip_local_port_range"), "1025 65535");
  EXPECT_EQ(s->host.sysctls.at("net.ipv4.tcp_mem"), "94500 126000 189000");
  EXPECT_EQ(s->host.open_files, 1024U);
  EXPECT_EQ(s->host.open_files_max, 98304U);
}

}  // namespace
}  // namespace waitstate::paste
