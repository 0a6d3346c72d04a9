#include "rows/heading_words.h"
#include "rows/readers.h"
#include "rows/state_column.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

struct listen_queue {
  std::uint32_t waiting;
  std::uint32_t incomplete;
  std::uint32_t limit;
};

/// "27/0/32"
std::optional<listen_queue> read_listen_queue(std::string_view word) {
  const auto first = word.find('/');
  if (first == word.npos) return std::nullopt;
  const auto second = word.find('/', first + 1);
  if (second == word.npos) return std::nullopt;
  const auto waiting = parse_number<std::uint32_t>(word.substr(0, first));
  const auto incomplete = parse_number<std::uint32_t>(word.substr(first + 1, second - first - 1));
  const auto limit = parse_number<std::uint32_t>(word.substr(second + 1));
  if (!waiting || !incomplete || !limit) return std::nullopt;
  return listen_queue{.waiting = *waiting, .incomplete = *incomplete, .limit = *limit};
}

std::optional<row> read_listener(const tokens& words, std::size_t index) {
  const auto queue = read_listen_queue(words[index]);
  if (!queue) return std::nullopt;
  // Whoever hides the address often takes all of it away.
  const auto is_cut = index > 0 && words.size() == index + 1;
  const auto local = is_cut ? text_endpoint{} : read_dot_endpoint(words[index + 1]);
  if (!local) return std::nullopt;
  return row{.state = tcp::state::listen,
             .local = *local,
             .receive_queue = queue->waiting,
             .send_queue = queue->limit,
             .incomplete = queue->incomplete};
}

/// macOS prints `netstat -L` without the protocol: "0/0/128   127.0.0.1.8080". A date before a
/// number looks alike, so only whole addresses count.
std::optional<row> read_listener_without_protocol(const tokens& words) {
  auto r = read_listener(words, 0);
  if (words.size() != 2) return std::nullopt;
  if (!r ||
      (!r->local.address.is_known() && r->local.host != "*" && r->local.host != "localhost")) {
    return std::nullopt;
  }
  return r;
}

/// macOS -v from version 13 on: "... 131072 131072  com.apple.WebKit:1234 00102 ...".
bool read_named_owner(const tokens& words, std::size_t index, row& r) {
  while (is_number(words[index])) ++index;
  constexpr std::size_t program_words_max = 6;  // "Google Chrome Helper (Renderer)".
  for (auto last = index; last < index + program_words_max && !words[last].empty(); ++last) {
    const auto colon = words[last].rfind(':');
    if (colon == std::string_view::npos) continue;
    const auto pid = parse_pid(words[last].substr(colon + 1));
    if (!pid) return false;
    r.program = {words[index].data(), words[last].data() + colon};
    r.pid = *pid;
    return true;
  }
  return false;
}

/// macOS -v before: "rhiwat shiwat pid epid state options", the last two hexadecimal.
void read_numbered_owner(const tokens& words, std::size_t index, row& r) {
  if (words.size() < index + 6) return;
  for (auto i = index; i < index + 4; ++i) {
    if (!is_number(words[i])) return;
  }
  if (!words[index + 4].starts_with("0x")) return;
  r.pid = parse_pid(words[index + 2]).value_or(0);
  r.owner_shown_empty = r.pid == 0;
}

std::optional<row> read_connection(const tokens& words, std::size_t index) {
  const auto receive_queue = parse_number<std::uint32_t>(words[index]);
  const auto send_queue = parse_number<std::uint32_t>(words[index + 1]);
  if (!receive_queue || !send_queue) return std::nullopt;
  const auto local = read_dot_endpoint(words[index + 2]);
  const auto remote = read_dot_endpoint(words[index + 3]);
  if (!local || !remote) return std::nullopt;
  const auto column = read_state_column(words, index + 4, *remote);
  row r{.state = column.state,
        .local = *local,
        .remote = *remote,
        .receive_queue = receive_queue,
        .send_queue = send_queue};
  if (!read_named_owner(words, column.next, r)) read_numbered_owner(words, column.next, r);
  return r;
}

/// Solaris: "127.0.0.1.32881  127.0.0.1.32877  49152  0  49152  0  ESTABLISHED", where the numbers
/// are send window, Send-Q, receive window, Recv-Q.
std::optional<row> read_solaris_row(const tokens& words) {
  if (!is_number(words[2]) || !is_number(words[4])) return std::nullopt;
  const auto send_queue = parse_number<std::uint32_t>(words[3]);
  const auto receive_queue = parse_number<std::uint32_t>(words[5]);
  if (!send_queue || !receive_queue) return std::nullopt;
  const auto state = read_state(words[6]);
  const auto local = read_dot_endpoint(words[0]);
  const auto remote = read_dot_endpoint(words[1]);
  if (!state || !local || !remote) return std::nullopt;
  return row{.state = *state,
             .local = *local,
             .remote = *remote,
             .receive_queue = receive_queue,
             .send_queue = send_queue};
}

/// `netstat -L` lists listeners of unix sockets, too: "unix  193/0/128  /var/run/php-fpm.sock".
/// They are none of TCP: one is read where connections wait for it.
std::optional<row> read_unix_listener(const tokens& words) {
  const auto queue = read_listen_queue(words[1]);
  const bool is_it = words[0] == "unix" && words.size() == 3 && words[2].starts_with('/');
  if (!is_it || !queue || queue->waiting == 0 || !is_plausible_host(words[2])) return std::nullopt;
  return row{.state = tcp::state::listen,
             .local = {.host = words[2], .port = 0, .address = {}},
             .receive_queue = queue->waiting,
             .send_queue = queue->limit,
             .incomplete = queue->incomplete};
}

}  // namespace

std::optional<row> read_netstat_bsd_row(std::string_view line) {
  const tokens words(line);
  if (line.starts_with("unix")) return read_unix_listener(words);
  const auto protocol = may_have_tcp_word(line) ? find_tcp_word(words) : std::nullopt;
  if (protocol) {
    auto listener = read_listener(words, *protocol + 1);
    return listener ? listener : read_connection(words, *protocol + 1);
  }
  auto listener = read_listener_without_protocol(words);
  return listener ? listener : read_solaris_row(words);
}

table_header netstat_bsd_header(std::string_view line) {
  if (!line.contains("Local Address") || line.contains("Address:Port")) return table_header::none;
  const bool is_header =
      has_queues(line) ? line.contains("(state)") : opens_with(tokens(line), "Listen");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
