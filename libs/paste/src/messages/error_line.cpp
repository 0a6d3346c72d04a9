#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>

#include "messages/message_line.h"
#include "text/mentioned_endpoint.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

bool is_word_char(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

/// Does `line` hold `phrase`, with no letter or digit right before or after it?
bool has_phrase(std::string_view line, std::string_view phrase) {
  for (auto at = line.find(phrase); at != std::string_view::npos; at = line.find(phrase, at + 1)) {
    const auto end = at + phrase.size();
    const bool open = at == 0 || !is_word_char(phrase.front()) || !is_word_char(line[at - 1]);
    const bool closed =
        end == line.size() || !is_word_char(phrase.back()) || !is_word_char(line[end]);
    if (open && closed) return true;
  }
  return false;
}

bool has_any(std::string_view line, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](auto p) { return has_phrase(line, p); });
}

bool has_any(std::string_view line, std::initializer_list<std::string_view> phrases) {
  return has_any(line, std::span(phrases.begin(), phrases.size()));
}

// All in small letters. Numbers are errno values of Linux, and of macOS where a word tells.
constexpr std::string_view no_address[] = {"assign requested address",
                                           "eaddrnotavail",
                                           "address not available",
                                           "errno 99",
                                           "errno=99",
                                           "errno: 99",
                                           "(99: ",
                                           "(99)",
                                           "os error 99",
                                           "err=-99",
                                           "delayed connect error: 99",
                                           "immediate connect error: 99",
                                           "10055",
                                           "no more local ports",
                                           "wsaeaddrnotavail",
                                           "no free ports",
                                           "no available local port"};
constexpr std::string_view address_in_use[] = {"address already in use",
                                               "eaddrinuse",
                                               "address in use",
                                               "errno 98",
                                               "errno=98",
                                               "errno: 98",
                                               "(98: ",
                                               "(98)",
                                               "os error 98",
                                               "err=-98",
                                               "err = -98",
                                               "err: -98",
                                               "error -98",
                                               "errno -98",
                                               "addressinuse",
                                               "only one usage of each socket address",
                                               "wsaeaddrinuse",
                                               "10048",
                                               "port is already allocated"};
constexpr std::string_view no_descriptor[] = {"too many open files",
                                              "emfile",
                                              "enfile",
                                              "errno 24",
                                              "errno=24",
                                              "(24: ",
                                              "os error 24",
                                              "wsaemfile",
                                              "10024",
                                              "too many open file",
                                              "no file descriptors available",
                                              "can't open file descriptor",
                                              "out of file descriptors",
                                              "no more file descriptors",
                                              "file-max limit",
                                              "file descriptor limit reached",
                                              "fd limit",
                                              "too many files open",
                                              "fd limit"};
constexpr std::string_view no_lease[] = {
    "connection is not available, request timed out",
    "timeout waiting for connection from pool",
    "timed out waiting for connection from pool",
    "connection pool is full",
    "queuepool limit",
    "all pooled connections were in use",
    "obtaining a connection from the pool",
    "get a resource from the pool",
    "get a connection, pool error",
    "connection pool timeout",
    "connection pool exhausted",
    "connectionpool exhausted",
    "pool exhausted",
    "pool is exhausted",
    "pool empty. unable to fetch a connection",
    "max pool size was reached",
    "checking out a connection from connection pool",
    "waitqueuetimeouterror",
    "mongowaitqueuefullexception",
    "the wait queue for acquiring a connection",
    "resourcerequest timed out",
    "the pool is probably full",
    "timeout acquiring a connection",
    "connectionacquiretimeouterror",
    "sequelizeconnectionacquiretimeouterror",
    "acquire connection from pool",
    "acquire a connection from the pool",
    "connectionpooltimeoutexception",
    "pooltimeout",
    "pool limit of size",
    "pendingacquirequeue has reached its maximum size",
    "pool acquire timeout",
    "pool acquisition timeout",
    "connection pool shut down due to exhaustion",
    "no free connections in pool",
    "no connections available in the pool",
    "no available connections in pool",
    "too many connections in pool",
    "acquire operation took longer then configured maximum time",
    "acquire operation took longer than the configured maximum time"};
constexpr std::string_view timed_out[] = {
    "connection timed out",
    "connect timed out",
    "etimedout",
    "connect timeout",
    "connecttimeout",
    "connecttimeouterror",
    "errno 110",
    "(110: ",
    "os error 110",
    "wsaetimedout",
    "10060",
    "connecttimeoutexception",
    "connection attempt failed because the connected party did not properly respond",
    "connection timeout expired",
    "timed out connecting",
    "timed out while connecting"};
constexpr std::string_view refused[] = {
    "connection refused", "econnrefused",        "errno 111", "(111: ",
    "os error 111",       "actively refused it", "10061"};
constexpr std::string_view reset[] = {"connection reset by peer",
                                      "econnreset",
                                      "broken pipe",
                                      "epipe",
                                      "connection reset",
                                      "errno 104",
                                      "(104: ",
                                      "(32: ",
                                      "os error 104",
                                      "os error 32",
                                      "forcibly closed by the remote host",
                                      "10054"};

/// A bare number of Windows ("10048") is one only beside a word of sockets.
bool is_about_sockets(std::string_view l) {
  return has_any(l, {"socket", "socketexception", "wsa", "winsock", "connect", "bind", "errno",
                     "error", "address", "tcp", "buffer space", "winerror"});
}

bool has_error(std::string_view l, std::span<const std::string_view> phrases) {
  for (const auto phrase : phrases) {
    if (!has_phrase(l, phrase)) continue;
    const bool bare_number = is_digit(phrase.front()) || phrase.ends_with(')');
    if (!bare_number || is_about_sockets(l)) return true;
  }
  return false;
}

/// bind() and listen() on an address of one's own choice, as a server does.
bool is_listening(std::string_view l) {
  return has_any(l, {"listen", "listening", "bind failed", "bind()", "bind", "binding",
                     "could not bind", "listener"});
}

bool is_connecting(std::string_view l) {
  return has_any(l, {"connect", "connecting", "connect()", "dial", "connection", "upstream",
                     "outgoing", "outbound", "newconnectionerror"});
}

/// EADDRINUSE of a socket that will connect: bind() with port 0, or to a source address.
bool is_source_bind(std::string_view l, const std::optional<text_endpoint>& e) {
  if (has_any(l, {"bind_to_addr", "source address", "bind source", "local address for",
                  "local addr", "dial tcp", "while connecting", "outgoing", "upstream"})) {
    return true;
  }
  if (e && e->port == 0) return true;
  return is_connecting(l) && !is_listening(l);
}

constexpr std::string_view digits = "0123456789";

struct program_mark {
  std::string_view mark;
  std::string_view program;
};

// The first that a line holds; proxies before the languages they are written in.
constexpr program_mark program_marks[] = {
    {"haproxy", "haproxy"},
    {"traefik", "traefik"},
    {"envoy", "envoy"},
    {"upstream connect error", "envoy"},
    {"delayed connect error", "envoy"},
    {"immediate connect error", "envoy"},
    {"caddy", "caddy"},
    {"varnish", "varnishd"},
    {"squid", "squid"},
    {"nginx", "nginx"},
    {"while connecting to upstream", "nginx"},
    {"ah00957", "apache2"},
    {"ah01114", "apache2"},
    {"proxy:error", "apache2"},
    {"gunicorn", "gunicorn"},
    {"uwsgi", "uwsgi"},
    {"predis", "php"},
    {"php", "php"},
    {"guzzlehttp", "php"},
    {"curl error", "php"},
    {"errno::e", "ruby"},
    {"java.net", "java"},
    {"java.io", "java"},
    {"hikaripool", "java"},
    {"hikari", "java"},
    {"org.apache.http", "java"},
    {"jedis", "java"},
    {"httpconnectionpool", "python"},
    {"httpsconnectionpool", "python"},
    {"urllib3", "python"},
    {"oserror: [errno", "python"},
    {"socket.error", "python"},
    {"aiohttp", "python"},
    {"httpx", "python"},
    {"sqlalchemy", "python"},
    {"queuepool", "python"},
    {"redis.exceptions", "python"},
    {"requests.exceptions", "python"},
    {"system.net", "dotnet"},
    {"socketexception", "dotnet"},
    {"stackexchange.redis", "dotnet"},
    {"npgsql", "dotnet"},
    {"system.data", "dotnet"},
    {"error: connect e", "node"},
    {"error: listen e", "node"},
    {"fetch failed", "node"},
    {"sequelize", "node"},
    {"knex", "node"},
    {"dial tcp", "go"},
    {"http: accept error", "go"},
};

/// "[crit] 2323#0: *535353 connect() ..." is how nginx writes: its process and thread.
bool is_nginx_log(std::string_view l) {
  for (const std::string_view level : {"[crit] ", "[error] ", "[alert] ", "[emerg] ", "[warn] "}) {
    const auto at = l.find(level);
    if (at == std::string_view::npos) continue;
    const auto process = l.substr(at + level.size());
    const auto sign = process.find_first_not_of(digits);
    if (sign == 0 || sign == std::string_view::npos || process[sign] != '#') continue;
    const auto thread = process.substr(sign + 1);
    const auto end = thread.find_first_not_of(digits);
    if (end != 0 && end != std::string_view::npos && thread[end] == ':') return true;
  }
  return false;
}

std::string_view program_of(std::string_view l) {
  if (is_nginx_log(l)) return "nginx";
  for (const auto& [mark, program] : program_marks) {
    if (l.contains(mark)) return program;
  }
  return {};
}

bool is_to_upstream(std::string_view l) {
  if (has_any(l, {"connecting to upstream", "upstream connect error", "delayed connect error",
                  "immediate connect error", "to upstream", "to backend", "failed for backend",
                  "backend fetch failed", "backend connection", "attempt to connect to",
                  "to make connection to backend", "for server"})) {
    return true;
  }
  const bool gateway = has_any(l, {"502 bad gateway", "bad gateway", "reverse proxy", "proxy error",
                                   "http: proxy error", "reverseproxy"});
  return gateway && is_connecting(l);
}

std::optional<message_kind> kind_of(std::string_view l, const std::optional<text_endpoint>& e) {
  if (has_error(l, no_address) || (l.contains("buffer space") && l.contains("queue was full"))) {
    // A server that was told to listen on an address this host does not have.
    const bool any_port = e && e->port == 0;
    const bool connects = any_port || has_any(l, {"dial", "connect", "connect()", "connecting",
                                                  "upstream", "outgoing", "outbound", "source"});
    if (is_listening(l) && !connects) return std::nullopt;
    return message_kind::address_not_available;
  }
  if (has_error(l, address_in_use)) {
    // Windows says WSAEADDRINUSE to a connect() that found no port.
    const bool windows = has_any(l, {"only one usage of each socket address", "10048"});
    const bool of_connect = has_any(l, {"in use: connect", "in use (connect failed)"});
    if (of_connect || (windows && !is_listening(l))) return message_kind::address_not_available;
    return is_source_bind(l, e) ? message_kind::address_in_use_on_bind
                                : message_kind::address_in_use_on_listen;
  }
  if (has_error(l, no_descriptor)) return message_kind::too_many_open_files;
  if (has_any(l, no_lease)) return message_kind::pool_exhausted;
  if (has_phrase(l, "i/o timeout") && has_phrase(l, "dial")) return message_kind::connect_timed_out;
  if (has_error(l, timed_out)) {
    // nginx: the upstream took the connection and did not answer.
    if (l.contains("while reading response") || l.contains("while sending")) return std::nullopt;
    return message_kind::connect_timed_out;
  }
  if (has_error(l, refused)) return message_kind::connect_refused;
  if (has_error(l, reset)) return message_kind::connection_reset;
  return std::nullopt;
}

/// "listen queue of socket ":5000" (fd: 3) full !!! (101/100)": how many wait.
std::optional<std::uint64_t> full_listen_queue(std::string_view l) {
  if (!has_phrase(l, "listen queue of socket") || !has_phrase(l, "full")) return std::nullopt;
  return leading_number(l.substr(l.rfind('(') + 1));
}

/// Nearly every line ends here: each wording above has one of these.
bool may_be_error(std::string_view l) {
  constexpr std::string_view hints[] = {"err",   "ddr",    "fil",  "pool",    "time",  "conn",
                                        "pipe",  "100",    "(99",  "(98",     "(24: ", "(11",
                                        "(32: ", "(104: ", "port", "acquire", "queue", "fd limit"};
  return std::ranges::any_of(hints, [&](auto h) { return l.contains(h); });
}

}  // namespace

std::optional<message_line> read_error_line(std::string_view line) {
  const auto l = lower(line);
  if (!may_be_error(l)) return std::nullopt;
  auto endpoint = mentioned_endpoint(line);
  if (const auto queued = full_listen_queue(l)) {
    return message_line{.kind = message_kind::listen_overflow,
                        .endpoint = endpoint,
                        .program = program_of(l),
                        .queued = queued};
  }
  const auto kind = kind_of(l, endpoint);
  if (!kind) return std::nullopt;
  // What an accept() or a name lookup that lacks a descriptor names is beside the point.
  if (*kind == message_kind::too_many_open_files) endpoint.reset();
  if (*kind == message_kind::address_in_use_on_bind) endpoint = bound_endpoint(line);
  return message_line{.kind = *kind,
                      .endpoint = endpoint,
                      .program = program_of(l),
                      .to_upstream = is_to_upstream(l),
                      .queued = {}};
}

}  // namespace waitstate::paste
