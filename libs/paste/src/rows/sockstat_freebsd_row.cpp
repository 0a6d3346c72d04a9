#include "rows/heading_words.h"
#include "rows/readers.h"
#include "rows/state_column.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"

namespace waitstate::paste {

std::optional<row> read_sockstat_freebsd_row(std::string_view line) {
  if (!may_have_tcp_word(line)) return std::nullopt;
  const tokens words(line);
  const auto protocol = find_tcp_word(words);
  // User, program, process and descriptor stand before it.
  constexpr std::size_t owner_words = 4;
  if (!protocol || *protocol < owner_words) return std::nullopt;
  const auto pid = parse_pid(words[*protocol - 2]);
  const bool nobody = words[*protocol - 2] == "?" && words[*protocol - 1] == "?";
  if (!nobody && (!pid || !is_number(words[*protocol - 1]))) return std::nullopt;
  const auto local = read_colon_endpoint(words[*protocol + 1]);
  const auto remote = read_colon_endpoint(words[*protocol + 2]);
  if (!local || !remote) return std::nullopt;
  const auto column = read_state_column(words, *protocol + 3, *remote);
  row r{.state = column.state, .local = *local, .remote = *remote};
  r.owner_shown_empty = nobody;
  if (pid) {
    r.program = words[*protocol - 3];
    r.pid = *pid;
  }
  return r;
}

table_header sockstat_freebsd_header(std::string_view line) {
  const bool is_header = line.contains("LOCAL ADDRESS") && line.contains("FOREIGN ADDRESS");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
