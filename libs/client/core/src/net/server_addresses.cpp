#include "net/server_addresses.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <iterator>
#include <tuple>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace waitstate::client {
namespace {

constexpr std::size_t avoided_max = 64;

/// Those for which it is true, and then the others. Where the others begin.
template <class Is>
std::size_t put_first(std::vector<socket_address>& all, const Is& is_first) {
  std::vector<socket_address> sorted;
  sorted.reserve(all.size());
  std::ranges::copy_if(all, std::back_inserter(sorted), is_first);
  const auto others = sorted.size();
  std::ranges::copy_if(all, std::back_inserter(sorted), std::not_fn(is_first));
  all = std::move(sorted);
  return others;
}

/// Each family begins with another one; that of the first stays the first.
std::vector<socket_address> rotated(std::vector<socket_address> all, std::uint64_t turn) {
  if (all.empty()) return all;
  const auto family = all.front().protocol().family();
  const auto others =
      put_first(all, [family](const auto& a) { return a.protocol().family() == family; });
  const auto rotate = [&](std::size_t from, std::size_t to) {
    if (from == to) return;
    const auto at = [&](std::size_t place) {
      return all.begin() + static_cast<std::ptrdiff_t>(place);
    };
    std::rotate(at(from), at(from + turn % (to - from)), at(to));
  };
  rotate(0, others);
  rotate(others, all.size());
  return all;
}

}  // namespace

result<socket_address> address_of(const endpoint& at) {
  if (at.is_unix()) return socket_address(asio::local::stream_protocol::endpoint(at.host));
  boost::system::error_code is_name;
  const auto numeric = asio::ip::make_address(at.host, is_name);
  if (is_name) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("address '{}': it is none", at.host),
                    .hint = {}});
  }
  return socket_address(asio::ip::tcp::endpoint(numeric, at.port));
}

std::optional<endpoint> endpoint_of(const socket_address& address) {
  const auto family = address.protocol().family();
  asio::ip::tcp::endpoint at;
  if ((family != AF_INET && family != AF_INET6) || address.size() > at.capacity()) return {};
  std::memcpy(at.data(), address.data(), address.size());
  at.resize(address.size());
  return endpoint{.host = at.address().to_string(), .port = at.port()};
}

bool server_addresses::use(std::vector<socket_address> all) {
  const std::scoped_lock held(lock_);
  const bool is_one_gone = !all.empty() && std::ranges::any_of(listed_, [&](const auto& was) {
    return std::ranges::find(all, was) == all.end();
  });
  listed_ = std::move(all);
  return is_one_gone;
}

std::vector<socket_address> server_addresses::listed() const {
  const std::scoped_lock held(lock_);
  return listed_;
}

bool server_addresses::has(const socket_address& at) const {
  const std::scoped_lock held(lock_);
  return listed_.empty() || std::ranges::find(listed_, at) != listed_.end();
}

std::vector<socket_address> server_addresses::in_order(const std::vector<socket_address>& all,
                                                       std::uint64_t turn, time_point now) const {
  auto order = in_turn_of_families(rotated(all, turn));
  const std::scoped_lock held(lock_);
  std::ignore = put_first(order, [&](const auto& a) { return !is_avoided(a, now); });
  return order;
}

void server_addresses::answered(const socket_address& at, const std::vector<socket_address>& order,
                                time_point now) {
  const auto before = std::ranges::find(order, at);
  for (auto silent = order.begin(); silent != before; ++silent) failed(*silent, now);
  const std::scoped_lock held(lock_);
  std::erase_if(avoided_to_, [&](const auto& a) { return a.first == at; });
}

void server_addresses::failed(const socket_address& at, time_point now) {
  const std::scoped_lock held(lock_);
  std::erase_if(avoided_to_, [&](const auto& a) { return a.first == at || a.second <= now; });
  if (avoided_to_.size() < avoided_max) avoided_to_.emplace_back(at, now + address_avoided_for);
}

bool server_addresses::is_avoided(const socket_address& at, time_point now) const {
  return std::ranges::any_of(avoided_to_,
                             [&](const auto& a) { return a.first == at && now < a.second; });
}

}  // namespace waitstate::client
