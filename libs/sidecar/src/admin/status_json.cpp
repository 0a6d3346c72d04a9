#include "admin/status_json.h"

#include <chrono>
#include <map>

#include <nlohmann/json.hpp>

namespace waitstate::sidecar {
namespace {

using nlohmann::ordered_json;

double seconds(client::duration d) {
  return std::chrono::duration<double>(d).count();
}

ordered_json server_json(const route_status& route, const client::endpoint_metrics& one) {
  const bool is_out = route.taken_out.contains(one.to);
  ordered_json j{{"server", client::to_string(one.to)},
                 {"health", client::to_string(one.state)},
                 {"leaving", one.leaving},
                 {"taken_out", is_out},
                 {"idle", one.idle},
                 {"leased", one.leased},
                 {"waiting", one.waiting},
                 {"opened", one.counts.dials - one.counts.dial_failures},
                 {"dials_failed", one.counts.dial_failures},
                 {"closed_first_by_us", one.closes.first},
                 {"closed_by_server", one.closes.after},
                 {"reset_by_us", one.closes.by_reset},
                 {"succeeded", one.succeeded},
                 {"failed", one.failed},
                 {"ports", one.ports},
                 {"ports_left", one.ports_left},
                 {"idle_limit_learned", nullptr}};
  if (one.idle_limit_learned) j["idle_limit_learned"] = seconds(*one.idle_limit_learned);
  return j;
}

ordered_json route_json(const route_status& route) {
  ordered_json j{{"route", route.of.name},           {"protocol", to_string(route.of.speaks)},
                 {"listen", ordered_json::array()},  {"draining", route.is_draining},
                 {"accepted", route.accepted},       {"refused", route.refused},
                 {"counts", ordered_json::object()}, {"servers", ordered_json::array()},
                 {"clients", ordered_json::array()}, {"leases", ordered_json::array()}};
  for (const auto& front : route.of.listen) j["listen"].push_back(to_string(front));
  for (const auto& f : route.figures) {
    auto& counts = j["counts"];
    if (f.label.empty()) {
      counts[f.name] = f.count;
    } else {
      counts[f.name][f.value] = f.count;
    }
  }
  std::map<client::endpoint, bool> listed;
  for (const auto& of_loop : route.servers) {
    for (const auto& one : of_loop.endpoints) {
      j["servers"].push_back(server_json(route, one));
      listed[one.to] = true;
    }
  }
  for (const auto& server : route.taken_out) {
    if (listed.contains(server)) continue;
    j["servers"].push_back({{"server", client::to_string(server)}, {"taken_out", true}});
  }
  for (const auto& c : route.clients) {
    j["clients"].push_back({{"number", c.number},
                            {"pid", c.pid},
                            {"port", c.port},
                            {"age", seconds(c.age)},
                            {"idle", c.is_idle},
                            {"requests", c.requests},
                            {"pinned", c.pinned}});
  }
  for (const auto& l : route.leases) {
    j["leases"].push_back({{"server", client::to_string(l.to)},
                           {"out_for", seconds(l.out_for)},
                           {"last_byte_ago", seconds(l.last_byte_ago)},
                           {"peer_closed", l.peer_closed}});
  }
  return j;
}

}  // namespace

std::string to_json(const std::vector<route_status>& routes) {
  ordered_json all{{"schema", 1}, {"routes", ordered_json::array()}};
  for (const auto& route : routes) all["routes"].push_back(route_json(route));
  constexpr auto on_bad_utf8 = ordered_json::error_handler_t::replace;
  return all.dump(2, ' ', false, on_bad_utf8) + "\n";
}

}  // namespace waitstate::sidecar
