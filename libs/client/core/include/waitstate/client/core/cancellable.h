#pragma once

#include <optional>
#include <utility>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "waitstate/client/core/asio.h"

namespace waitstate::client {

/// Was the coroutine that asks cancelled?
inline asio::awaitable<bool> was_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

/// A call whose cancellation is a value, too: errc::cancelled, "cancelled: " and what it was at.
/// Within it each co_await that comes after the cancellation throws, so that none is waited for in
/// vain; the caller's own coroutine is left as it was. As everywhere in Asio it takes
/// cancellation_type::terminal, unless the caller's coroutine lets more pass.
template <class T>
task<T> cancellable(task<T> call) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(true);
  std::optional<result<T>> ended;
  try {
    ended.emplace(co_await std::move(call));
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != asio::error::operation_aborted) throw;
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!ended) {
    ended.emplace(failure({.code = errc::cancelled, .what = "between two steps", .hint = {}}));
  }
  auto& got = *ended;
  if (!got && state.cancelled() != asio::cancellation_type::none) {
    auto why = in_step("cancelled", std::move(got).error());
    why.code = errc::cancelled;
    co_return failure(std::move(why));
  }
  co_return std::move(got);
}

}  // namespace waitstate::client
