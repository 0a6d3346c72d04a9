#include <algorithm>
#include <limits>

#include "rows/heading_words.h"
#include "rows/readers.h"
#include "text/text_endpoint.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

struct ss_state {
  std::string_view word;
  tcp::state means;
};

constexpr ss_state ss_states[] = {
    {"ESTAB", tcp::state::established},
    {"TIME-WAIT", tcp::state::time_wait},
    {"CLOSE-WAIT", tcp::state::close_wait},
    {"LISTEN", tcp::state::listen},
    {"SYN-SENT", tcp::state::syn_sent},
    {"SYN-RECV", tcp::state::syn_received},
    {"FIN-WAIT-1", tcp::state::fin_wait_1},
    {"FIN-WAIT-2", tcp::state::fin_wait_2},
    {"LAST-ACK", tcp::state::last_ack},
    {"CLOSING", tcp::state::closing},
    {"UNCONN", tcp::state::closed},
    {"NEW-SYN-RECV", tcp::state::new_syn_received},
    {"BOUND-INACTIVE", tcp::state::bound_inactive},
};

constexpr std::string_view other_netids[] = {"udp",   "raw",   "mptcp", "sctp",  "dccp",  "tipc",
                                             "xdp",   "icmp6", "nl",    "p_raw", "p_dgr", "u_str",
                                             "u_dgr", "u_seq", "v_str", "v_dgr", "unix",  "???"};

std::optional<tcp::state> state_of(std::string_view word) {
  for (const auto& [spelled, means] : ss_states) {
    if (is_word_behind_prefix(word, spelled)) return means;
  }
  return std::nullopt;
}

bool is_other_netid(std::string_view word) {
  return std::ranges::any_of(other_netids,
                             [&](auto netid) { return is_word_behind_prefix(word, netid); });
}

/// What follows `key` where it starts a word.
std::optional<std::string_view> behind(std::string_view text, std::string_view key) {
  for (auto at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
    if (at == 0 || is_blank(text[at - 1])) return text.substr(at + key.size());
  }
  return std::nullopt;
}

/// The digits that `text` starts with. When they are all there is, the end may have been cut off:
/// only `may_end` takes that for the whole number.
template <class T>
std::optional<T> leading(std::string_view text, int base, bool may_end) {
  const auto digits =
      text.substr(0, text.find_first_not_of(base == 16 ? "0123456789abcdef" : "0123456789"));
  if (digits.size() == text.size() && !may_end) return std::nullopt;
  return parse_number<T>(digits, base);
}

/// users:(("nginx",pid=12,fd=3),...) and users:(("nginx",12,3)) of iproute2 before 3.x.
void read_users(std::string_view text, row& r) {
  const auto users = behind(text, "users:((\"");
  if (!users) return;
  const auto quote = users->find('"');
  r.program = users->substr(0, quote);
  if (quote == users->npos) return;
  auto rest = users->substr(quote + 1);
  if (!rest.starts_with(',')) return;
  rest.remove_prefix(1);
  if (rest.starts_with("pid=")) rest.remove_prefix(4);
  r.pid = leading<std::int32_t>(rest, 10, false).value_or(0);
}

socket_timer timer_named(std::string_view name) {
  if (name == "on") return socket_timer::retransmit;
  if (name == "keepalive") return socket_timer::keepalive;
  if (name == "timewait") return socket_timer::time_wait;
  if (name == "persist") return socket_timer::persist;
  if (name == "off") return socket_timer::none;
  return socket_timer::unknown;
}

/// "2min5sec", "54sec", "200ms", and "1.020ms", by which ss means a second and 20 ms.
std::optional<std::uint32_t> read_time(std::string_view text) {
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto value = leading<std::uint32_t>(text, 10, false);
    if (!value) return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    const struct {
      std::string_view name;
      std::uint64_t ms;
    } units[] = {{"min", 60'000}, {"sec", 1'000}, {"ms", 1}, {".", 1'000}};
    if (text.starts_with('.') && !text.ends_with("ms")) return std::nullopt;
    const auto* const unit =
        std::ranges::find_if(units, [&](const auto& u) { return text.starts_with(u.name); });
    if (unit == std::end(units)) return std::nullopt;
    total += *value * unit->ms;
    text.remove_prefix(unit->name.size());
  }
  if (total > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(total);
}

/// timer:(on,2min5sec,11): what runs, the time left, how often the segment was sent again.
void read_timer(std::string_view text, row& r) {
  const auto timer = behind(text, "timer:(");
  if (!timer) return;
  const auto first = timer->find(',');
  if (first == timer->npos) return;
  const auto second = timer->find(',', first + 1);
  if (second == timer->npos) return;
  const auto left = read_time(timer->substr(first + 1, second - first - 1));
  if (!left) return;
  const auto kind = timer_named(timer->substr(0, first));
  if (kind == socket_timer::unknown) return;
  r.timer = kind;
  r.timer_ms = *left;
  const auto again = timer->substr(second + 1);
  r.retransmits = leading<std::uint8_t>(again, 10, false).value_or(0);
}

void read_identity(std::string_view text, row& r) {
  if (const auto uid = behind(text, "uid:")) {
    if (const auto number = leading<std::uint32_t>(*uid, 10, true)) r.uid = number;
  }
  if (const auto ino = behind(text, "ino:")) {
    if (const auto number = leading<std::uint32_t>(*ino, 10, true)) {
      r.inode = number;
      // ss leaves out a uid of 0, which stands before the inode.
      if (*number != 0 && !r.uid) r.uid = 0;
    }
  }
  if (const auto cookie = behind(text, "sk:")) {
    if (const auto number = leading<std::uint64_t>(*cookie, 16, true)) r.cookie = *number;
  }
}

/// lastsnd, lastrcv and lastack of -i, in this order. ss leaves out those that are 0.
void read_ages(std::string_view text, row& r) {
  const auto sent = behind(text, "lastsnd:");
  const auto data = behind(text, "lastrcv:");
  const auto ack = behind(text, "lastack:");
  const auto last = ack ? ack : data ? data : sent;
  if (!last) return;
  const bool has_more = tokens(*last).size() > 1;
  if (data) {
    r.last_data_ms = leading<std::uint32_t>(*data, 10, true);
  } else if (ack || has_more) {
    r.last_data_ms = 0;
  }
  if (ack) {
    r.last_ack_ms = leading<std::uint32_t>(*ack, 10, true);
  } else if (has_more) {
    r.last_ack_ms = 0;
  }
}

/// backoff of -i: how often the oldest segment was sent again, or a window that is shut was probed;
/// only the first leaves something unacknowledged.
void read_backoff(std::string_view text, row& r) {
  const auto backoff = behind(text, "backoff:");
  if (!backoff || r.timer != socket_timer::unknown || !behind(text, "unacked:")) return;
  const auto times = leading<std::uint8_t>(*backoff, 10, true);
  if (!times || *times == 0) return;
  r.timer = socket_timer::retransmit;
  r.retransmits = *times;
}

void read_extras(std::string_view text, row& r) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.find(':') == text.npos) return;
  read_users(text, r);
  read_timer(text, r);
  read_identity(text, r);
  read_ages(text, r);
  read_backoff(text, r);
}

/// What only lines after a row of ss have, at the start of a word.
constexpr std::string_view continuation_marks[] = {
    "users:((",    "timer:(",    "skmem:(", "cwnd:",       "rto:",     "lastsnd:",
    "lastrcv:",    "lastack:",   "wscale:", "ino:",        "cgroup:/", "bytes_acked:",
    "bytes_sent:", "rcv_space:", "minrtt:", "pacing_rate", "uid:",     "sk:"};

bool has_continuation_mark(std::string_view line) {
  return std::ranges::any_of(continuation_marks,
                             [&](auto mark) { return behind(line, mark).has_value(); });
}

/// Some versions print no blank between the peer and what follows.
std::size_t size_of_peer(std::string_view word) {
  return std::min({word.find("users:("), word.find("timer:("), word.size()});
}

/// The peer at `index`, when it is one, and everything behind it.
void read_peer_and_extras(const tokens& words, std::size_t index, row& r) {
  auto rest = words.from(index);
  const auto word = words[index].substr(0, size_of_peer(words[index]));
  const auto peer = has_continuation_mark(word) ? std::nullopt : read_colon_endpoint(word);
  if (peer) {
    r.remote = *peer;
    rest.remove_prefix(word.size());
  } else if (words.size() == index + 1 && !word.empty() &&
             word.find_first_not_of("0123456789.") == word.npos) {
    r.remote.host = word;  // Cut in the middle of the address.
  }
  read_extras(rest, r);
}

std::optional<row> read_from_queues(const tokens& words, std::size_t index) {
  row r{.receive_queue = parse_number<std::uint32_t>(words[index]),
        .send_queue = parse_number<std::uint32_t>(words[index + 1])};
  const auto local = read_colon_endpoint(words[index + 2]);
  if (!r.receive_queue || !r.send_queue || !local) return std::nullopt;
  r.local = *local;
  read_peer_and_extras(words, index + 3, r);
  return r;
}

/// "u_str LISTEN 101 100 /run/app.sock 40211 * 0": what waits for accept() on a unix socket, where
/// anything does; the many empty queues of a host say nothing.
std::optional<row> read_unix_listener(const tokens& words, std::size_t netid) {
  const bool listens = words[netid] == "u_str" || words[netid] == "u_seq" || words[netid] == "unix";
  const auto path = words[netid + 4];
  if (!listens || words[netid + 1] != "LISTEN") return std::nullopt;
  row r{.state = tcp::state::listen,
        .local = {.host = path},
        .receive_queue = parse_number<std::uint32_t>(words[netid + 2]),
        .send_queue = parse_number<std::uint32_t>(words[netid + 3])};
  const bool waits = r.receive_queue.value_or(0) > 0 && r.send_queue.value_or(0) > 0;
  if (!waits || !path.starts_with('/') || !is_plausible_host(path)) return std::nullopt;
  read_extras(words.from(netid + 5), r);
  return r;
}

bool starts_with_peer(std::string_view line) {
  const tokens words(line);
  if (has_continuation_mark(words[0])) return false;
  const auto peer = read_colon_endpoint(words[0].substr(0, size_of_peer(words[0])));
  return peer && (peer->port != 0 || is_wildcard(*peer));
}

}  // namespace

std::optional<row> read_ss_row(std::string_view line) {
  const tokens words(line);
  for (std::size_t i = 0; i <= prefix_words_max && !words[i].empty(); ++i) {
    const auto state =
        is_number(words[i + 1]) && is_number(words[i + 2]) ? state_of(words[i]) : std::nullopt;
    if (!state && is_tcp_word(words[i]) && !state_of(words[i + 1])) return std::nullopt;
    if (!state) continue;
    const bool says_tcp = i > 0 && is_word_behind_prefix(words[i - 1], "tcp");
    if (i > 0 && is_other_netid(words[i - 1])) return read_unix_listener(words, i - 1);
    // Without a Netid, an unconnected socket is one of UDP.
    if (*state == tcp::state::closed && !says_tcp) return std::nullopt;
    auto r = read_from_queues(words, i + 1);
    if (r) r->state = *state;
    return r;
  }
  return std::nullopt;
}

std::optional<row> read_ss_row_without_state(std::string_view line) {
  const tokens words(line);
  const std::size_t first = is_word_behind_prefix(words[0], "tcp") ? 1 : 0;
  auto r = read_from_queues(words, first);
  return r && !r->remote.host.empty() ? r : std::nullopt;
}

bool read_ss_continuation(std::string_view line, row& r) {
  if (!line.starts_with(' ') && !line.starts_with('\t') && !line.starts_with("users:"))
    return false;
  line = line.substr(0, tokens::line_max);
  const bool is_marked = has_continuation_mark(line);
  const bool is_peer = r.remote.host.empty() && starts_with_peer(line);
  if ((!is_marked && !is_peer) || read_ss_row(line)) return false;
  if (is_peer) {
    read_peer_and_extras(tokens(line), 0, r);
  } else {
    read_extras(line, r);
  }
  return true;
}

table_header ss_header(std::string_view line) {
  if (!has_queues(line) || !line.contains("Address:Port")) return table_header::none;
  return line.contains("State") ? table_header::with_state : table_header::without_state;
}

}  // namespace waitstate::paste
