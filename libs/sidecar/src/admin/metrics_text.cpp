#include "admin/metrics_text.h"

#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace waitstate::sidecar {
namespace {

using prometheus::MetricType;

/// Families by name, each value under the route's name.
class families {
 public:
  void add(std::string_view name, std::string_view help, bool is_counter, std::uint64_t value,
           std::vector<prometheus::ClientMetric::Label> labels) {
    auto& family = all_[std::string(name)];
    if (family.name.empty()) {
      family.name = std::string("waitstate_sidecar_").append(name);
      family.help = help;
      family.type = is_counter ? MetricType::Counter : MetricType::Gauge;
    }
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    (is_counter ? metric.counter.value : metric.gauge.value) = static_cast<double>(value);
    family.metric.push_back(std::move(metric));
  }

  [[nodiscard]] std::string text() && {
    std::vector<prometheus::MetricFamily> in_order;
    in_order.reserve(all_.size());
    for (auto& [name, family] : all_) in_order.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(in_order);
  }

 private:
  std::map<std::string, prometheus::MetricFamily> all_;
};

/// A server, all loops together.
struct server_totals {
  std::uint64_t idle = 0;
  std::uint64_t leased = 0;
  std::uint64_t waiting = 0;
  std::uint64_t dials = 0;
  std::uint64_t dial_failures = 0;
  client::close_totals closes;
  std::uint64_t ejections = 0;
  std::uint64_t ports_left = 0;
};

std::map<std::string, server_totals> by_server(const route_status& route) {
  std::map<std::string, server_totals> all;
  for (const auto& of_loop : route.servers) {
    for (const auto& one : of_loop.endpoints) {
      auto& sum = all[client::to_string(one.to)];
      sum.idle += one.idle;
      sum.leased += one.leased;
      sum.waiting += one.waiting;
      sum.dials += one.counts.dials;
      sum.dial_failures += one.counts.dial_failures;
      sum.closes.first += one.closes.first;
      sum.closes.after += one.closes.after;
      sum.closes.by_reset += one.closes.by_reset;
      sum.closes.unasked += one.closes.unasked;
      sum.ejections += one.ejections;
      sum.ports_left = one.ports_left;
    }
  }
  return all;
}

void add_servers(families& to, const route_status& route) {
  for (const auto& server : by_server(route)) {
    const auto& one = server.second;
    const auto labels = [&](std::string_view label = {}, std::string_view value = {}) {
      std::vector<prometheus::ClientMetric::Label> all{{"route", route.of.name},
                                                       {"server", server.first}};
      if (!label.empty()) all.push_back({std::string(label), std::string(value)});
      return all;
    };
    to.add("server_connections", "Connections to a server.", false, one.idle,
           labels("state", "idle"));
    to.add("server_connections", "", false, one.leased, labels("state", "leased"));
    to.add("server_waiting", "Requests that wait for a connection.", false, one.waiting, labels());
    to.add("server_dials_total", "Connections begun.", true, one.dials, labels());
    to.add("server_dials_failed_total", "Of these, in vain.", true, one.dial_failures, labels());
    to.add("server_closes_total",
           "Ended connections, by who closed first; first_by_us leaves a TIME-WAIT here.", true,
           one.closes.first, labels("how", "first_by_us"));
    to.add("server_closes_total", "", true, one.closes.after, labels("how", "by_server"));
    to.add("server_closes_total", "", true, one.closes.by_reset, labels("how", "reset_by_us"));
    to.add("server_unasked_bytes_total",
           "Idle connections closed because bytes came that nobody had asked for.", true,
           one.closes.unasked, labels());
    to.add("server_ejections_total", "Times that a server was left out after failures.", true,
           one.ejections, labels());
    to.add("server_ports_left", "Local ports that are left for connections to a server.", false,
           one.ports_left, labels());
  }
}

void add_calls(families& to, const route_status& route) {
  std::uint64_t over_budget = 0;
  std::uint64_t failovers = 0;
  for (const auto& of_loop : route.servers) {
    over_budget += of_loop.retries_over_budget;
    failovers += of_loop.failovers;
  }
  const std::vector<prometheus::ClientMetric::Label> labels{{"route", route.of.name}};
  to.add("retries_over_budget_total", "Tries that the rule allowed and the budget did not.", true,
         over_budget, labels);
  to.add("failovers_total", "Connections that had to be sought at another server.", true, failovers,
         labels);
}

}  // namespace

std::string to_metrics(const std::vector<route_status>& routes) {
  families all;
  std::map<std::string, std::uint64_t> clients;
  for (const auto& route : routes) {
    clients[route.of.name] += route.clients.size();
    if (route.is_draining) continue;
    const std::string& name = route.of.name;
    all.add("clients_accepted_total", "Clients that connected.", true, route.accepted,
            {{"route", name}});
    all.add("clients_refused_total", "Clients past clients_max.", true, route.refused,
            {{"route", name}});
    for (const auto& f : route.figures) {
      std::vector<prometheus::ClientMetric::Label> labels{{"route", name}};
      if (!f.label.empty()) labels.push_back({f.label, f.value});
      all.add(f.name, "See docs/sidecar.md.", true, f.count, std::move(labels));
    }
    add_servers(all, route);
    add_calls(all, route);
  }
  for (const auto& [name, count] : clients) {
    all.add("clients", "Clients that are connected.", false, count, {{"route", name}});
  }
  return std::move(all).text();
}

}  // namespace waitstate::sidecar
