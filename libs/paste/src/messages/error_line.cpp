#include "messages/error_line.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "messages/error_tally.h"
#include "messages/failure.h"
#include "messages/haproxy_log.h"
#include "messages/mention.h"
#include "messages/phrase.h"
#include "messages/program_mark.h"
#include "text/mentioned_endpoint.h"
#include "text/words.h"
#include "waitstate/tcp/address.h"

namespace waitstate::paste {
namespace {

struct said {
  std::string_view l;  ///< The line in small letters.
  std::optional<text_endpoint> endpoint;
  socket_call call = socket_call::unknown;
  std::uint64_t count = 1;

  [[nodiscard]] bool connects() const { return call == socket_call::connect; }
};

/// Any address of IPv4 or IPv6 that stands for "all of them".
bool is_wildcard(std::string_view host) {
  return host.empty() || host == "0.0.0.0" || host == "::" || host == "*";
}

/// EADDRINUSE of a socket that will connect: bind() with port 0, or to a source address.
bool is_source_bind(const said& s) {
  if (has_any(s.l, {"bind_to_addr", "source address", "bind source", "local address for",
                    "local addr", "dial tcp", "while connecting", "outgoing", "upstream"})) {
    return true;
  }
  // Squid binds the sockets of its outgoing requests so; a port it cannot listen on is FATAL.
  if (has_any(s.l, {"commbind"}) && !s.endpoint) return true;
  if (s.endpoint && s.endpoint->port == 0) return true;
  return s.connects();
}

/// Windows says WSAEADDRINUSE to a connect() that found no port; .NET names the destination behind
/// the words. So does macOS: Node.js names the call that failed, and of a bind() it would say bind.
message_kind in_use(const said& s) {
  if (has_any(s.l, {"in use: connect", "in use (connect failed)", "in use: no further information",
                    "connect eaddrinuse"})) {
    return message_kind::address_not_available;
  }
  // A server tries to listen once when it starts; who fails so often is a client.
  constexpr std::uint64_t tries_max = 10;
  if (s.call == socket_call::unknown && s.count >= tries_max) {
    return message_kind::address_not_available;
  }
  if (is_worded_by_windows(s.l)) {
    const bool names_peer = s.call == socket_call::unknown && s.endpoint && s.endpoint->port != 0 &&
                            !is_wildcard(s.endpoint->host);
    const bool of_connect = s.connects() || names_peer;
    return of_connect ? message_kind::address_not_available
                      : message_kind::address_in_use_on_listen;
  }
  return is_source_bind(s) ? message_kind::address_in_use_on_bind
                           : message_kind::address_in_use_on_listen;
}

/// bind() fails with EADDRNOTAVAIL only for an address that is not this host's (for want of a port
/// it says EADDRINUSE), and connect() for one that has no source: nobody connects to port 0.
message_kind not_available(const said& s) {
  if (s.call == socket_call::bind || s.call == socket_call::listen) {
    return message_kind::address_not_local;
  }
  const bool to_port_zero = s.endpoint && s.endpoint->port == 0 && !s.endpoint->host.empty();
  // Ruby was given no host: "connect(2) for nil port 443".
  const bool to_nobody = s.l.contains(" for nil port ");
  return to_port_zero || to_nobody ? message_kind::address_not_local
                                   : message_kind::address_not_available;
}

std::optional<message_kind> kind_of(failure f, const said& s) {
  switch (f) {
    case failure::address_not_available: return not_available(s);
    case failure::address_not_valid: return message_kind::address_not_local;
    case failure::no_port: return message_kind::address_not_available;
    case failure::address_in_use: return in_use(s);
    // A firewall says so of a connect().
    case failure::not_permitted:
      return s.connects() ? message_kind::connect_refused : message_kind::port_not_permitted;
    case failure::no_descriptor: return message_kind::too_many_open_files;
    case failure::file_table_full: return message_kind::file_table_full;
    case failure::no_lease: return message_kind::pool_exhausted;
    case failure::lost_lease: return message_kind::lease_leaked;
    case failure::dead_lease: return message_kind::stale_connection;
    case failure::timed_out:
      // nginx: the upstream took the connection and did not answer.
      if (s.l.contains("while reading response") || s.l.contains("while sending")) {
        return std::nullopt;
      }
      // Of a connection that stood: what was sent was not acknowledged, which is no connect().
      if (has_any(s.l, {": read: ", ": write: ", "recv() failed", "send() failed", "read error",
                        "reading from socket", "writing to socket"})) {
        return std::nullopt;
      }
      return message_kind::connect_timed_out;
    case failure::refused: return message_kind::connect_refused;
    case failure::reset: return message_kind::connection_reset;
  }
  return std::nullopt;
}

/// "listen queue of socket ":5000" (fd: 3) full !!! (101/100)": how many wait, and may.
bool read_full_listen_queue(std::string_view l, message_line& m) {
  if (!has_phrase(l, "listen queue of socket") || !has_phrase(l, "full")) return false;
  const auto numbers = l.substr(l.rfind('(') + 1);
  m.queued = leading_number(numbers);
  m.backlog = number_after(numbers, "/");
  return m.queued.has_value();
}

/// "socket ":5000"": of any address of this host.
std::optional<text_endpoint> port_of_any_address(std::string_view line) {
  const auto port = number_after(line, "socket \":");
  if (!port || *port == 0 || *port > 65'535) return std::nullopt;
  return text_endpoint{.host = {}, .port = static_cast<std::uint16_t>(*port), .address = {}};
}

/// connect() to a unix socket says EAGAIN when that listener's queue is full (unix_stream_connect).
bool is_full_unix_queue(std::string_view l) {
  const bool again = has_any(l, {"(11: resource temporarily unavailable)", "eagain"}) ||
                     has_phrase(l, "resource temporarily unavailable");
  return again && l.contains("unix:") && has_any(l, {"connect", "connect()", "connecting"});
}

/// Servers that say that each of their workers, or slots for connections, is taken.
bool is_without_worker(std::string_view l) {
  // Nearly every line ends here.
  const bool may_be = l.contains("reached") || l.contains("worker") || l.contains("busy") ||
                      l.contains("capacity") || l.contains("threads (") ||
                      l.contains("queue depth") || l.contains("scoreboard") ||
                      l.contains("exhausted");
  // "If all threads are busy, ..." is what a manual says.
  if (!may_be || has_phrase(l, "if")) return false;
  return has_any(l, {"reached maxrequestworkers", "reached maxclients", "reached pm.max_children",
                     "reached max_children setting", "worker_connections are not enough",
                     "all available workers are busy", "no idle workers", "scoreboard is full",
                     "all threads are busy", "no workers available", "maxthreads reached",
                     "thread pool exhausted", "reached max concurrent workers",
                     "server is at maximum capacity", "process frontend reached"}) ||
         (l.contains("pm.max_children setting") && l.contains("reached")) ||
         // Tomcat, Gunicorn and Waitress; the second ends a worker that was silent for too long.
         (l.contains("all threads (") && l.contains("currently busy")) ||
         (l.contains("maximum number of threads (") && l.contains("created for connector")) ||
         l.contains("worker timeout (pid") || has_phrase(l, "task queue depth is");
}

std::optional<message_line> read_httperf(std::string_view line) {
  const auto errors = read_httperf_errors(line);
  if (!errors) return std::nullopt;
  message_line m{.program = "httperf", .call = socket_call::connect};
  const auto made = [&](message_kind kind, std::uint64_t count) {
    m.kind = kind;
    m.count = count;
    return m;
  };
  if (errors->no_address > 0) return made(message_kind::address_not_available, errors->no_address);
  if (errors->no_descriptor > 0) {
    return made(message_kind::too_many_open_files, errors->no_descriptor);
  }
  if (errors->table_full > 0) return made(message_kind::file_table_full, errors->table_full);
  return std::nullopt;
}

/// "_Failed TCP accept: emfile_", as pages set a line in italics.
std::string_view without_emphasis(std::string_view line) {
  const auto text = trimmed(line);
  const bool is_set = text.size() > 2 && text.front() == '_' && text.back() == '_';
  return is_set ? text.substr(1, text.size() - 2) : line;
}

os_family system_of(std::string_view l) {
  if (is_worded_by_windows(l)) return os_family::windows;
  return is_worded_by_bsd(l) ? os_family::macos : os_family::unknown;
}

std::optional<message_line> read_named_error(std::string_view line, std::string_view l) {
  message_line busy{.kind = message_kind::listen_overflow, .program = program_of(l)};
  if (read_full_listen_queue(l, busy)) {
    busy.endpoint = mentioned_endpoint(line);
    if (!busy.endpoint) busy.endpoint = port_of_any_address(line);
    return busy;
  }
  if (is_full_unix_queue(l)) return busy;
  if (is_without_worker(l)) {
    busy.kind = message_kind::no_worker;
    return busy;
  }
  if (auto counted = read_httperf(l)) return counted;
  if (const auto end = read_haproxy_end(line)) {
    return message_line{.kind = end->kind, .program = "haproxy", .to_upstream = true, .queued = {}};
  }
  const auto failed = failure_of(l);
  if (!failed) return std::nullopt;
  said s{.l = l, .endpoint = mentioned_endpoint(line), .call = call_of(l)};
  if (is_listen_in_use(l)) s.call = socket_call::listen;
  s.count = std::max<std::uint64_t>(tally_of(line).value_or(1), 1);
  const auto kind = kind_of(*failed, s);
  if (!kind) return std::nullopt;
  // What an accept() or a name lookup that lacks a descriptor names is beside the point.
  if (*failed == failure::no_descriptor || *failed == failure::file_table_full) s.endpoint.reset();
  if (*kind == message_kind::address_in_use_on_bind) s.endpoint = bound_endpoint(line);
  return message_line{.kind = *kind,
                      .count = s.count,
                      .endpoint = s.endpoint,
                      .program = program_of(l),
                      .to_upstream = is_to_upstream(l),
                      .queued = {},
                      // Where ports are said to be gone, no call makes it an address.
                      .call = *failed == failure::no_port ? socket_call::connect : s.call,
                      .os = system_of(l)};
}

}  // namespace

std::optional<message_line> read_error_line(std::string_view line) {
  const auto l = lower(without_emphasis(line));
  auto named = read_named_error(line, l);
  // After the error was found: few lines have one.
  if (named && is_mention(l)) return std::nullopt;
  return named;
}

}  // namespace waitstate::paste
