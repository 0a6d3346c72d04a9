#include "waitstate/netlab/tcp_table.h"

#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

namespace waitstate::netlab {

namespace {

struct table_row {
  std::string local;
  std::string remote;
  std::string state;
};

template <typename Predicate>
int count_rows(const Predicate& wanted) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the names of the columns
  int found = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number;
    table_row row;
    words >> number >> row.local >> row.remote >> row.state;
    if (wanted(row)) ++found;
  }
  return found;
}

std::string end_of(std::uint16_t port) {
  return fmt::format(":{:04X}", port);
}

}  // namespace

int count_sockets(std::string_view state, std::optional<std::uint16_t> port) {
  const auto end = port ? end_of(*port) : std::string();
  return count_rows([&](const table_row& row) {
    return row.state == state && (row.local.ends_with(end) || row.remote.ends_with(end));
  });
}

int count_sockets_to(std::uint16_t port, std::string_view state) {
  return count_rows([end = end_of(port), state](const table_row& row) {
    return row.state == state && row.remote.ends_with(end);
  });
}

}  // namespace waitstate::netlab
