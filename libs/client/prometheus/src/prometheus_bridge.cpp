#include "waitstate/client/prometheus/prometheus_bridge.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

namespace waitstate::client {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

template <class From>
struct row {
  const char* name;
  MetricType type;
  const char* help;
  double (*value)(const From&);
};

constexpr auto counter = MetricType::Counter;
constexpr auto gauge = MetricType::Gauge;

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

using of_cluster = cluster_metrics;
constexpr row<of_cluster> cluster_rows[] = {
    {"endpoint_set_generation", gauge, "Goes up with every change of the set of servers.",
     [](const of_cluster& m) { return number(m.generation); }},
    {"connections_used", gauge,
     "Connections that count against connections_limit, those of other clusters that share it "
     "included.",
     [](const of_cluster& m) { return number(m.connections); }},
    {"connections_limit", gauge, "The most connections to all servers together; 0: no limit.",
     [](const of_cluster& m) { return number(m.connections_max); }},
    {"calls_total", counter, "Calls begun.", [](const of_cluster& m) { return number(m.calls); }},
    {"attempts_total", counter, "Attempts of calls, the first of each included.",
     [](const of_cluster& m) { return number(m.attempts); }},
    {"retries_total", counter, "Attempts after the first.",
     [](const of_cluster& m) { return number(m.retries); }},
    {"hedges_total", counter, "Of these, those made beside an attempt that took long.",
     [](const of_cluster& m) { return number(m.hedges); }},
    {"calls_shed_total", counter, "Calls refused because too many were under way.",
     [](const of_cluster& m) { return number(m.shed); }},
    {"retries_over_budget_total", counter,
     "Failed attempts that could have been tried again, but for the retry budget.",
     [](const of_cluster& m) { return number(m.retries_over_budget); }},
    {"failovers_total", counter, "Connections that had to be sought at another server.",
     [](const of_cluster& m) { return number(m.failovers); }},
    {"cluster_ejections_total", counter,
     "How often a server was found dead, servers that are gone included.",
     [](const of_cluster& m) { return number(m.ejections); }},
    {"opened_to_all_total", counter, "Calls that were let through while every server was ejected.",
     [](const of_cluster& m) { return number(m.opened_to_all); }},
    {"evicted_total", counter, "Idle connections closed to make room at another server.",
     [](const of_cluster& m) { return number(m.evicted); }},
};

using of_pool = pool_counts;
constexpr row<of_pool> pool_rows[] = {
    {"leases_total", counter, "Leases begun.", [](const of_pool& c) { return number(c.leases); }},
    {"lease_returns_total", counter, "Leases that came back in time.",
     [](const of_pool& c) { return number(c.returns); }},
    {"lease_late_returns_total", counter, "Leases that came back after they were reclaimed.",
     [](const of_pool& c) { return number(c.late_returns); }},
    {"lease_reclaims_total", counter, "Leases taken from their holders.",
     [](const of_pool& c) { return number(c.reclaims); }},
    {"dials_total", counter, "Connections begun.",
     [](const of_pool& c) { return number(c.dials); }},
    {"dial_failures_total", counter, "Connections that could not be made.",
     [](const of_pool& c) { return number(c.dial_failures); }},
    {"closes_total", counter, "Connections closed.",
     [](const of_pool& c) { return number(c.closes); }},
    {"waits_total", counter, "Callers that did not get a connection at once.",
     [](const of_pool& c) { return number(c.waits); }},
    {"waits_refused_total", counter, "Callers refused because too many wait, or at the end.",
     [](const of_pool& c) { return number(c.refused); }},
    {"waits_withdrawn_total", counter, "Waiting callers that gave up.",
     [](const of_pool& c) { return number(c.withdrawn); }},
    {"checks_total", counter, "Idle connections that were asked whether they are well.",
     [](const of_pool& c) { return number(c.checks); }},
    {"checks_failed_total", counter, "Those that were not, and were closed.",
     [](const of_pool& c) { return number(c.checks_failed); }},
};

using of_endpoint = endpoint_metrics;
constexpr row<of_endpoint> endpoint_rows[] = {
    {"endpoint_weight", gauge, "The server's share of the work.",
     [](const of_endpoint& e) { return e.weight; }},
    {"endpoint_leaving", gauge, "1 when the server left the set and its leases finish.",
     [](const of_endpoint& e) { return e.leaving ? 1.0 : 0.0; }},
    {"connections_idle", gauge, "Connections that wait for a lease.",
     [](const of_endpoint& e) { return number(e.idle); }},
    {"connections_leased", gauge, "Connections that are leased.",
     [](const of_endpoint& e) { return number(e.leased); }},
    {"connections", gauge, "Connections of any state, dials under way included.",
     [](const of_endpoint& e) { return number(e.connections); }},
    {"waiting", gauge, "Callers that wait for a connection.",
     [](const of_endpoint& e) { return number(e.waiting); }},
    {"calls_pending", gauge, "Calls under way.",
     [](const of_endpoint& e) { return number(e.pending); }},
    {"closes_first_total", counter,
     "Connections where this side sent the first FIN: it keeps their TIME-WAIT.",
     [](const of_endpoint& e) { return number(e.closes.first); }},
    {"closes_after_total", counter, "Connections that the server had closed before.",
     [](const of_endpoint& e) { return number(e.closes.after); }},
    {"closes_by_reset_total", counter, "Connections that this side reset.",
     [](const of_endpoint& e) { return number(e.closes.by_reset); }},
    {"closes_unasked_total", counter,
     "Idle connections closed because bytes came that nobody had asked for.",
     [](const of_endpoint& e) { return number(e.closes.unasked); }},
    {"calls_succeeded_total", counter, "Attempts in which the server did its work.",
     [](const of_endpoint& e) { return number(e.succeeded); }},
    {"calls_failed_total", counter, "Attempts in which it did not.",
     [](const of_endpoint& e) { return number(e.failed); }},
    {"ejections_total", counter, "How often the server was found dead.",
     [](const of_endpoint& e) { return number(e.ejections); }},
    {"latency_seconds", gauge,
     "Decayed latency of calls, peaks counting at once; 0: none measured.",
     [](const of_endpoint& e) { return seconds(e.latency); }},
    {"idle_limit_learned_seconds", gauge,
     "How long connections may be idle, learned from the server; 0: nothing was learned.",
     [](const of_endpoint& e) { return seconds(e.idle_limit_learned.value_or(duration{0})); }},
    {"local_ports", gauge, "Local ports for this destination; 0 for a unix socket.",
     [](const of_endpoint& e) { return number(e.ports); }},
    {"local_ports_left", gauge, "How many of those this pool leaves.",
     [](const of_endpoint& e) { return number(e.ports_left); }},
};

/// What the lease ledger says about one server.
struct ledger_summary {
  duration oldest{0};
  duration most_silent{0};
  std::size_t peer_closed = 0;
};

constexpr row<ledger_summary> ledger_rows[] = {
    {"oldest_lease_seconds", gauge, "Age of the lease that is out for longest; 0: none is out.",
     [](const ledger_summary& s) { return seconds(s.oldest); }},
    {"most_silent_lease_seconds", gauge,
     "Time since the last byte on the lease where that is longest ago; 0: none is out.",
     [](const ledger_summary& s) { return seconds(s.most_silent); }},
    {"leases_peer_closed", gauge, "Leases whose server has closed: sockets in CLOSE-WAIT.",
     [](const ledger_summary& s) { return number(s.peer_closed); }},
};

constexpr std::array sources = {source_state::pending, source_state::ok, source_state::stale};
constexpr std::array healths = {health::alive, health::dead, health::half_open, health::probing};

/// Buckets as Prometheus wants them: each with all that took less.
ClientMetric::Histogram buckets_of(const latency_histogram& from) {
  ClientMetric::Histogram out;
  for (std::size_t i = 0; i < from.calls.size(); ++i) {
    out.sample_count += from.calls.at(i);
    const bool is_last = i == latency_histogram::bounds.size();
    out.bucket.push_back({.cumulative_count = out.sample_count,
                          .upper_bound = is_last ? std::numeric_limits<double>::infinity()
                                                 : seconds(latency_histogram::bounds.at(i))});
  }
  out.sample_sum = seconds(from.sum);
  return out;
}

/// What one scrape collects: a family for each name, in the order of the tables.
class families {
 public:
  void add(const char* name, MetricType type, const char* help, const labels& of, double value) {
    auto& metric = add(name, type, help, of);
    (type == counter ? metric.counter.value : metric.gauge.value) = value;
  }

  void add(const char* name, const char* help, const labels& of, const latency_histogram& value) {
    add(name, MetricType::Histogram, help, of).histogram = buckets_of(value);
  }

  template <class From, std::size_t n>
  void add(const row<From> (&rows)[n], const labels& of, const From& from) {
    for (const auto& r : rows) add(r.name, r.type, r.help, of, r.value(from));
  }

  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  ClientMetric& add(const char* name, MetricType type, const char* help, const labels& of) {
    const auto full = std::string("waitstate_client_") + name;
    auto family = std::ranges::find(all_, full, &MetricFamily::name);
    if (family == all_.end()) {
      all_.push_back({.name = full, .help = help, .type = type, .metric = {}});
      family = std::prev(all_.end());
    }
    auto& metric = family->metric.emplace_back();
    metric.label = of;
    return metric;
  }

  std::vector<MetricFamily> all_;
};

labels with_state(labels of, std::string_view state) {
  of.push_back({.name = "state", .value = std::string(state)});
  return of;
}

ledger_summary summary_of(const std::vector<ledger_entry>& ledger, const endpoint& at) {
  ledger_summary s;
  for (const auto& lease : ledger) {
    if (lease.to != at) continue;
    s.oldest = std::max(s.oldest, lease.out_for);
    s.most_silent = std::max(s.most_silent, lease.last_byte_ago);
    if (lease.peer_closed) ++s.peer_closed;
  }
  return s;
}

void add(families& to, const cluster_metrics& m, const std::vector<ledger_entry>& ledger) {
  const labels of = {{.name = "upstream", .value = m.name}};
  for (const auto state : sources) {
    to.add("source_state", gauge,
           "1 for the state of what the servers are learned from: pending, ok or stale.",
           with_state(of, to_string(state)), m.source == state ? 1 : 0);
  }
  to.add(cluster_rows, of, m);
  for (const bool is_well : {true, false}) {
    auto of_these = of;
    of_these.push_back({.name = "outcome", .value = is_well ? "ok" : "failed"});
    to.add("call_seconds",
           "How long calls took, their retries and the wait for a connection included.", of_these,
           is_well ? m.answered_in : m.failed_in);
  }
  for (const auto& e : m.endpoints) {
    auto of_one = of;
    of_one.push_back({.name = "endpoint", .value = to_string(e.to)});
    for (const auto state : healths) {
      to.add("endpoint_health", gauge,
             "1 for the state of the server: alive, dead, half open or probing.",
             with_state(of_one, to_string(state)), e.state == state ? 1 : 0);
    }
    to.add(endpoint_rows, of_one, e);
    to.add(pool_rows, of_one, e.counts);
    to.add(ledger_rows, of_one, summary_of(ledger, e.to));
  }
  auto of_gone = of;
  of_gone.push_back({.name = "endpoint", .value = "gone"});
  to.add(pool_rows, of_gone, m.gone);
}

}  // namespace

void cluster_collector::add(const std::shared_ptr<cluster>& shown) {
  const std::scoped_lock held(lock_);
  shown_.emplace_back(shown);
}

std::vector<MetricFamily> cluster_collector::Collect() const {
  std::vector<std::shared_ptr<cluster>> alive;
  {
    const std::scoped_lock held(lock_);
    std::erase_if(shown_, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : shown_) {
      if (auto c = weak.lock()) alive.push_back(std::move(c));
    }
  }
  families all;
  for (const auto& c : alive) waitstate::client::add(all, c->metrics(), c->leases());
  return all.take();
}

}  // namespace waitstate::client
