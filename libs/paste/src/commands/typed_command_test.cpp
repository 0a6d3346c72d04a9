#include "commands/typed_command.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(typed_command, is_found_behind_prompts) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"$ ss -s", "ss -s"},
      {"# ulimit -n", "ulimit -n"},
      {"~# ss -s", "ss -s"},
      {"root@web:~# ss -s", "ss -s"},
      {"[root@web ~]# ss -s", "ss -s"},
      {"istio-proxy@pod-name:/$ netstat -an", "netstat -an"},
      {"/srv/configurable-http-proxy $ lsof", "lsof"},
      {"bash-5.1$ ss -s", "ss -s"},
      {"PS C:\\Users\\me> Get-NetTCPConnection", "Get-NetTCPConnection"},
      {"C:\\Windows>netstat -ano", "netstat -ano"},
      {"% netstat -Lan", "netstat -Lan"},
      {"$ python3 app.py", "python3 app.py"},
      {"ss -s", "ss -s"},
      {"  501  sysctl -w net.ipv4.tcp_tw_reuse=1", "sysctl -w net.ipv4.tcp_tw_reuse=1"},
      {"> ansible web -o -a 'netstat -pnt | wc -l'", "ansible web -o -a 'netstat -pnt | wc -l'"},
      {"ansible web -o -a 'netstat -pnt | wc -l'", "ansible web -o -a 'netstat -pnt | wc -l'"},
      {"cat /proc/net/sockstat", "cat /proc/net/sockstat"},
      {"redis-cli info | grep total", "redis-cli info | grep total"},
  };
  for (const auto& [line, command] : cases) EXPECT_EQ(typed_command(line), command) << line;
}

TEST(typed_command, is_not_found_in_prose_and_output) {
  for (const std::string_view line :
       {"netstat shows a lot of TIME_WAIT", "for each of them we see 5 % idle",
        "tcp 0 0 10.0.0.7:80 10.0.0.8:55123 TIME_WAIT", "net.ipv4.tcp_tw_reuse = 1 # on", "",
        "curl returns an error", "cat and mouse", "  501  ss", "501 netstat -an",
        "ansible is what we use"}) {
    EXPECT_EQ(typed_command(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
