#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Where a ServerSet is, and which of its endpoints are wanted.
struct serverset_address {
  /// One to 16 ensembles of ZooKeeper servers, each "host:port,host:port". The set is the union of
  /// what they have.
  std::vector<std::string> ensembles{};
  std::string path{};  ///< Of the group's node: "/twitter/service/cuckoo/prod/read".
  std::optional<std::string> endpoint_name{};  ///< Not set: the endpoint without a name.
  std::optional<std::int32_t> shard{};         ///< Not set: all shards.

  friend bool operator==(const serverset_address&, const serverset_address&) = default;
};

/// Reads Finagle's names:
///
///     zk2!hosts!path            zk!hosts!path
///     zk2!hosts!path!endpoint   zk!hosts!path!endpoint
///     /$/com.twitter.serverset/hosts/path            any of :endpoint and #shard after it
///
/// where hosts are "host:port,host:port", several ensembles with '#' between them, and a port that
/// is not given is 2181. In the last form a byte may be written as \x2c.
///
/// Fails with errc::invalid_input; the message quotes `text`.
[[nodiscard]] result<serverset_address> parse_serverset_address(std::string_view text);

/// The inverse: the zk2! form, or the last one when there is a shard.
[[nodiscard]] std::string to_string(const serverset_address& address);

/// Where a server announces itself: "zk!hosts!path!shard" or "zk!hosts!path!shard!endpoint".
/// With several ensembles it would be announced in each; a zookeeper_announcer joins one.
///
/// Fails with errc::invalid_input; the message quotes `text`.
[[nodiscard]] result<serverset_address> parse_announce_address(std::string_view text);

}  // namespace waitstate::client
