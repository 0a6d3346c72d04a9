#include "reading/count_ledger.h"

#include <algorithm>
#include <set>

namespace waitstate::paste {
namespace {

bool has_port(const count_ledger::subject& s, std::uint16_t port) {
  return s.local.port == port || s.remote.port == port;
}

bool has_address(const count_ledger::subject& s, const tcp::address& a) {
  return s.local.address == a || s.remote.address == a;
}

count_ledger::subject subject_of(const row_store::row& r) {
  return {.state = r.record.state,
          .told = r.told,
          .local = r.record.flow.local,
          .remote = r.record.flow.remote,
          .owner = r.record.owner};
}

/// Keeps of two subjects what they have in common.
void narrow(count_ledger::subject& common, const count_ledger::subject& other) {
  if (common.told != other.told) common.told = direction::unknown;
  if (common.owner != other.owner) common.owner = {};
  if (common.local.address != other.local.address) common.local.address = {};
  if (common.remote.address != other.remote.address) common.remote.address = {};
  if (common.local.port != other.local.port) common.local.port = 0;
  if (common.remote.port != other.remote.port) common.remote.port = 0;
}

}  // namespace

void count_ledger::add(const subject& s, const context& c, std::uint64_t count) {
  auto found = index_.find(s);
  if (found == index_.end()) {
    if (entries_.size() >= entries_max) {
      ++dropped_;
      return;
    }
    found = index_.emplace(s, entries_.size()).first;
    entries_.push_back({.scope = s,
                        .what = s,
                        .either_end = c.either_end,
                        .port_may_be_pid = c.port_may_be_pid,
                        .interval = {},
                        .rounds = {}});
  }
  auto& known = entries_[found->second];
  if (c.interval) {
    known.interval = c.interval;
    known.loop = c.block;
  }
  if (known.rounds.size() < values_max) {
    known.rounds.push_back({.block = c.block, .value = count});
  } else {
    ++dropped_;
  }
}

bool count_ledger::has_state(tcp::state state) const {
  return std::ranges::any_of(entries_, [&](const entry& e) { return e.scope.state == state; });
}

bool count_ledger::holds(const subject& s, std::uint64_t block) const {
  const auto found = index_.find(s);
  if (found == index_.end()) return false;
  const auto& rounds = entries_[found->second].rounds;
  return !rounds.empty() && rounds.back().block == block;
}

/// The last value that a block gave, as a loop prints several.
void count_ledger::keep_one_look() {
  struct look {
    std::uint64_t states = 0;
    std::uint64_t close_wait = 0;
    std::uint64_t total = 0;
  };
  struct table {
    std::map<std::uint64_t, look> looks;  ///< By block.
    std::vector<entry*> entries;
  };
  std::map<subject, table> tables;
  for (auto& e : entries_) {
    if (e.scope.state == tcp::state::unknown || e.interval) continue;
    auto key = e.scope;
    key.state = tcp::state::unknown;
    auto& t = tables[key];
    t.entries.push_back(&e);
    for (std::size_t i = 0; i < e.rounds.size(); ++i) {
      const auto& r = e.rounds[i];
      if (i + 1 < e.rounds.size() && e.rounds[i + 1].block == r.block) continue;
      auto& l = t.looks[r.block];
      ++l.states;
      l.total += r.value;
      if (e.scope.state == tcp::state::close_wait) l.close_wait += r.value;
    }
  }
  for (auto& [key, t] : tables) {
    // One state at a time is a command for each, not a look.
    std::erase_if(t.looks, [](const auto& l) { return l.second.states < 2; });
    if (t.looks.size() < 2) continue;
    const auto worst = std::ranges::max_element(
        t.looks, {}, [](const auto& l) { return std::pair(l.second.close_wait, l.second.total); });
    for (auto* e : t.entries) {
      e->chosen = 0;
      for (const auto& r : e->rounds) {
        const bool in_a_table = t.looks.contains(r.block);
        if (r.block == worst->first || !in_a_table) e->chosen = r.value;
      }
    }
  }
}

std::uint64_t count_ledger::value_of(const entry& e) {
  if (e.chosen) return *e.chosen;
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < e.rounds.size(); ++i) {
    const bool last_of_block =
        i + 1 == e.rounds.size() || e.rounds[i + 1].block != e.rounds[i].block;
    if (last_of_block) highest = std::max(highest, e.rounds[i].value);
  }
  return highest;
}

std::vector<std::uint64_t> count_ledger::loop_of(const entry& e) {
  std::vector<std::uint64_t> values;
  for (const auto& r : e.rounds) {
    if (e.interval && r.block == e.loop) values.push_back(r.value);
  }
  if (values.size() < 2) values.clear();
  return values;
}

bool count_ledger::covers(const entry& whole, const subject& part) {
  const auto& w = whole.scope;
  // A count of all states holds those of each.
  if (w.state != tcp::state::unknown && w.state != part.state) return false;
  if (w.owner.kind == ownership::owned && w.owner != part.owner) return false;
  for (const auto port : {w.local.port, w.remote.port}) {
    if (port != 0 && !has_port(part, port)) return false;
  }
  for (const auto& address : {w.local.address, w.remote.address}) {
    if (address.is_known() && !has_address(part, address)) return false;
  }
  return true;
}

/// A command whose counts of one port have LISTEN among them looked at a port of this host.
void count_ledger::tell_listening_ports() {
  std::set<std::pair<std::uint64_t, std::uint16_t>> listening;
  for (const auto& e : entries_) {
    if (e.what.state != tcp::state::listen || !e.either_end) continue;
    for (const auto& r : e.rounds) {
      if (r.value > 0) listening.emplace(r.block, e.what.remote.port);
    }
  }
  for (auto& e : entries_) {
    if (!e.either_end || e.what.remote.port == 0) continue;
    const bool here = std::ranges::any_of(e.rounds, [&](const round& r) {
      return listening.contains({r.block, e.what.remote.port});
    });
    if (!here) continue;
    e.what.told = direction::inbound;
    e.what.local.port = std::exchange(e.what.remote.port, std::uint16_t{0});
  }
}

/// The rows may be an excerpt of what was counted; then the rest is like them.
void count_ledger::take_rows_off(entry& e, const row_store& rows) {
  std::uint64_t seen = 0;
  std::optional<subject> common;
  for (const auto& r : rows.rows()) {
    const auto s = subject_of(r);
    if (!covers(e, s)) continue;
    seen += r.record.count;
    if (common) {
      narrow(*common, s);
    } else {
      common = s;
    }
  }
  e.rest -= std::min(e.rest, seen);
  if (!common || e.what.told != direction::unknown || common->told == direction::unknown) return;
  // One row has a port at both ends; only the service's is common by design.
  (common->told == direction::outbound ? common->local : common->remote).port = 0;
  e.what = *common;
}

/// "grep :9080 | wc -l" beside counts by state of all ports: how many of it may be among those.
std::uint64_t count_ledger::shown_by_state(const entry& part) const {
  if (part.scope.state != tcp::state::unknown) return 0;
  std::uint64_t shown = 0;
  for (const auto& e : entries_) {
    if (e.scope.state == tcp::state::unknown || e.scope.state == tcp::state::listen) continue;
    auto whole = e;
    whole.scope.state = tcp::state::unknown;
    if (covers(whole, part.scope) && !covers(part, whole.scope)) shown += value_of(e);
  }
  return shown;
}

void count_ledger::tell_pids(
    const std::function<std::optional<std::uint32_t>(std::int32_t)>& process_of) {
  for (auto& e : entries_) {
    if (!e.port_may_be_pid) continue;
    const auto process = process_of(e.scope.remote.port);
    if (!process) continue;
    for (auto* s : {&e.scope, &e.what}) {
      s->remote.port = 0;
      s->owner = {.kind = ownership::owned, .process = *process};
    }
    e.either_end = false;
  }
}

void count_ledger::pour_into(snapshot_builder& builder, const row_store& rows) {
  // Each of these looks at every row: with millions of rows more would be felt.
  constexpr std::size_t compared_max = 64;
  tell_listening_ports();
  keep_one_look();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto& e = entries_[i];
    e.rest = value_of(e);
    if (i < compared_max) e.rest -= std::min(e.rest, shown_by_state(e));
    if (i < compared_max) take_rows_off(e, rows);
  }
  for (std::size_t i = 0; i < std::min(entries_.size(), compared_max); ++i) {
    auto& whole = entries_[i];
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      const auto& part = entries_[k];
      const bool narrower = i != k && covers(whole, part.scope) && !covers(part, whole.scope);
      if (narrower) whole.rest -= std::min(whole.rest, part.rest);
    }
  }
  for (const auto& e : entries_) {
    if (e.rounds.size() > 1) add_series(builder, e);
    if (e.rest == 0) continue;
    if (e.what.state == tcp::state::listen) {
      if (e.what.local.port != 0) {
        builder.add_listener({.local = e.what.local, .owner = e.what.owner});
      }
      const auto unlisted = e.rest - (e.what.local.port != 0 ? 1 : 0);
      builder.namespace_at(0).states.add(tcp::state::listen, unlisted);
      continue;
    }
    builder.add({.flow = {.local = e.what.local, .remote = e.what.remote},
                 .state = e.what.state,
                 .owner = e.what.owner,
                 .uid = {},
                 .has_queues = false,
                 .last_data_ms = {},
                 .last_ack_ms = {},
                 .bind_address_no_port = {},
                 .count = e.rest},
                e.what.told);
  }
}

void count_ledger::add_series(snapshot_builder& builder, const entry& e) const {
  count_series series{.state = e.what.state,
                      .port = e.what.remote.port != 0 ? e.what.remote.port : e.what.local.port,
                      .label = {},
                      .values = loop_of(e),
                      .interval = e.interval};
  if (series.values.empty()) {
    series.interval.reset();
    for (const auto& r : e.rounds) series.values.push_back(r.value);
  }
  builder.add_series(std::move(series));
}

void count_ledger::set_growth(snapshot& s) const {
  for (const auto& e : entries_) {
    const auto values = loop_of(e);
    if (!e.interval || values.empty()) continue;
    const auto interval = *e.interval;
    for (auto& g : s.groups) {
      const auto& k = g.key;
      const bool same = k.state == e.what.state && k.direction == e.what.told &&
                        k.local == e.what.local && k.remote == e.what.remote &&
                        k.owner == e.what.owner;
      if (!same) continue;
      const auto first = static_cast<double>(values.front());
      const auto last = static_cast<double>(values.back());
      const auto seconds =
          std::chrono::duration<double>(interval).count() * static_cast<double>(values.size() - 1);
      g.growth_per_second = (last - first) / seconds;
    }
  }
}

}  // namespace waitstate::paste
