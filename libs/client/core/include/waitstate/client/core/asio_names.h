#pragma once

// What headers speak of that need no Asio otherwise; asio.h makes it whole. Parsing Asio takes a
// compiler seconds.
namespace boost::asio {

class any_io_executor;

template <typename T, typename Executor>
class awaitable;

}  // namespace boost::asio

namespace waitstate::client {

namespace asio = boost::asio;

}  // namespace waitstate::client
