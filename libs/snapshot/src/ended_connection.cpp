#include "waitstate/snapshot/ended_connection.h"

namespace waitstate {

std::string_view to_string(connection_ending e) {
  switch (e) {
    case connection_ending::closed: return "closed";
    case connection_ending::reset_by_peer: return "reset-by-peer";
    case connection_ending::refused: return "refused";
    case connection_ending::unread_data: return "unread-data";
    case connection_ending::never_accepted: return "never-accepted";
    case connection_ending::linger_zero: return "linger-zero";
    case connection_ending::not_acknowledged: return "not-acknowledged";
    case connection_ending::not_alive: return "not-alive";
    case connection_ending::connect_timed_out: return "connect-timed-out";
    case connection_ending::given_up: return "given-up";
    case connection_ending::killed: return "killed";
    case connection_ending::network_error: return "network-error";
    case connection_ending::no_port: return "no-port";
  }
  return "closed";
}

}  // namespace waitstate
