#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// What a member of a ServerSet says of itself. Members that are joined today only ever say
/// `alive`: to leave, a member deletes its node.
enum class serverset_status : std::uint8_t {
  dead,
  starting,
  alive,
  stopping,
  stopped,
  warning,
  unknown,  ///< A name or number that is none of these.
};

/// As it is on the wire: "ALIVE".
[[nodiscard]] std::string_view to_string(serverset_status s);

/// The data of one member's node in a ServerSet of Twitter's: where a server listens.
///
/// A host that is missing (null) is empty here, and a port outside 1 to 65535 is 0: such an
/// endpoint is not usable, the others of the member are.
struct serverset_member {
  endpoint service{};                            ///< The one without a name.
  std::map<std::string, endpoint> additional{};  ///< By name: "http", "admin".
  serverset_status status = serverset_status::alive;
  std::optional<std::int32_t> shard{};
  std::optional<std::map<std::string, std::string>> metadata{};

  friend bool operator==(const serverset_member&, const serverset_member&) = default;
};

/// Larger nodes are refused; ZooKeeper's own limit is about the same.
inline constexpr std::size_t serverset_data_max = 1 << 20;

/// Reads JSON, and the binary Thrift struct that old members wrote. `serviceEndpoint` and `status`
/// have to be there; without `additionalEndpoints` there are none. A status may be a name or its
/// number. What else there is does not count.
///
/// Fails with errc::corrupt.
[[nodiscard]] result<serverset_member> parse_serverset_member(std::string_view data);

/// Writes JSON, byte for byte as Finagle's announcer does: no blanks, the fields in the order of
/// the struct, a shard and metadata only when set, and `< > & = '` escaped. Names must be UTF-8.
[[nodiscard]] std::string to_json(const serverset_member& member);

}  // namespace waitstate::client
