#include "reading/count_reader.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "facts/state_pairs.h"
#include "reading/message_collector.h"
#include "text/text_endpoint.h"
#include "text/words.h"
#include "waitstate/tcp/address.h"

namespace waitstate::paste {
namespace {

using tool = command::tool;

bool is_masked(std::string_view host) {
  return host.contains('x') || host.contains('X') || host.contains('*') || host.contains('?');
}

count_line only(std::uint64_t count) {
  return {.count = count, .endpoint = {}, .program = {}, .label = {}};
}

}  // namespace

/// "912 java 4711" of "lsof ... | awk '{print $1,$2}' | sort | uniq -c".
bool count_reader::take_of_owners(std::string_view line) {
  const auto& c = context_.typed();
  const bool asked =
      c.what == tool::sockets && c.lists_counts && (c.program_word != 0 || c.pid_word != 0);
  if (!asked) return false;
  const word_list words(line);
  const auto count = whole_number(words[0]);
  const std::size_t wanted = 1U + (c.program_word != 0 ? 1U : 0U) + (c.pid_word != 0 ? 1U : 0U);
  if (!count || words.size() != wanted) return false;
  auto made = only(*count);
  if (c.program_word != 0) made.program = words[c.program_word];
  if (c.pid_word != 0) {
    const auto pid = whole_number(words[c.pid_word]);
    // lsof's line of headings: "1 COMMAND PID".
    if (!pid) return words[c.pid_word] == "PID";
    if (*pid > std::numeric_limits<std::int32_t>::max()) return false;
    made.pid = static_cast<std::int32_t>(*pid);
  } else if (made.program == "COMMAND") {
    return true;
  }
  count_sockets(made);
  return true;
}

bool count_reader::take(std::string_view line) {
  if (take_of_owners(line)) return true;
  auto c = read_count_line(line);
  if (!c) return take_pairs(line);
  const auto& typed = context_.typed();
  const bool in_context = context_.is_near();
  const bool lists_states = in_context && typed.what == tool::sockets && typed.lists_counts;
  if (lists_states && c->state == tcp::state::unknown && c->kernel_state)
    c->state = *c->kernel_state;
  if (c->is_bare()) return in_context && take_number(c->count);
  if (c->noise && c->state == tcp::state::unknown) return true;
  if (!c->label.empty()) {
    const bool counts =
        in_context && typed.what == tool::sockets && (typed.counts_lines || typed.lists_counts);
    if (!counts) return take_pairs(line);
    if (!typed.column) {
      count_label(*c);
      return true;
    }
  }
  // An address and a number mean nothing by themselves: a ping, a route, a version.
  const bool alone = c->state == tcp::state::unknown && !in_context && c->endpoint;
  if (alone && c->count < 2) return false;
  count_sockets(*c);
  return true;
}

bool count_reader::take_pairs(std::string_view line) {
  const auto pairs = read_state_pairs(line);
  for (const auto& [state, count] : pairs) {
    auto one = only(count);
    one.state = state;
    count_sockets(one);
  }
  return !pairs.empty();
}

bool count_reader::take_number(std::uint64_t number) {
  const auto& typed = context_.typed();
  switch (typed.what) {
    case tool::fd_limit:
      processes_.set_limit(typed.pid, {.soft = number, .hard = {}});
      sources_.add("limits");
      return true;
    case tool::setting:
      return !typed.key.empty() && facts_.keep_setting(typed.key, std::to_string(number));
    case tool::descriptors: {
      if (!typed.counts_lines) return false;
      if (typed.only_ghosts) {
        processes_.set_ghost_count(typed.pid, typed.program, number);
        sources_.add("lsof");
        return true;
      }
      processes_.set_descriptor_count(typed.pid, typed.program, number);
      auto descriptors = only(number);
      descriptors.label = "open descriptors";
      count_label(descriptors);
      return true;
    }
    case tool::conntrack:
      if (!typed.counts_lines) return false;
      builder_.host().conntrack_count = number;
      sources_.add("conntrack");
      return true;
    case tool::sockets:
      if (!typed.counts_lines) return false;
      if (typed.only_ghosts) {
        processes_.set_ghost_count(typed.pid, typed.program, number);
        return true;
      }
      count_sockets(only(number));
      return true;
    case tool::file_nr:
    case tool::kernel:
    case tool::other: break;
  }
  return false;
}

/// What the command selects is what is counted.
void count_reader::narrow_by_command(counted& made, const count_line& c) {
  const auto& typed = context_.typed();
  auto& [what, context] = made;
  if (what.state == tcp::state::unknown) what.state = typed.state;
  const bool local = typed.port_end == connection_end::local;
  (local ? what.local : what.remote).port = typed.port;
  // Many connections of one port of ours are a listener's; we are asked for no other.
  if (typed.port_end == connection_end::remote) what.told = direction::outbound;
  if (local && typed.port != 0) what.told = direction::inbound;
  context.either_end = typed.port != 0 && typed.port_end == connection_end::either;
  context.port_may_be_pid = typed.port_may_be_pid && context.either_end;
  context.interval = typed.interval;
  if (typed.address.empty() || c.endpoint) return;
  const auto address = tcp::parse_address(typed.address);
  if (!address) return;
  (typed.counts_distinct || local ? what.local : what.remote).address = *address;
  if (!typed.counts_distinct) return;
  // Different endpoints of one address of ours: so many of its ports are taken.
  builder_.add_counted_ports(0, *address, c.count);
  what.told = direction::outbound;
}

/// Equal masks in one list of counts hide different addresses.
tcp::endpoint count_reader::unmasked(const text_endpoint& e) {
  auto endpoint = named_endpoint(builder_, e);
  if (!is_masked(e.host)) return endpoint;
  const auto nth = ++masked_[std::string(e.host)];
  if (nth > 1) endpoint.address = builder_.name(fmt::format("{} #{}", e.host, nth));
  return endpoint;
}

/// The endpoint that a line of a list names is that of all that it counts.
void count_reader::narrow_by_endpoint(counted& made, const count_line& c) {
  const auto& typed = context_.typed();
  const bool by_command = typed.what == tool::sockets;
  const bool in_label = !c.label.empty() && by_command && typed.column;
  if (!c.endpoint && !in_label) return;
  const auto named =
      read_colon_endpoint(c.label).value_or(text_endpoint{.host = c.label, .port = 0});
  const auto endpoint = unmasked(c.endpoint.value_or(named));
  const bool local = by_command && typed.column == connection_end::local;
  auto& [what, context] = made;
  (local ? what.local : what.remote) = endpoint;
  // Many connections share a service's endpoint; the other end differs in its port.
  constexpr std::uint64_t many = 3;
  if (endpoint.port != 0 && c.count >= many) {
    what.told = local ? direction::inbound : direction::outbound;
  }
  context.either_end = false;
}

owner_ref count_reader::owner_of(const count_line& c) {
  const auto& typed = context_.typed();
  if (!c.program.empty() || c.pid != 0) {
    return {.kind = ownership::owned, .process = processes_.index_of(c.pid, c.program)};
  }
  if (typed.what != tool::sockets) return {};
  if (typed.pid != 0 || !typed.program.empty()) {
    return {.kind = ownership::owned, .process = processes_.index_of(typed.pid, typed.program)};
  }
  return {.kind = typed.only_owned ? ownership::hidden : ownership::unknown};
}

void count_reader::count_sockets(const count_line& c) {
  counted made{.what = {.state = c.state}, .context = {.block = context_.block(), .interval = {}}};
  if (context_.asks(tool::sockets)) narrow_by_command(made, c);
  narrow_by_endpoint(made, c);
  auto& [what, context] = made;
  what.owner = owner_of(c);
  sources_.add("counts");
  saw_bound_ = saw_bound_ || c.state == tcp::state::bound_inactive;
  // A state that the list has already, behind something else: another list, another look.
  const bool plain = !c.endpoint && c.program.empty() && c.label.empty() && !context.interval;
  const bool told = plain && c.state != tcp::state::unknown;
  if (told && lines_since_count_ > 1 && ledger_.holds(what, context.block)) {
    context.block = context_.begin_look();
  }
  lines_since_count_ = 0;
  ledger_.add(what, context, c.count);
}

/// "heroic-0:   0": the same count on other hosts; no sockets of this one.
void count_reader::count_label(const count_line& c) {
  sources_.add("counts");
  // A fleet's hosts, and a look at each every minute for three days.
  constexpr std::size_t series_max = 1024;
  constexpr std::size_t values_max = 4096;
  const auto& typed = context_.typed();
  const std::tuple key{std::string(c.label), typed.state, typed.port};
  const auto found = label_index_.find(key);
  if (found != label_index_.end()) {
    auto& values = labelled_[found->second].values;
    if (values.size() < values_max) values.push_back(c.count);
  } else if (labelled_.size() < series_max) {
    label_index_.emplace(key, labelled_.size());
    labelled_.push_back({.state = typed.state,
                         .port = typed.port,
                         .label = std::string(c.label),
                         .values = {c.count},
                         .interval = typed.interval});
  }
}

void count_reader::add_spoken(const std::vector<spoken_count>& spoken, const row_store& rows) {
  std::vector<spoken_count> news;
  for (const auto& s : spoken) {
    // Sides are not told of TIME-WAIT: snapshot::statement is what is known of a sentence about it.
    const bool is_told =
        s.state == tcp::state::time_wait || rows.has_state(s.state) || ledger_.has_state(s.state);
    if (!is_told) news.push_back(s);
  }
  // What is open says something only beside a state that says more.
  const bool is_worth_it =
      std::ranges::any_of(news, [](const auto& s) { return s.state != tcp::state::established; });
  if (!is_worth_it) return;
  for (const auto& s : news) {
    ledger_.add({.state = s.state, .told = {}, .local = {}, .remote = {}, .owner = {}},
                {.block = context_.block(), .interval = {}}, s.sockets);
  }
  sources_.add("prose");
}

void count_reader::pour_into_builder(const row_store& rows) {
  ledger_.tell_pids([&](std::int32_t pid) { return processes_.known(pid); });
  ledger_.pour_into(builder_, rows);
  for (auto& s : labelled_) {
    const bool one_look = s.state == tcp::state::unknown && s.values.size() < 2;
    if (!one_look) builder_.add_series(std::move(s));
  }
}

}  // namespace waitstate::paste
