#include "waitstate/render/trace_text.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "trace_words.h"
#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"

namespace waitstate::render {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string name_of(const std::optional<traced_process>& p, std::string_view nobody) {
  return p ? fmt::format("{} (pid {})", p->name, p->pid) : std::string(nobody);
}

std::string closed(const whole_connection& c) {
  const auto& end = c.end;
  const auto ours = name_of(end.closer, end.opener ? "its program" : "a program");
  const auto theirs = c.other ? name_of(c.other->closer, "the peer") : std::string("the peer");
  if (end.closed_first == first_closer::local) {
    if (c.other && c.other->closed_first == first_closer::local) {
      return fmt::format("{} and {} closed at once", ours, theirs);
    }
    return c.other && c.other->closer ? fmt::format("{} closed first, then {}", ours, theirs)
                                      : ours + " closed first";
  }
  if (end.closed_first == first_closer::peer) {
    return fmt::format("{} closed first, then {}", theirs, ours);
  }
  return "closed; who was first was before the trace";
}

std::string of_one_end(const ended_connection& end) {
  const auto who = name_of(end.closer, "its program");
  switch (end.ending) {
    case connection_ending::reset_by_peer:
      // Data for a closed socket is answered by a reset, too (TCPAbortOnData).
      return end.closed_first == first_closer::local
                 ? who + " closed first; a reset, by the peer or for what it sent after that"
                 : "reset by the peer";
    case connection_ending::refused: return "refused: nobody listens there";
    case connection_ending::unread_data:
      return fmt::format("{} closed with {} unread: a reset", who, bytes(end.bytes_unread));
    case connection_ending::never_accepted:
      return who + " closed the listener before it was accepted: a reset";
    case connection_ending::linger_zero: return who + " closed with SO_LINGER 0: a reset";
    case connection_ending::not_acknowledged:
      return "given up by the kernel: what was sent was not acknowledged";
    case connection_ending::not_alive:
      return "given up by the kernel: no answer to keep-alive probes";
    case connection_ending::connect_timed_out: return "no answer to its SYN";
    case connection_ending::given_up:
      return end.direction == direction::inbound ? "its handshake was never done"
                                                 : who + " gave up before there was an answer";
    case connection_ending::no_port:
      return "no local port was free: connect() failed with EADDRNOTAVAIL, no SYN went out";
    case connection_ending::killed: return "killed by SOCK_DESTROY";
    case connection_ending::network_error:
      return fmt::format("network error: {}", std::strerror(end.error));
    case connection_ending::closed: break;
  }
  return {};
}

std::string local_time(std::chrono::system_clock::time_point t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  const auto millis = duration_cast<milliseconds>(t - seconds).count();
  return fmt::format("{:%H:%M:%S}.{:03}",
                     fmt::localtime(std::chrono::system_clock::to_time_t(seconds)), millis);
}

constexpr std::size_t columns_width = 160;  ///< With some room for how it ended.
constexpr std::string_view columns = "{:<12}  {:<24}  {:<47}  {:>8}  {:>9}  {:>9}  {}\n";

std::string flow_of(const ended_connection& end) {
  const auto arrow = end.direction == direction::inbound    ? "<-"
                     : end.direction == direction::outbound ? "->"
                                                            : "--";
  return fmt::format("{} {} {}", to_string(end.flow.local), arrow, to_string(end.flow.remote));
}

bool has_columns(std::size_t width) {
  return width >= columns_width;
}

/// Under each other, wrapped: a name may be long, and an address of IPv6 is.
std::string stacked(const whole_connection& c, const std::string& opener, std::size_t width) {
  const auto& end = c.end;
  page to(width);
  to.paragraph(local_time(end.ended) + "  ", ink::plain,
               fmt::format("{}, {}, sent {}, received {}", flow_of(end), life_text(end.life),
                           bytes(end.bytes_sent), bytes(end.bytes_received)));
  constexpr std::size_t under_the_flow = 14;
  to.paragraph(under_the_flow, fmt::format("{}: {}", opener, how_it_ended(c)));
  return plain_text(to.take());
}

}  // namespace

std::string how_it_ended(const whole_connection& c) {
  if (c.end.ending == connection_ending::closed) return closed(c);
  // The end that sent a reset knows why.
  if (c.end.ending == connection_ending::reset_by_peer && c.other &&
      c.other->ending != connection_ending::closed &&
      c.other->ending != connection_ending::reset_by_peer) {
    return of_one_end(*c.other);
  }
  return of_one_end(c.end);
}

std::string trace_heading(std::size_t width) {
  if (!has_columns(width)) {
    return "TIME          LOCAL AND PEER, LIFE, SENT, RECEIVED\n"
           "              OPENED BY: HOW IT ENDED\n";
  }
  return fmt::format(columns, "TIME", "OPENED BY", "LOCAL AND PEER", "LIFE", "SENT", "RECEIVED",
                     "HOW IT ENDED");
}

std::string to_trace_line(const whole_connection& c, std::size_t width) {
  const auto& end = c.end;
  const auto opener = name_of(end.opener, end.direction == direction::inbound ? "the peer" : "-");
  if (!has_columns(width)) return stacked(c, opener, width);
  auto line = fmt::format(columns, local_time(end.ended), opener, flow_of(end), life_text(end.life),
                          bytes(end.bytes_sent), bytes(end.bytes_received), how_it_ended(c));
  line.pop_back();
  // What a process calls itself may hold a line end.
  std::ranges::replace(line, '\n', ' ');
  return clean(line) + '\n';
}

}  // namespace waitstate::render
