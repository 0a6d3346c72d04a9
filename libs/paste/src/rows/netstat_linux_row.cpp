#include <algorithm>
#include <limits>

#include "rows/heading_words.h"
#include "rows/readers.h"
#include "rows/state_column.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

/// "(12.34/3/0)": seconds left, how often the oldest segment was sent again, unanswered probes.
std::optional<std::uint32_t> read_seconds_left(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  text = text.substr(1, text.find('/') == text.npos ? 0 : text.find('/') - 1);
  const auto dot = text.find('.');
  const auto seconds = parse_number<std::uint32_t>(text.substr(0, dot));
  constexpr auto seconds_max = std::numeric_limits<std::uint32_t>::max() / 1000 - 1;
  if (!seconds || *seconds > seconds_max) return std::nullopt;
  if (dot == text.npos) return *seconds * 1000;
  const auto digits = text.substr(dot + 1);
  const auto hundredths = parse_number<std::uint32_t>(digits);
  if (digits.size() != 2 || !hundredths) return std::nullopt;
  return *seconds * 1000 + *hundredths * 10;
}

std::uint8_t read_retransmits(std::string_view text) {
  const auto from = text.substr(std::min(text.find('/'), text.size() - 1) + 1);
  return parse_number<std::uint8_t>(from.substr(0, from.find('/'))).value_or(0);
}

std::optional<socket_timer> timer_named(std::string_view name) {
  if (name == "off") return socket_timer::none;
  if (name == "on") return socket_timer::retransmit;
  if (name == "keepalive") return socket_timer::keepalive;
  if (name == "timewait") return socket_timer::time_wait;
  if (name == "probe") return socket_timer::persist;
  return std::nullopt;
}

bool is_timer(const tokens& words, std::size_t index) {
  return words[index + 1].starts_with('(') && timer_named(words[index]).has_value();
}

/// "1464/nginx: worker p": a program's name may have single blanks. Gives the index of the word
/// behind it.
std::size_t read_program(const tokens& words, std::size_t index, row& r) {
  const auto word = words[index];
  const auto slash = word.find('/');
  if (slash == word.npos) return index;
  r.pid = parse_pid(word.substr(0, slash)).value_or(0);
  const char* const begin = word.data() + slash + 1;
  const char* end = word.data() + word.size();
  // net-tools cuts the column at 19 characters; with -W a title like "nginx: worker process is
  // shutting down" is whole.
  constexpr std::size_t program_words_max = 8;
  const auto behind_max = index + program_words_max;
  for (++index; index < behind_max && !is_timer(words, index); ++index) {
    if (words[index].empty() || words[index].data() != end + 1) break;
    end = words[index].data() + words[index].size();
  }
  r.program = {begin, end};
  return index;
}

/// [User Inode] [PID/Program name] [Timer], any of them missing.
void read_owner_and_timer(const tokens& words, std::size_t index, row& r) {
  const auto first = words[index];
  if (is_number(words[index + 1]) && first != "-" && first.find('/') == first.npos) {
    r.inode = parse_number<std::uint32_t>(words[index + 1]);
    if (r.inode && *r.inode != 0) r.uid = parse_number<std::uint32_t>(first);
    index += 2;
  }
  if (words[index] == "-") {
    r.owner_shown_empty = true;
    ++index;
  } else if (!is_timer(words, index)) {
    index = read_program(words, index, r);
  }
  if (!is_timer(words, index)) return;
  const auto timer = timer_named(words[index]);
  const auto left = read_seconds_left(words[index + 1]);
  if (timer && left) {
    r.timer = *timer;
    r.timer_ms = *left;
    r.retransmits = read_retransmits(words[index + 1]);
  }
}

/// The row from its local address on. Where there is no protocol word, only a state makes it a row.
std::optional<row> read_from_addresses(const tokens& words, std::size_t index, bool needs_state) {
  const auto local = read_colon_endpoint(words[index]);
  const auto remote = read_colon_endpoint(words[index + 1]);
  if (!local || !remote) return std::nullopt;
  const auto column = read_state_column(words, index + 2, *remote);
  if (needs_state && column.state == tcp::state::unknown) return std::nullopt;
  row r{.state = column.state, .local = *local, .remote = *remote};
  read_owner_and_timer(words, column.next, r);
  return r;
}

/// `awk '{print $4, $5, $6}'` leaves two addresses and a state.
std::optional<row> read_bare_row(std::string_view line) {
  const tokens words(line);
  if (words[0].find(':') == line.npos || words[1].find(':') == line.npos) return std::nullopt;
  if (words.size() < 3 || words.size() > 4) return std::nullopt;
  return read_from_addresses(words, 0, true);
}

}  // namespace

std::optional<row> read_netstat_linux_row(std::string_view line) {
  if (!may_have_tcp_word(line)) return read_bare_row(line);
  const tokens words(line);
  const auto protocol = find_tcp_word(words);
  if (!protocol) return read_bare_row(line);
  const auto receive_queue = parse_number<std::uint32_t>(words[*protocol + 1]);
  const auto send_queue = parse_number<std::uint32_t>(words[*protocol + 2]);
  if (receive_queue && send_queue) {
    auto r = read_from_addresses(words, *protocol + 3, false);
    if (r) r->receive_queue = receive_queue;
    if (r) r->send_queue = send_queue;
    return r;
  }
  // Behind a process and a descriptor it is FreeBSD's sockstat.
  if (read_sockstat_freebsd_row(line)) return std::nullopt;
  // Without queues and in capitals it is Windows'.
  if (words[*protocol].ends_with("TCP")) return std::nullopt;
  return read_from_addresses(words, *protocol + 1, true);
}

bool read_netstat_linux_continuation(std::string_view line, row& r) {
  if (r.state != tcp::state::unknown) return false;
  const tokens words(line);
  const auto state = read_state(words[0]);
  // "CLOSE_WAIT 12" is a count, and what has ends of its own a row.
  const bool is_count = words.size() == 2 && is_number(words[1]);
  if (!state || is_count || read_ss_row(line) || read_bare_row(line)) return false;
  r.state = *state;
  read_owner_and_timer(words, 1, r);
  return true;
}

table_header netstat_linux_header(std::string_view line) {
  const bool of_others = line.contains("Address:Port") || line.contains("(state)");
  if (!has_queues(line) || of_others) return table_header::none;
  const bool is_header = line.contains("Local Address") || opens_columns_of_netstat(line);
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
