#include "waitstate/client/core/asio.h"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace waitstate::client {
namespace {

namespace e = asio::error;

errc kind_of(const boost::system::error_code& code) {
  if (code.category() == e::get_ssl_category()) return errc::tls;
  const std::pair<boost::system::error_code, errc> kinds[] = {
      {e::timed_out, errc::timed_out},
      {e::operation_aborted, errc::cancelled},
      {e::connection_refused, errc::refused},
      {e::connection_reset, errc::reset},
      {e::broken_pipe, errc::reset},
      {e::eof, errc::reset},
      {asio::ssl::error::stream_truncated, errc::reset},
      {e::host_unreachable, errc::unreachable},
      {e::network_unreachable, errc::unreachable},
      {e::host_not_found, errc::name_not_found},
      {e::no_data, errc::name_not_found},
      {e::host_not_found_try_again, errc::unavailable},
  };
  for (const auto& [known, kind] : kinds) {
    if (code == known) return kind;
  }
  return errc::system;
}

}  // namespace

error from_code(const boost::system::error_code& code, std::string_view action) {
  return {.code = kind_of(code),
          .what = fmt::format("{}: {}", action, code.message()),
          .hint = {},
          .cause = code};
}

}  // namespace waitstate::client
