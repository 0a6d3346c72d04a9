#include "waitstate/netlab/tcp_table.h"

#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

namespace waitstate::netlab {

int count_sockets(std::string_view state, std::optional<std::uint16_t> port) {
  const auto end = port ? fmt::format(":{:04X}", *port) : std::string();
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the names of the columns
  int found = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string is_in;
    words >> number >> local >> remote >> is_in;
    if (is_in == state && (local.ends_with(end) || remote.ends_with(end))) ++found;
  }
  return found;
}

}  // namespace waitstate::netlab
