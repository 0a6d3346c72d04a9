#include <gtest/gtest.h>

#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(table_header, says_whose_table_a_header_opens) {
  const struct {
    std::string_view line;
    table expected;
  } cases[] = {
      {"State      Recv-Q Send-Q   Local Address:Port     Peer Address:Port Process", table::ss},
      {"Netid  State   Recv-Q  Send-Q    Local Address:Port     Peer Address:Port", table::ss},
      {"Recv-Q Send-Q Local Address:Port Peer Address:PortProcess", table::ss_without_state},
      {"Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
       "PID/Program "
       "name",
       table::netstat_linux},
      {"> Proto Recv-Q Send-Q Local Address           Foreign Address         State",
       table::netstat_linux},
      {"Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)",
       table::netstat_bsd},
      {"Proto Listen         Local Address", table::netstat_bsd_listeners},
      {"Listen         Local Address", table::netstat_bsd_listeners},
      {"  Proto  Local Address          Foreign Address        State           PID",
       table::netstat_windows},
      {"  Proto  Lokale Adresse         Remoteadresse          Status", table::netstat_windows},
      {"  Proto  Adresse locale         Adresse distante       État", table::netstat_windows},
      {"LocalAddress LocalPort RemoteAddress RemotePort State AppliedSetting",
       table::netstat_windows},
      {"COMMAND   PID   USER   FD      TYPE   DEVICE SIZE/OFF     NODE NAME", table::lsof},
      {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when", table::proc_net_tcp},
      {"  sl  local_address                         remote_address                        st "
       "tx_queue",
       table::proc_net_tcp},
      {"", table::none},
      {"Active Internet connections (servers and established)", table::none},
      {"The proto of a socket is in a header", table::none},
      {"We listen on the Local Address", table::none},
      {"tcp 0 0 10.0.0.7:80 10.0.0.8:9 TIME_WAIT", table::none},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(table_of_header(line), expected) << line;
}

}  // namespace
}  // namespace waitstate::paste
