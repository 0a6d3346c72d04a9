#include "waitstate/client/core/asio.h"

#include <fmt/format.h>
#include <boost/asio/error.hpp>

namespace waitstate::client {

error from_code(const boost::system::error_code& code, std::string_view action) {
  namespace e = asio::error;
  const bool is_gone = code == e::connection_refused || code == e::connection_reset ||
                       code == e::timed_out || code == e::eof || code == e::broken_pipe ||
                       code == e::operation_aborted || code == e::host_unreachable ||
                       code == e::network_unreachable || code == e::host_not_found;
  return {.code = is_gone ? errc::unavailable : errc::system,
          .what = fmt::format("{}: {}", action, code.message()),
          .hint = {}};
}

}  // namespace waitstate::client
