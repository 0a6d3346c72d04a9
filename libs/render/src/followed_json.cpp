#include "followed_json.h"

#include <cstdint>
#include <optional>

namespace waitstate::render {
namespace {

json process_json(const snapshot& s, const std::optional<std::uint32_t>& index) {
  if (!index || *index >= s.processes.size()) return nullptr;
  const auto& p = s.processes[*index];
  return json{{"pid", p.pid == 0 ? json(nullptr) : json(p.pid)}, {"process", or_null(p.name)}};
}

json namespace_json(const snapshot& s, std::uint32_t index) {
  if (index >= s.namespaces.size()) return nullptr;
  return s.namespaces[index].inode;
}

json flow_json(const snapshot& s, const followed_flow& f) {
  json object;
  object["namespace"] = namespace_json(s, f.net_namespace);
  object["direction"] = to_string(f.direction);
  object["end"] = f.end == tcp::endpoint{} ? json(nullptr) : json(s.text_of(f.end));
  object["opener"] = process_json(s, f.opener);
  object["closer"] = process_json(s, f.closer);
  object["started"] = or_null(f.started);
  object["programs"] = f.programs;
  object["opened"] = f.opened;
  object["ended"] = f.ended;
  object["established"] = f.established;
  object["closed_here_first"] = f.closed_here_first;
  object["closed_by_peer_first"] = f.closed_by_peer_first;
  object["resets"] = f.resets;
  object["bytes_sent"] = f.bytes_sent;
  object["bytes_received"] = f.bytes_received;
  object["half_live_less_us"] = or_null(f.lives_us.half_below());
  object["half_carry_less"] = or_null(f.sizes.half_below());
  return object;
}

}  // namespace

json followed_json(const snapshot& s) {
  if (!s.followed) return nullptr;
  json object;
  object["watched_ms"] = s.followed->watched.count();
  object["flows"] = json::array();
  for (const auto& f : s.followed->flows) object["flows"].push_back(flow_json(s, f));
  object["flows_cut"] = s.followed->flows_cut;
  object["not_counted"] = s.followed->not_counted;
  return object;
}

}  // namespace waitstate::render
