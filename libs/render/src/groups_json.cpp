#include <algorithm>
#include <ranges>

#include "followed_json.h"
#include "json_parts.h"
#include "waitstate/render/groups_json.h"

namespace waitstate::render {
namespace {

json owner_of(const group_row& row) {
  const auto* p = row.owner_process;
  if (row.owner.empty()) return nullptr;
  return json{{"text", row.owner},
              {"pid", p == nullptr || p->pid == 0 ? json(nullptr) : json(p->pid)},
              {"process", p == nullptr ? json(nullptr) : or_null(p->name)},
              {"runtime", p == nullptr ? json(nullptr) : json(to_string(p->runtime))}};
}

json receive_queue_of(const socket_group& g) {
  if (g.with_queues == 0) return nullptr;
  return json{{"sockets", g.with_queues},       {"empty", g.receive_queue_empty},
              {"one", g.receive_queue_one},     {"more", g.receive_queue_more},
              {"bytes", g.receive_queue_bytes}, {"max", g.receive_queue_max}};
}

json send_queue_of(const socket_group& g) {
  if (g.with_queues == 0) return nullptr;
  return json{
      {"sockets", g.with_queues}, {"filled", g.send_queue_filled}, {"bytes", g.send_queue_bytes}};
}

json json_of(const group_row& row) {
  const auto& g = row.group;
  json object;
  object["count"] = g.count;
  object["states"] = render::json_of(row.states);
  object["direction"] = row.direction ? to_string(*row.direction) : "mixed";
  object["namespace"] = or_null(row.net_namespace);
  object["local"] = or_null(row.local);
  object["peer"] = or_null(row.peer);
  object["peers"] = row.peers;
  object["owner"] = owner_of(row);
  object["container"] = or_null(row.container);
  object["receive_queue"] = receive_queue_of(g);
  object["send_queue"] = send_queue_of(g);
  object["accept_queue"] = or_null(row.accept_queue);
  object["backlog"] = or_null(row.backlog);
  object["oldest_ms"] = g.age.known() > 0 ? json(g.age_max_ms) : json(nullptr);
  object["closes_per_second"] = g.closes_per_second();
  object["growth_per_second"] = or_null(g.growth_per_second);
  return object;
}

}  // namespace

std::string to_json(const snapshot& s, const group_table& table, std::size_t top) {
  const auto shown = top == 0 ? table.rows.size() : std::min(top, table.rows.size());
  auto object = json_of(summary_of(s));
  object["by"] = json::array();
  for (const auto c : table.by) object["by"].push_back(to_string(c));
  object["total"] = table.total;
  object["matched"] = table.matched;
  object["groups"] = json::array();
  for (const auto& row : table.rows | std::views::take(shown)) {
    object["groups"].push_back(json_of(row));
  }
  object["groups_cut"] = table.rows.size() - shown;
  object["followed"] = followed_json(s);
  object["limits"] = json_of(s.limits);
  return dumped(object);
}

}  // namespace waitstate::render
