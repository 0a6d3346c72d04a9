#pragma once

// The one place that says how this library uses Asio: C++20 coroutines, and error codes as values.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "waitstate/base/result.h"

namespace waitstate::client {

namespace asio = boost::asio;

template <class T = void>
using task = asio::awaitable<result<T>>;

/// co_await operation(..., as_value) gives (error_code, ...) instead of an exception.
inline constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

/// The same without a coroutine for the wait, where nothing but a read or a write is awaited.
inline constexpr auto as_value_at_once = asio::as_tuple(asio::deferred);

/// An error_code as an error: "connect 10.0.0.7:80: Connection refused", errc::refused. The end of
/// a stream is errc::reset, whatever is no matter of networks errc::system.
[[nodiscard]] error from_code(const boost::system::error_code& code, std::string_view action);

}  // namespace waitstate::client
