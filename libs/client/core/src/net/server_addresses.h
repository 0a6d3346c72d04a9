#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "net/first_connect.h"
#include "waitstate/base/result.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// How long an address that did not answer is tried last.
inline constexpr duration address_avoided_for = std::chrono::seconds(30);

/// "10.0.0.7", "2001:db8::7" or a unix socket's path as an address; errc::invalid_input for a name.
[[nodiscard]] result<socket_address> address_of(const endpoint& at);

/// The inverse for IPv4 and IPv6; nothing for any other family.
[[nodiscard]] std::optional<endpoint> endpoint_of(const socket_address& address);

/// The addresses of one server, and which of them did not answer when they were tried last.
/// Connections are spread over those that do: each begins with the next one.
///
/// Any thread may call any member.
class server_addresses {
 public:
  /// Where the server listens, as its source knows it; empty: its name is looked up for each
  /// connection. True when one of those before is none any more.
  bool use(std::vector<socket_address> all);
  /// What use() was given.
  [[nodiscard]] std::vector<socket_address> listed() const;
  /// Does the server listen there? Where nothing is listed nobody knows better, and it does.
  [[nodiscard]] bool has(const socket_address& at) const;

  /// `all` in the order in which they are tried for the `turn`-th connection: the families in turn,
  /// beginning with that of the first; within each, the next one first; those that did not answer
  /// of late come last.
  [[nodiscard]] std::vector<socket_address> in_order(const std::vector<socket_address>& all,
                                                     std::uint64_t turn, time_point now) const;

  /// It has answered, and those before it in `order` have not, though they were tried first.
  void answered(const socket_address& at, const std::vector<socket_address>& order, time_point now);
  /// It takes connections and no more than that.
  void failed(const socket_address& at, time_point now);

 private:
  [[nodiscard]] bool is_avoided(const socket_address& at, time_point now) const;  // with lock_

  mutable std::mutex lock_;
  std::vector<socket_address> listed_;                             // with lock_
  std::vector<std::pair<socket_address, time_point>> avoided_to_;  // with lock_; bounded
};

}  // namespace waitstate::client
