#include "rows/heading_words.h"
#include "rows/readers.h"
#include "rows/state_column.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

void read_owner(std::string_view word, row& r) {
  const auto pid = parse_pid(word);
  if (!pid) return;
  r.pid = *pid;
  r.owner_shown_empty = *pid == 0;
}

/// PowerShell's words that tcp::parse_state does not know.
std::optional<tcp::state> powershell_state(std::string_view word) {
  if (word == "FinWait1") return tcp::state::fin_wait_1;
  if (word == "FinWait2") return tcp::state::fin_wait_2;
  if (word == "SynSent") return tcp::state::syn_sent;
  if (word == "SynReceived") return tcp::state::syn_received;
  if (word == "DeleteTCB") return tcp::state::closed;
  return read_state(word);
}

std::optional<text_endpoint> read_two_words(std::string_view host, std::string_view port) {
  const auto number = parse_number<std::uint16_t>(port);
  host = host.substr(0, host.find('%'));
  const auto address = tcp::parse_address(host);
  if (!number || !address) return std::nullopt;
  return text_endpoint{.host = host, .port = *number, .address = *address};
}

/// A table without its State column: what process 0 holds is what nobody holds any more.
std::optional<tcp::state> state_of_process_0(std::string_view owning_process) {
  if (owning_process != "0") return std::nullopt;
  return tcp::state::time_wait;
}

/// LocalAddress LocalPort RemoteAddress RemotePort [State] [AppliedSetting] [OwningProcess]
std::optional<row> read_powershell_row(const tokens& words) {
  constexpr std::size_t ends_words = 4;
  constexpr std::size_t words_max = 7;
  if (!is_number(words[1]) || !is_number(words[3])) return std::nullopt;
  if (words.size() <= ends_words || words.size() > words_max) return std::nullopt;
  const auto local = read_two_words(words[0], words[1]);
  const auto remote = read_two_words(words[2], words[3]);
  auto state = powershell_state(words[4]);
  const bool one_more = words.size() == ends_words + 1;
  if (!state && one_more) state = state_of_process_0(words[4]);
  if (!local || !remote || !state) return std::nullopt;
  row r{.state = *state, .local = *local, .remote = *remote};
  if (!one_more) read_owner(words[words.size() - 1], r);
  return r;
}

}  // namespace

std::optional<row> read_netstat_windows_row(std::string_view line) {
  const tokens words(line);
  const auto protocol = may_have_tcp_word(line) ? find_tcp_word(words) : std::nullopt;
  if (!protocol) return read_powershell_row(words);
  if (!words[*protocol].ends_with("TCP")) return std::nullopt;
  const auto local = read_colon_endpoint(words[*protocol + 1]);
  const auto remote = read_colon_endpoint(words[*protocol + 2]);
  if (!local || !remote) return std::nullopt;
  const auto column = read_state_column(words, *protocol + 3, *remote);
  row r{.state = column.state, .local = *local, .remote = *remote};
  // A state of several words that nobody knows ends where the number begins.
  auto at = column.next;
  while (column.state == tcp::state::unknown && at < words.size() && !is_number(words[at])) ++at;
  read_owner(words[at], r);
  return r;
}

bool read_windows_program(std::string_view line, row& r) {
  constexpr std::size_t line_max = 300;  // A file name has at most 255 characters.
  const tokens words(line);
  if (words.size() == 0 || line.size() > line_max) return false;
  const auto last = words[words.size() - 1];
  const std::string_view text(words[0].data(), last.data() + last.size());
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') {
    return false;
  }
  const auto name = text.substr(1, text.size() - 2);
  if (name.find_first_of("[]:\t") != name.npos) return false;
  // Names of programs end in .exe, but for System and the like.
  if (name.find('.') == name.npos && name != "System") return false;
  r.program = name;
  return true;
}

table_header netstat_windows_header(std::string_view line) {
  if (line.contains("LocalAddress") && line.contains("RemotePort")) return table_header::with_state;
  // The rest is in the language of the system, in columns. "Listen" is BSD's.
  const bool is_header =
      !has_queues(line) && opens_columns_of_netstat(line) && !opens_with(tokens(line), "Listen");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
