#include "waitstate/client/redis/redis_roles.h"

#include <charconv>
#include <tuple>

#include <fmt/format.h>

namespace waitstate::client {
namespace {

failure no_role(const redis_reply& r) {
  return failure({.code = errc::corrupt,
                  .what = fmt::format("the reply to ROLE is {}", to_string(r)),
                  .hint = {}});
}

std::vector<endpoint> replicas_that(std::span<const redis_server> servers, bool must_be_linked) {
  std::vector<endpoint> found;
  for (const auto& s : servers) {
    if (s.role && !s.role->is_primary && (s.role->is_linked || !must_be_linked)) {
      found.push_back(s.at);
    }
  }
  return found;
}

}  // namespace

result<redis_role> parse_redis_role(const redis_reply& r) {
  if (r.kind != redis_kind::array || r.elements.size() < 3) return no_role(r);
  const auto& e = r.elements;
  if (e[0].text == "master" && e[1].kind == redis_kind::integer && e[2].kind == redis_kind::array) {
    return redis_role{.is_primary = true, .offset = e[1].number, .replicas = e[2].elements.size()};
  }
  if (e[0].text == "slave" && e.size() >= 5 && e[4].kind == redis_kind::integer) {
    return redis_role{.offset = e[4].number, .is_linked = e[3].text == "connected"};
  }
  return no_role(r);
}

redis_roles decide_redis_roles(std::span<const redis_server> servers,
                               const std::optional<endpoint>& was) {
  const auto rank = [&was](const redis_server& s) {
    return std::tuple(s.role->replicas, s.role->offset, s.at == was);
  };
  const redis_server* best = nullptr;
  for (const auto& s : servers) {
    if (!s.role || !s.role->is_primary) continue;
    if (best == nullptr || rank(s) > rank(*best)) best = &s;
  }
  redis_roles roles;
  if (best != nullptr) roles.primary = best->at;
  auto replicas = replicas_that(servers, true);
  if (replicas.empty() && best != nullptr) replicas = {best->at};
  if (replicas.empty()) replicas = replicas_that(servers, false);
  if (!replicas.empty()) roles.replicas = std::move(replicas);
  return roles;
}

}  // namespace waitstate::client
