#include "zookeeper_reply.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "waitstate/client/zookeeper/serverset_member.h"

namespace waitstate::client {
namespace {

// A server sets both of these by the same look at the node. Where a reply ended early, the second
// was never set, and then the first may not have been either.
bool is_whole(const String_vector& names, const Stat& found) {
  return names.count >= 0 && names.count == found.numChildren &&
         (names.count == 0 || names.data != nullptr);
}

bool is_whole(const char* value, int size, const Stat& found) {
  return size == found.dataLength && size >= 0 &&
         static_cast<std::size_t>(size) <= serverset_data_max && (size == 0 || value != nullptr);
}

/// Nothing of the list is to be freed: that costs memory, and the alternative is to free what
/// nobody has allocated.
void disown(const String_vector* names) {
  auto& whole = *const_cast<String_vector*>(names);  // NOLINT(*-const-cast): theirs is not const
  whole.count = 0;
  whole.data = nullptr;
}

void disown(const char* value, int size, const Stat* found) {
  // NOLINTNEXTLINE(*-const-cast,*-reinterpret-cast): a member of a struct that is not const
  auto* const whole = reinterpret_cast<GetDataResponse*>(
      reinterpret_cast<char*>(const_cast<Stat*>(found)) - offsetof(GetDataResponse, stat));
  if (whole->data.buff == value && whole->data.len == size) whole->data.buff = nullptr;
}

}  // namespace

zookeeper_reply children_reply(int code, const String_vector* names, const Stat* found) {
  if (code != ZOK) return {.code = code};
  if (names == nullptr || found == nullptr) return {.code = ZMARSHALLINGERROR};
  if (!is_whole(*names, *found)) {
    disown(names);
    return {.code = ZMARSHALLINGERROR};
  }
  const std::span all(names->data, static_cast<std::size_t>(names->count));
  if (std::ranges::find(all, nullptr) != all.end()) {
    disown(names);
    return {.code = ZMARSHALLINGERROR};
  }
  return {.children = {all.begin(), all.end()}, .made = found->czxid};
}

zookeeper_reply data_reply(int code, const char* value, int size, const Stat* found) {
  if (code != ZOK) return {.code = code};
  if (found == nullptr) return {.code = ZMARSHALLINGERROR};
  if (value == nullptr && size == -1) return stat_reply(code, found);  // a node without data
  if (!is_whole(value, size, *found)) {
    disown(value, size, found);
    return {.code = ZMARSHALLINGERROR};
  }
  auto reply = stat_reply(code, found);
  reply.text.assign(value, static_cast<std::size_t>(size));
  return reply;
}

zookeeper_reply stat_reply(int code, const Stat* found) {
  if (code != ZOK) return {.code = code};
  if (found == nullptr) return {.code = ZMARSHALLINGERROR};
  return {.made = found->czxid, .owner = found->ephemeralOwner};
}

zookeeper_reply text_reply(int code, const char* text) {
  if (code != ZOK) return {.code = code};
  if (text == nullptr) return {.code = ZMARSHALLINGERROR};
  return {.text = text};
}

}  // namespace waitstate::client
