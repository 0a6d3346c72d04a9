#include "messages/haproxy_log.h"

#include <algorithm>
#include <cstddef>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct ending {
  std::string_view code;
  message_kind kind;
};

// HAProxy's configuration manual, 8.5: who ended the session, and in which phase.
constexpr ending endings[] = {
    {"sC", message_kind::connect_timed_out},  // timeout connect
    {"SC", message_kind::connect_refused},    // refused, or unreachable
    {"sQ", message_kind::pool_exhausted},     // timeout queue
    {"SH", message_kind::connection_reset},   // by the server before the whole of its headers
    {"SD", message_kind::connection_reset},   // by the server, during data
};

/// "212/200/180/30/0": actconn, feconn, beconn, srv_conn, retries.
bool is_counters(std::string_view word) {
  return std::ranges::count(word, '/') == 4 && is_digit(word.front()) &&
         std::ranges::all_of(word, [](char c) { return is_digit(c) || c == '/' || c == '+'; });
}

/// "10/30000/-1/-1/30010" of HTTP, "0/-1/3001" of TCP.
bool is_timers(std::string_view word) {
  const auto slashes = std::ranges::count(word, '/');
  return (slashes == 4 || slashes == 2) && std::ranges::all_of(word, [](char c) {
           return is_digit(c) || c == '/' || c == '-' || c == '+';
         });
}

bool is_code(std::string_view word) {
  return (word.size() == 2 || word.size() == 4) &&
         std::ranges::all_of(word, [](char c) { return is_letter(c) || c == '-'; });
}

}  // namespace

std::optional<haproxy_end> read_haproxy_end(std::string_view line) {
  // Nearly every line ends here.
  if (std::ranges::count(line, '/') < 7) return std::nullopt;
  const word_list words(line);
  std::size_t timers = 0;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (timers == 0 && is_timers(words[i])) timers = i;
    if (timers == 0 || !is_code(words[i]) || !is_counters(words[i + 1])) continue;
    const auto code = words[i].substr(0, 2);
    const auto* const found = std::ranges::find(endings, code, &ending::code);
    if (found == std::end(endings)) return std::nullopt;
    const auto server = words[timers - 1];
    return haproxy_end{.kind = found->kind,
                       .server = server.contains('/') ? server : std::string_view{}};
  }
  return std::nullopt;
}

}  // namespace waitstate::paste
