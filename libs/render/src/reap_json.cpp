#include "waitstate/render/reap_json.h"

#include "json_parts.h"

namespace waitstate::render {
namespace {

json owner_of(const remedy::reap_plan& plan, const remedy::reap_group& g) {
  if (!g.owner) return nullptr;
  const auto& p = plan.owners[*g.owner];
  return json{{"pid", p.pid}, {"process", or_null(p.name)}};
}

json json_of(const remedy::reap_plan& plan, const remedy::reap_group& g) {
  const auto& ns = plan.namespaces[g.net_namespace];
  const bool outbound = g.side == direction::outbound;
  json object;
  object["count"] = g.count;
  object["state"] = to_string(g.state);
  object["direction"] = to_string(g.side);
  object["namespace"] = json{{"name", or_null(ns.name)}, {"inode", ns.inode}};
  object["peer"] = outbound ? json(to_string(g.end)) : json(nullptr);
  object["local_port"] = outbound ? json(nullptr) : json(g.end.port);
  object["owner"] = owner_of(plan, g);
  object["unread_bytes"] = g.unread_bytes;
  object["youngest_ms"] = or_null(g.youngest_ms);
  object["oldest_ms"] = or_null(g.oldest_ms);
  return object;
}

json json_of(const remedy::reap_outcome& done) {
  json object;
  for (const auto r : {remedy::reaped::closed, remedy::reaped::gone, remedy::reaped::changed,
                       remedy::reaped::refused, remedy::reaped::failed}) {
    const auto at = done.targets.find(r);
    object[std::string(to_string(r))] = at == done.targets.end() ? 0 : at->second;
  }
  object["under_lock"] = done.under_lock;
  object["not_tried"] = done.not_tried;
  object["descriptors_left"] = done.descriptors_left;
  object["ports_back"] = done.ports_back;
  object["interrupted"] = done.interrupted;
  object["trouble"] = done.trouble ? json(done.trouble->what) : json(nullptr);
  return object;
}

}  // namespace

std::string to_json(const remedy::reap_plan& plan, const remedy::reap_options& options,
                    const std::optional<remedy::reap_outcome>& outcome) {
  json object;
  object["schema"] = 1;
  object["selection"] = plan.selection;
  object["how"] = to_string(options.may.how);
  object["found"] = plan.found;
  object["to_close"] = plan.to_close;
  object["max"] = options.at_most;
  object["groups"] = json::array();
  for (const auto& g : plan.groups) object["groups"].push_back(json_of(plan, g));
  object["not_grouped"] = plan.not_grouped;
  object["left_alone"] = json::array();
  for (const auto& [why, count] : plan.left) {
    object["left_alone"].push_back({{"reason", to_string(why)}, {"count", count}});
  }
  object["outcome"] = outcome ? json_of(*outcome) : json(nullptr);
  object["limits"] = json_of(plan.limits);
  return dumped(object);
}

}  // namespace waitstate::render
