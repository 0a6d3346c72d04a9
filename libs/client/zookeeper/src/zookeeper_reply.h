#pragma once

#include <cstdint>
#include <string>
#include <vector>

// NOLINTBEGIN(readability-identifier-naming): ZooKeeper names them.
struct Stat;
struct String_vector;
// NOLINTEND(readability-identifier-naming)

namespace waitstate::client {

/// What ZooKeeper answers to one request. `code` is one of the C client's, 0 when it was done.
struct zookeeper_reply {
  int code = 0;
  std::string text;                   ///< A node's data, or the path of a node that was made.
  std::vector<std::string> children;  ///< Names, without the path.
  std::int64_t made = 0;              ///< The zxid that made the node.
  std::int64_t owner = 0;             ///< The session of an ephemeral node.
};

/// What the C client gives to its callbacks, as a reply. It does not look at whether a reply could
/// be decoded: what is left of a broken one are counts without strings, null strings, and members
/// of its structs that were never set. Whatever contradicts itself has ZMARSHALLINGERROR here, and
/// is taken from the C client, which would free it next.
///
/// `names` is the member of a struct of its own that its next step clears, and so is `found`.
[[nodiscard]] zookeeper_reply children_reply(int code, const String_vector* names,
                                             const Stat* found);
/// The same for a node's data; `found` is the member of the struct that `value` and `size` are of.
[[nodiscard]] zookeeper_reply data_reply(int code, const char* value, int size, const Stat* found);
[[nodiscard]] zookeeper_reply stat_reply(int code, const Stat* found);
/// A path.
[[nodiscard]] zookeeper_reply text_reply(int code, const char* text);

}  // namespace waitstate::client
