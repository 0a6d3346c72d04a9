#include "rows/readers.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

bool has(std::string_view line, std::string_view text) {
  return line.find(text) != line.npos;
}

/// A header's first column, behind what people glue to it; not the same word in prose.
bool opens_with(const tokens& words, std::string_view name) {
  for (std::size_t i = 0; i <= 1; ++i) {
    if (words[i].ends_with(name) && is_word_behind_prefix(words[i], name)) return true;
  }
  return false;
}

}  // namespace

table table_of_header(std::string_view line) {
  constexpr std::size_t header_max = 512;
  line = line.substr(0, header_max);
  if (!has(line, "ddress") && !has(line, "COMMAND") && !has(line, "Proto")) return table::none;
  if (has(line, "Recv-Q") && has(line, "Send-Q") && has(line, "Address:Port")) {
    return has(line, "State") ? table::ss : table::ss_without_state;
  }
  if (has(line, "Recv-Q") && has(line, "Send-Q") && has(line, "Local Address")) {
    return has(line, "(state)") ? table::netstat_bsd : table::netstat_linux;
  }
  if (has(line, "local_address") && has(line, "tx_queue")) return table::proc_net_tcp;
  const tokens words(line);
  if (has(line, "COMMAND") && has(line, "PID") && (has(line, "NAME") || has(line, "FD"))) {
    return table::lsof;
  }
  if (opens_with(words, "Listen") && has(line, "Local Address")) {
    return table::netstat_bsd_listeners;
  }
  if (has(line, "LocalAddress") && has(line, "RemotePort")) return table::netstat_windows;
  // The rest is in the language of the system, in columns.
  if (opens_with(words, "Proto") && words.size() >= 4 && (has(line, "   ") || has(line, "\t"))) {
    return table::netstat_windows;
  }
  return table::none;
}

}  // namespace waitstate::paste
