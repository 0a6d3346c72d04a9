#include "serverset/serverset.h"

#include <algorithm>
#include <map>
#include <utility>

namespace waitstate::client {
namespace {

/// Null when the member has none of that name.
const endpoint* endpoint_named(const serverset_member& member,
                               const std::optional<std::string>& name) {
  if (!name) return &member.service;
  const auto at = member.additional.find(*name);
  return at == member.additional.end() ? nullptr : &at->second;
}

/// Anybody may write what a member says: a host is not to bring blanks, line ends or an end of text
/// to where it is used, such as a Host header.
bool is_usable(const endpoint& at) {
  const bool is_clean = std::ranges::all_of(at.host, [](char c) { return c > ' ' && c < 0x7f; });
  return !at.host.empty() && is_clean && !at.is_unix() && at.port != 0;
}

}  // namespace

serverset_endpoints serverset_select(std::vector<serverset_entry> entries,
                                     const std::vector<serverset_vector>& vectors,
                                     const serverset_filter& wanted) {
  std::ranges::sort(entries, {}, &serverset_entry::node);
  serverset_endpoints found;
  auto& left_out = found.left_out;
  std::map<endpoint, double> chosen;
  for (const auto& [node, member] : entries) {
    if (member.status != serverset_status::alive) {
      ++left_out.not_alive;
      continue;
    }
    if (wanted.shard && member.shard != wanted.shard) {
      ++left_out.other_shard;
      continue;
    }
    const auto* const at = endpoint_named(member, wanted.endpoint_name);
    if (at == nullptr) {
      ++left_out.no_such_name;
      continue;
    }
    if (!is_usable(*at)) {
      ++left_out.no_address;
      continue;
    }
    const auto weight = serverset_weight(vectors, {.node = node, .at = at, .shard = member.shard});
    if (!weight) {
      ++left_out.by_weight;
      continue;
    }
    const auto [entry, is_new] = chosen.insert_or_assign(*at, *weight);
    if (!is_new) ++left_out.same_address;
  }
  for (const auto& [at, weight] : chosen) found.endpoints.push_back({.at = at, .weight = weight});
  return found;
}

}  // namespace waitstate::client
