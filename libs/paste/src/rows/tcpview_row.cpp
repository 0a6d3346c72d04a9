#include "rows/readers.h"
#include "rows/state_column.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"
#include "waitstate/tcp/service.h"

namespace waitstate::paste {
namespace {

std::optional<text_endpoint> read_end(std::string_view host, std::string_view port) {
  auto number = parse_number<std::uint16_t>(port);
  if (!number) number = tcp::port_of_service(port);
  if (!number || !is_plausible_host(host)) return std::nullopt;
  text_endpoint end{.host = host, .port = *number};
  if (const auto address = tcp::parse_address(host)) end.address = *address;
  return end;
}

}  // namespace

std::optional<row> read_tcpview_row(std::string_view line) {
  if (!may_have_tcp_word(line)) return std::nullopt;
  const tokens words(line);
  for (std::size_t at = 2; at <= prefix_words_max + 2 && !words[at].empty(); ++at) {
    const auto protocol = words[at];
    const auto pid = parse_pid(words[at - 1]);
    if ((protocol != "TCP" && protocol != "TCPV6") || !pid) continue;
    const auto local = read_end(words[at + 1], words[at + 2]);
    const auto remote = read_end(words[at + 3], words[at + 4]);
    if (!local || !remote) return std::nullopt;
    const auto column = read_state_column(words, at + 5, *remote);
    row r{.state = column.state, .local = *local, .remote = *remote};
    r.pid = *pid;
    r.owner_shown_empty = *pid == 0;
    // Of a name with blanks this is the end.
    if (*pid != 0) r.program = words[at - 2];
    return r;
  }
  return std::nullopt;
}

table_header tcpview_header(std::string_view line) {
  const bool is_header =
      line.contains("Local Address") && line.contains("Local Port") && line.contains("Remote Port");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
