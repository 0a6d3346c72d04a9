#include "messages/failure.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "messages/failure_words.h"
#include "messages/phrase.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

using namespace failure_words;

/// A bare number of Windows ("10048") is one only beside a word of sockets.
bool is_about_sockets(std::string_view l) {
  return has_any(l, {"socket", "socketexception", "wsa", "winsock", "connect", "bind", "errno",
                     "error", "address", "tcp", "buffer space", "winerror", "failed"});
}

/// Does the line hold the number, and not as a port ("10.0.0.1:10048")?
bool has_number(std::string_view l, std::string_view number) {
  for (auto at = l.find(number); at != std::string_view::npos; at = l.find(number, at + 1)) {
    const auto end = at + number.size();
    const bool open = at == 0 || (!is_digit(l[at - 1]) && !is_letter(l[at - 1]) &&
                                  l[at - 1] != ':' && l[at - 1] != '.');
    if (open && (end == l.size() || !is_digit(l[end]))) return true;
  }
  return false;
}

bool has_error(std::string_view l, std::span<const std::string_view> phrases) {
  for (const auto phrase : phrases) {
    if (!l.contains(phrase)) continue;
    const bool number = is_digit(phrase.front());
    if (!(number ? has_number(l, phrase) : has_phrase(l, phrase))) continue;
    if ((!number && !phrase.ends_with(')')) || is_about_sockets(l)) return true;
  }
  return false;
}

/// "port 8080 was already in use" is about a port; a name or a file may be in use too.
bool is_port_in_use(std::string_view l) {
  return has_any(l, {"was already in use", "is already in use"}) && has_any(l, {"port", "address"});
}

}  // namespace

bool is_listen_in_use(std::string_view l) {
  return has_any(l, listen_in_use);
}

namespace {

/// Nearly every line ends here: each wording above has one of these.
bool may_be_error(std::string_view l) {
  constexpr std::string_view hints[] = {
      "err",      "ddr",       "fil",          "pool",       "time",    "conn",    "pipe",
      "100",      "(99",       "(98",          "(24: ",      "(23: ",   "(11",     "(32: ",
      "(104: ",   "(48",       "(49",          "port",       "acquire", "queue",   "fd limit",
      "adress",   "indiriz",   "direcci",      "ende",       "dateien", "fich",    "archivos",
      "arquivos", "client",    "slots",        "permi",      "socket",  "地址",    "位址",
      "文件",     "檔案",      "registration", "overdue",    "leak",    "abandon", "non-checked",
      "アドレス", "ファイ",    "адрес",        "файл",       "nohttp",  "packet",  "idle",
      "stale",    "gone away", "respond",      "inactivity", "hang up", "reply"};
  return std::ranges::any_of(hints, [&](auto h) { return l.contains(h); });
}

/// Connector/J says how long ago the server was heard of: a connection that idled is one that
/// somebody closed meanwhile. One that waits for an answer says that its read timed out.
bool is_idle_link(std::string_view l) {
  constexpr std::uint64_t idle_min_ms = 30'000;
  constexpr std::string_view heard = "received from the server was ";
  const auto at = l.find(heard);
  if (at == std::string_view::npos || l.contains("read timed out")) return false;
  std::uint64_t ms = 0;
  for (const char c : l.substr(at + heard.size())) {
    if (c == ',' || c == '.') continue;
    if (!is_digit(c) || ms > idle_min_ms) break;
    ms = ms * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return ms >= idle_min_ms;
}

}  // namespace

namespace {

/// "too many connections in CLOSE_WAIT" is no server that refuses one.
bool counts_connections(std::string_view l) {
  constexpr std::string_view words = "too many connections ";
  const auto at = l.find(words);
  if (at == std::string_view::npos) return false;
  constexpr std::string_view goes_on[] = {"in ",   "are ", "were ",  "that ", "which ", "open",
                                          "left ", "stay", "being ", "to ",   "remain"};
  const auto rest = l.substr(at + words.size());
  return std::ranges::any_of(goes_on, [&](auto word) { return rest.starts_with(word); });
}

}  // namespace

std::optional<failure> failure_of(std::string_view l) {
  if (!may_be_error(l)) return std::nullopt;
  const bool full_buffers = l.contains("buffer space") && l.contains("queue was full");
  if (has_error(l, no_port) || full_buffers) return failure::no_port;
  if (has_error(l, not_valid)) return failure::address_not_valid;
  if (has_error(l, no_address)) return failure::address_not_available;
  if (is_listen_in_use(l) || has_error(l, in_use) || is_port_in_use(l))
    return failure::address_in_use;
  if (has_error(l, table_full)) return failure::file_table_full;
  if (has_error(l, no_descriptor)) return failure::no_descriptor;
  if (has_error(l, not_permitted)) return failure::not_permitted;
  if (has_any(l, lost_lease)) return failure::lost_lease;
  if (has_any(l, no_lease) && !counts_connections(l)) return failure::no_lease;
  if (has_any(l, dead_lease) || is_idle_link(l)) return failure::dead_lease;
  const bool dial_timeout = has_phrase(l, "i/o timeout") && has_phrase(l, "dial");
  if (dial_timeout || has_error(l, timed_out)) return failure::timed_out;
  if (has_error(l, refused)) return failure::refused;
  if (has_error(l, reset)) return failure::reset;
  return std::nullopt;
}

bool is_worded_by_windows(std::string_view l) {
  constexpr std::string_view marks[] = {"connectex",
                                        "winerror",
                                        "wsaeaddrinuse",
                                        "wsaenobufs",
                                        "wsaeaddrnotavail",
                                        "wsaetimedout",
                                        "wsaemfile",
                                        "actively refused it",
                                        "forcibly closed by the remote host",
                                        "did not properly respond after a period of time",
                                        "forbidden by its access permissions",
                                        "wsaeacces",
                                        "only one usage of each socket address",
                                        "system lacked sufficient buffer space",
                                        "not valid in its context",
                                        "in use: connect",
                                        "buffer space available (maximum connections reached",
                                        "in use: no further information",
                                        "jede socketadresse",
                                        "chaque adresse de socket",
                                        "cada dirección de socket",
                                        "cada endereço de soquete",
                                        "ogni indirizzo di socket",
                                        "每个套接字地址",
                                        "每個通訊端位址",
                                        "各ソケット アドレス",
                                        "各ソケットアドレス",
                                        "использование адреса сокета"};
  if (has_any(l, marks)) return true;
  constexpr std::string_view numbers[] = {"10013", "10048", "10049", "10055",
                                          "10060", "10061", "10024"};
  return has_error(l, numbers);
}

bool is_worded_by_bsd(std::string_view l) {
  return has_any(l, {"can't assign requested address", "errno 49", "errno 48", "os error 49",
                     "os error 48", "(49: ", "(48: ", "errno: -49", "errno: -48"});
}

}  // namespace waitstate::paste
