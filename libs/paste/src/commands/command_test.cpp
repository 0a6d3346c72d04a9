#include "commands/command.h"

#include <ostream>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tool = command::tool;
using tcp::state;
using namespace std::chrono_literals;

struct filter_case {
  std::string_view text;
  tcp::state state = tcp::state::unknown;
  std::uint16_t port = 0;
  connection_end port_end = connection_end::either;
  std::optional<connection_end> column;
  bool counts_lines = false;
  bool lists_counts = false;
};

std::ostream& operator<<(std::ostream& out, const filter_case& c) {
  return out << c.text;
}

class sockets_command : public testing::TestWithParam<filter_case> {};

TEST_P(sockets_command, tells_what_is_counted) {
  const auto& want = GetParam();
  const auto c = parse_command(want.text);
  EXPECT_EQ(c.what, tool::sockets);
  EXPECT_EQ(c.state, want.state);
  EXPECT_EQ(c.port, want.port);
  EXPECT_EQ(c.port_end, want.port_end);
  EXPECT_EQ(c.column, want.column);
  EXPECT_EQ(c.counts_lines, want.counts_lines);
  EXPECT_EQ(c.lists_counts, want.lists_counts);
}

INSTANTIATE_TEST_SUITE_P(
    all, sockets_command,
    testing::Values(
        filter_case{.text = "netstat -an | grep CLOSE_WAIT | wc -l",
                    .state = state::close_wait,
                    .counts_lines = true},
        filter_case{.text = "netstat -na -f inet6|grep 8080|grep TIME |wc -l",
                    .state = state::time_wait,
                    .port = 8080,
                    .counts_lines = true},
        filter_case{.text = "sudo netstat -anp | grep :6379 | grep -c TIME_WAIT",
                    .state = state::time_wait,
                    .port = 6379,
                    .counts_lines = true},
        filter_case{.text = "netstat -anl | grep 3000 | awk '/^tcp/ {t[$NF]++}END{for(state in "
                            "t){print state, t[state]} }'",
                    .port = 3000,
                    .lists_counts = true},
        filter_case{.text = "netstat -tan | awk '$5 ~ /:8139/ {print $6}' | sort | uniq -c",
                    .port = 8139,
                    .port_end = connection_end::remote,
                    .lists_counts = true},
        filter_case{.text = "netstat -tan | awk \"{print \\$6}\" | sort | uniq -c",
                    .lists_counts = true},
        filter_case{.text = "netstat -tan | awk '$4 ~ /:80$/ && $6 == \"TIME_WAIT\"' | wc -l",
                    .state = state::time_wait,
                    .port = 80,
                    .port_end = connection_end::local,
                    .counts_lines = true},
        filter_case{.text = "netstat -ntu | awk '{print $5}' | cut -d: -f1 | sort | uniq -c",
                    .column = connection_end::remote,
                    .lists_counts = true},
        filter_case{.text = "ss -tan state time-wait '( dport = :443 )' | wc -l",
                    .state = state::time_wait,
                    .port = 443,
                    .port_end = connection_end::remote,
                    .counts_lines = true},
        filter_case{.text = "ss -tan state time-wait | awk '{print $4}' | sort | uniq -c",
                    .state = state::time_wait,
                    .column = connection_end::remote,
                    .lists_counts = true},
        filter_case{.text = "ss -tan state close-wait | awk '{print $3}' | sort | uniq -c",
                    .state = state::close_wait,
                    .column = connection_end::local,
                    .lists_counts = true},
        filter_case{.text = "ss -an state close-wait | awk '{print $5}' | sort | uniq -c",
                    .state = state::close_wait,
                    .column = connection_end::remote,
                    .lists_counts = true},
        filter_case{.text = "ss -tan | awk '{print $5}' | sort | uniq -c",
                    .column = connection_end::remote,
                    .lists_counts = true},
        filter_case{.text = "ss -tan sport = :http", .port = 80, .port_end = connection_end::local},
        filter_case{.text = "lsof -i :8080 -sTCP:CLOSE_WAIT | wc -l",
                    .state = state::close_wait,
                    .port = 8080,
                    .counts_lines = true},
        filter_case{.text = "lsof -p 12 | grep \"CLOSE_WAIT\" | awk '{print $9}' | cut -d: -f1 | "
                            "sort | uniq -c",
                    .state = state::close_wait,
                    .column = connection_end::local,
                    .lists_counts = true},
        filter_case{.text = "netstat -ano | findstr TIME_WAIT | find /c \":8080\"",
                    .state = state::time_wait,
                    .port = 8080,
                    .counts_lines = true},
        filter_case{.text = "ansible web -o -a 'sudo netstat -pnt | grep FIN_WAIT2 | wc -l'",
                    .state = state::fin_wait_2,
                    .counts_lines = true},
        filter_case{.text = "ssh web1 \"ss -tan | grep CLOSE-WAIT | wc -l\"",
                    .state = state::close_wait,
                    .counts_lines = true},
        filter_case{.text = "netstat -an | find \"FIN_WAIT_2\" /c",
                    .state = state::fin_wait_2,
                    .counts_lines = true},
        filter_case{.text = "(Get-NetTCPConnection -State TimeWait).Count",
                    .state = state::time_wait,
                    .counts_lines = true},
        filter_case{.text = "Get-NetTCPConnection | Where-Object {$_.State -eq 'CloseWait'} | "
                            "Measure-Object",
                    .state = state::close_wait,
                    .counts_lines = true},
        filter_case{.text = "Get-NetTCPConnection | Group-Object State", .lists_counts = true},
        filter_case{.text = "kubectl exec -it pod-0 -- netstat -an | grep -v tcp6 | grep ESTAB",
                    .state = state::established}));

TEST(parse_command, knows_when_ss_shows_timers) {
  EXPECT_TRUE(parse_command("ss -tano").shows_timers);
  EXPECT_TRUE(parse_command("sudo ss -tan --options state established").shows_timers);
  EXPECT_TRUE(parse_command("ss -tno | grep ESTAB").shows_timers);
  EXPECT_FALSE(parse_command("ss -tan").shows_timers);
  EXPECT_FALSE(parse_command("ss -tano | awk '{print $1,$2,$3,$4,$5}'").shows_timers);
  EXPECT_FALSE(parse_command("netstat -ano").shows_timers);
}

TEST(parse_command, reads_the_columns_of_owners_of_lsof) {
  const auto both = parse_command("lsof -iTCP | awk '{print $1\" \"$2}' | sort | uniq -c");
  EXPECT_EQ(both.program_word, 1);
  EXPECT_EQ(both.pid_word, 2);
  const auto swapped = parse_command("lsof -iTCP | awk 'NR>1 {print $2, $1}' | sort | uniq -c");
  EXPECT_EQ(swapped.program_word, 2);
  EXPECT_EQ(swapped.pid_word, 1);
  for (const std::string_view text :
       {"lsof -iTCP | awk '{print $9}' | sort | uniq -c", "lsof -iTCP | awk '{print $2,$9}'",
        "lsof -iTCP | awk -F'->' '{print $2}' | sort | uniq -c", "ss -tan | awk '{print $1}'"}) {
    EXPECT_EQ(parse_command(text).pid_word, 0) << text;
  }
}

TEST(parse_command, reads_loops_and_watch) {
  EXPECT_EQ(
      parse_command("while true; do netstat -an |grep CLOSE_WAIT| wc -l ; sleep 5; done").interval,
      5s);
  EXPECT_EQ(parse_command("watch -n 1 'ss -s'").interval, 1s);
  EXPECT_EQ(parse_command("watch ss -s").interval, 2s);
  EXPECT_EQ(parse_command("ss -s").interval, std::nullopt);
}

TEST(parse_command, reads_an_address_whose_endpoints_are_counted) {
  const auto c = parse_command("netstat -an | grep -o -E '127.0.0.6:[0-9]+' | sort | uniq | wc -l");
  EXPECT_EQ(c.address, "127.0.0.6");
  EXPECT_EQ(c.port, 0);
  EXPECT_TRUE(c.counts_distinct);
  EXPECT_TRUE(c.counts_lines);
}

TEST(parse_command, reads_settings_limits_and_descriptors) {
  EXPECT_EQ(parse_command("cat /proc/sys/net/nf_conntrack_max").key, "net.nf_conntrack_max");
  EXPECT_EQ(parse_command("sysctl -n net.ipv4.tcp_tw_reuse").key, "net.ipv4.tcp_tw_reuse");
  const auto set = parse_command("sudo sysctl -w net.ipv4.tcp_tw_reuse=1");
  EXPECT_EQ(set.key, "net.ipv4.tcp_tw_reuse");
  EXPECT_EQ(set.value, "1");
  const auto echoed = parse_command("echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse");
  EXPECT_EQ(echoed.key, "net.ipv4.tcp_tw_reuse");
  EXPECT_EQ(echoed.value, "1");

  EXPECT_EQ(parse_command("ulimit -n").what, tool::fd_limit);
  EXPECT_EQ(parse_command("cat /proc/812/limits").pid, 812);
  const auto listed = parse_command("ls /proc/3034214/fd/ | wc -l");
  EXPECT_EQ(listed.what, tool::descriptors);
  EXPECT_EQ(listed.pid, 3034214);
  EXPECT_TRUE(listed.counts_lines);
  const auto lsof = parse_command("sudo lsof -p 24566 | wc -l");
  EXPECT_EQ(lsof.what, tool::descriptors);
  EXPECT_EQ(lsof.pid, 24566);
  EXPECT_EQ(parse_command("conntrack -C").what, tool::conntrack);
  EXPECT_EQ(parse_command("python3 app.py").what, tool::other);
}

TEST(parse_command, reads_a_result_on_the_same_line) {
  EXPECT_EQ(parse_command("netstat -an | grep TIME_WAIT | wc -l  => 2065").result, 2065U);
  EXPECT_EQ(parse_command("netstat -an | grep TIME_WAIT | wc -l").result, std::nullopt);
  EXPECT_EQ(parse_command("ss -tan | grep -c X | wc -l` \xE2\x86\x92 ~21,000, and it stays").result,
            21'000U);
  EXPECT_EQ(parse_command("ss -tan | wc -l = 1,234").result, 1'234U);
  EXPECT_EQ(parse_command("ss -tan | wc -l 5 times").result, std::nullopt);
  EXPECT_EQ(parse_command("ss -tan | wc -l 2>/dev/null").result, std::nullopt);
}

TEST(parse_command, takes_what_another_command_prints_for_one_word) {
  for (const std::string_view typed :
       {"ls /proc/$(pidof nginx)/fd | wc -l", "ls -l /proc/`pgrep -f app.jar`/fd | wc -l",
        "sudo ls /proc/$(pgrep -o java | head -1)/fd/ | wc -l", "lsof -p $(pidof nginx) | wc -l"}) {
    const auto c = parse_command(typed);
    EXPECT_EQ(c.what, tool::descriptors) << typed;
    EXPECT_TRUE(c.counts_lines) << typed;
  }
  EXPECT_EQ(parse_command("cat /proc/$(pidof nginx)/limits").what, tool::fd_limit);
  EXPECT_EQ(parse_command("grep open /proc/`pidof nginx`/limits").what, tool::fd_limit);
}

TEST(parse_command, counts_states_in_a_file_that_somebody_saved) {
  const auto c = parse_command("grep CLOSE_WAIT netstat.txt | wc -l");
  EXPECT_EQ(c.what, command::tool::sockets);
  EXPECT_EQ(c.state, tcp::state::close_wait);
  EXPECT_TRUE(c.counts_lines);
  EXPECT_EQ(parse_command("grep -c TIME_WAIT /tmp/ns").what, command::tool::sockets);
  for (const auto* other : {"grep listen nginx.conf | wc -l", "grep -c close app.log",
                            "grep CLOSED bugs.txt | wc -l"}) {
    EXPECT_EQ(parse_command(other).what, command::tool::other) << other;
  }
}

TEST(parse_command, takes_words_for_programs_only_where_programs_are_printed) {
  EXPECT_EQ(parse_command("netstat -anp | grep nginx | wc -l").program, "nginx");
  EXPECT_EQ(parse_command("ss -tanp | grep java | wc -l").program, "java");
  EXPECT_EQ(parse_command("lsof -i | grep ruby | wc -l").program, "ruby");
  for (const auto* text : {"netstat -an | grep nginx | wc -l", "ss -tan | grep inet | wc -l",
                           "netstat -anp | grep FIN | wc -l", "netstat -an | grep WAIT | wc -l"}) {
    EXPECT_EQ(parse_command(text).program, "") << text;
  }
}

TEST(parse_command, knows_no_port_0) {
  const auto c = parse_command("Get-NetTCPConnection | Where-Object {$_.RemotePort -ne 0}");
  EXPECT_EQ(c.port, 0);
  EXPECT_EQ(c.port_end, connection_end::either);
}

TEST(parse_command, takes_a_number_for_a_port_only_where_it_is_whole) {
  for (const auto& [text, port] :
       {std::pair{"netstat -an | grep :80 | wc -l", 80},
        std::pair{"ss -tan | grep 443 | wc -l", 443}, std::pair{"ss -tan | grep :8 | wc -l", 0},
        std::pair{"ss -tan | grep 30 | wc -l", 0},
        std::pair{"netstat -an | grep ':30[0-9]' | wc -l", 0}}) {
    EXPECT_EQ(parse_command(text).port, port) << text;
  }
}

}  // namespace
}  // namespace waitstate::paste
