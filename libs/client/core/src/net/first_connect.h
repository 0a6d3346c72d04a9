#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {

using socket_address = asio::generic::stream_protocol::endpoint;

/// The addresses of one server in the order in which they are tried: its families in turn,
/// beginning with that of the first (RFC 8305 section 4). Pure.
[[nodiscard]] std::vector<socket_address> in_turn_of_families(
    const std::vector<socket_address>& addresses);

/// Makes a socket for an address, not connected yet, or says why there is none.
using make_socket = std::function<result<connection_ptr>(const socket_address&)>;

/// "connect search:80 (10.0.0.7)"; without an address, of all of them.
using describe_connect = std::function<std::string(const socket_address*)>;

/// A connection to one of several addresses of one server: to the one that answers first, if they
/// are begun one after the other (RFC 8305 section 5). The next one is begun when one has failed,
/// or has not answered for a quarter of a second, or for its share of the time that is left if that
/// is less. Those that are late are given up.
///
/// `action` says of an address what is done there, in errors. Takes out of `left`, which outlives
/// the task, the address that answered and those that failed. The error is that of the last one
/// that said no; errc::timed_out when there was none.
[[nodiscard]] task<connection_ptr> connect_first(asio::any_io_executor executor,
                                                 std::vector<socket_address>* left,
                                                 make_socket make, describe_connect action,
                                                 time_point deadline);

}  // namespace waitstate::client
