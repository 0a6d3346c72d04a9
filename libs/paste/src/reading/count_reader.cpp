#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "facts/counter.h"
#include "facts/host_line.h"
#include "facts/setting.h"
#include "reading/reading.h"
#include "text/mentioned_endpoint.h"
#include "text/text_endpoint.h"
#include "text/words.h"
#include "waitstate/tcp/address.h"

namespace waitstate::paste {
namespace {

/// No system has as many settings, nor as many counters.
constexpr std::size_t names_max = 10'000;

bool is_masked(std::string_view host) {
  return host.contains('x') || host.contains('X') || host.contains('*') || host.contains('?');
}

}  // namespace

bool reading::take_totals(std::string_view line) {
  if (!totals_.read(line)) return false;
  if (totals_.saw_summary()) saw("ss -s");
  if (totals_.saw_sockstat()) saw("sockstat");
  return true;
}

/// What `cat /proc/sys/...` prints where the setting has several numbers.
std::optional<setting> reading::setting_of_command(std::string_view line) const {
  constexpr std::uint64_t unread_max = 3;  // Numbers far below a command are not its.
  if (!has_command_ || unread_since_command_ > unread_max) return std::nullopt;
  const bool is_file_nr = command_.what == command::tool::file_nr;
  const auto key = is_file_nr ? std::string("fs.file-nr") : command_.key;
  if ((command_.what != command::tool::setting && !is_file_nr) || key.empty()) return std::nullopt;
  const word_list words(line);
  const bool numbers =
      words.size() >= 2 && words.size() <= 3 &&
      std::ranges::all_of(words.all(), [](auto w) { return whole_number(w).has_value(); });
  return numbers ? read_setting(fmt::format("{} = {}", key, line)) : std::nullopt;
}

bool reading::take_setting(std::string_view line) {
  auto found = read_setting(line);
  if (!found) found = setting_of_command(line);
  if (!found) return false;
  const auto& of_namespace = builder_.namespace_at(0).sysctls;
  const auto& of_host = builder_.host().sysctls;
  const bool is_known = of_namespace.contains(found->key) || of_host.contains(found->key);
  if (!is_known && of_namespace.size() + of_host.size() >= names_max) {
    ++names_left_out_;
    return true;
  }
  apply(*found, builder_.namespace_at(0), builder_.host());
  if (builder_.host().os == os_family::unknown) builder_.host().os = found->os;
  saw(found->os == os_family::windows ? "Windows settings" : "sysctl");
  return true;
}

bool reading::take_host(std::string_view line) {
  if (const auto limit = read_fd_limit(line)) {
    const auto pid = has_command_ && command_.what == command::tool::fd_limit ? command_.pid : 0;
    processes_.set_limit(pid, limit->soft, limit->hard);
    saw("limits");
    return true;
  }
  const bool asked = has_command_ && command_.what == command::tool::kernel;
  if (asked && is_kernel_release(line)) {
    builder_.host().kernel_release = trimmed(line);
    saw("uname");
    return true;
  }
  if (!read_host_line(line, builder_.host())) return false;
  saw("uname or uptime");
  return true;
}

void reading::keep_counter(std::string name, std::uint64_t value) {
  auto& known = builder_.namespace_at(0).counters;
  if (known.size() >= names_max && !known.contains(name)) {
    ++names_left_out_;
    return;
  }
  known.insert_or_assign(std::move(name), value);
}

bool reading::take_counter(std::string_view line) {
  if (!counter_names_.empty()) {
    const auto pairs = read_counter_pair(counter_names_, line);
    counter_names_.clear();
    for (const auto& c : pairs) keep_counter(c.name, c.value);
    if (!pairs.empty()) {
      saw("netstat -s");
      return true;
    }
  }
  if (line.starts_with("TcpExt: ") || line.starts_with("Tcp: ")) {
    counter_names_ = line;
    return true;
  }
  const auto found = read_counter(line);
  if (!found) return false;
  keep_counter(found->name, found->value);
  saw("netstat -s");
  return true;
}

bool reading::take_message(std::string_view line) {
  if (!messages_.take(line)) return false;
  if (messages_.saw_kernel_log()) saw("kernel log");
  if (messages_.saw_errors()) saw("error lines");
  return true;
}

/// "912 java 4711" of "lsof ... | awk '{print $1,$2}' | sort | uniq -c".
bool reading::take_owner_count(std::string_view line) {
  const auto& c = command_;
  const bool asked = has_command_ && c.what == command::tool::sockets && c.lists_counts &&
                     (c.program_word != 0 || c.pid_word != 0);
  if (!asked) return false;
  const word_list words(line);
  const auto count = whole_number(words[0]);
  const std::size_t wanted = 1U + (c.program_word != 0 ? 1U : 0U) + (c.pid_word != 0 ? 1U : 0U);
  if (!count || words.size() != wanted) return false;
  count_line made{.count = *count, .endpoint = {}, .program = {}, .label = {}};
  if (c.program_word != 0) made.program = words[c.program_word];
  if (c.pid_word != 0) {
    const auto pid = whole_number(words[c.pid_word]);
    // lsof's line of headings: "1 COMMAND PID".
    if (!pid) return words[c.pid_word] == "PID";
    if (*pid > 0x7FFFFFFF) return false;
    made.pid = static_cast<std::int32_t>(*pid);
  } else if (made.program == "COMMAND") {
    return true;
  }
  count_sockets(made);
  return true;
}

bool reading::take_count(std::string_view line) {
  if (take_owner_count(line)) return true;
  const auto c = read_count_line(line);
  if (!c) return false;
  // Numbers far below a command, behind prose, are not its.
  constexpr std::uint64_t unread_max = 3;
  const bool in_context = has_command_ && unread_since_command_ <= unread_max;
  if (c->is_bare()) return in_context && take_number(c->count);
  if (c->noise && c->state == tcp::state::unknown) return true;
  if (!c->label.empty()) {
    const bool counts = in_context && command_.what == command::tool::sockets &&
                        (command_.counts_lines || command_.lists_counts);
    if (!counts) return false;
    if (!command_.column) {
      count_label(*c);
      return true;
    }
  }
  if (c->state == tcp::state::unknown && !in_context && c->endpoint) {
    // An address and a number mean nothing by themselves: a ping, a route, a version.
    if (c->count < 2) return false;
  }
  count_sockets(*c);
  return true;
}

/// A bare number: what the command before it prints.
bool reading::take_number(std::uint64_t number) {
  using tool = command::tool;
  switch (command_.what) {
    case tool::fd_limit:
      processes_.set_limit(command_.pid, number, {});
      saw("limits");
      return true;
    case tool::setting:
      if (command_.key.empty()) return false;
      return take_setting(command_.key + " = " + std::to_string(number));
    case tool::descriptors:
      if (!command_.counts_lines) return false;
      processes_.set_descriptor_count(command_.pid, command_.program, number);
      count_label({.count = number, .endpoint = {}, .program = {}, .label = "open descriptors"});
      saw("counts");
      return true;
    case tool::conntrack:
      if (!command_.counts_lines) return false;
      builder_.host().conntrack_count = number;
      saw("conntrack");
      return true;
    case tool::sockets:
      if (!command_.counts_lines) return false;
      count_sockets({.count = number, .endpoint = {}, .program = {}, .label = {}});
      return true;
    case tool::file_nr:
    case tool::kernel:
    case tool::other: break;
  }
  return false;
}

void reading::count_sockets(const count_line& c) {
  const bool by_command = has_command_ && command_.what == command::tool::sockets;
  count_ledger::subject what{.state = c.state};
  count_ledger::context context{.block = block_, .interval = {}};
  if (by_command) {
    if (what.state == tcp::state::unknown) what.state = command_.state;
    const bool local = command_.port_side == side::local;
    (local ? what.local : what.remote).port = command_.port;
    // Many connections of one port of ours are a listener's; we are asked for no other.
    if (command_.port_side == side::remote) what.told = direction::outbound;
    if (local && command_.port != 0) what.told = direction::inbound;
    context.either_side = command_.port != 0 && command_.port_side == side::either;
    context.interval = command_.interval;
    if (!command_.address.empty() && !c.endpoint) {
      if (const auto address = tcp::parse_address(command_.address)) {
        (command_.counts_distinct || local ? what.local : what.remote).address = *address;
        if (command_.counts_distinct) {
          // Different endpoints of one address of ours: so many of its ports are taken.
          builder_.add_counted_ports(0, *address, c.count);
          what.told = direction::outbound;
        }
      }
    }
  }
  if (c.endpoint || (!c.label.empty() && by_command && command_.column)) {
    const auto named =
        read_colon_endpoint(c.label).value_or(text_endpoint{.host = c.label, .port = 0});
    const auto text = c.endpoint.value_or(named);
    auto endpoint = endpoint_of(text);
    // Equal masks in one list of counts hide different addresses.
    if (is_masked(text.host) && ++masked_[std::string(text.host)] > 1) {
      endpoint.address =
          builder_.name(fmt::format("{} #{}", text.host, masked_[std::string(text.host)]));
    }
    const bool local = by_command && command_.column == side::local;
    (local ? what.local : what.remote) = endpoint;
    // Many connections share a service's endpoint; the other end differs in its port.
    constexpr std::uint64_t many = 3;
    if (endpoint.port != 0 && c.count >= many) {
      what.told = local ? direction::inbound : direction::outbound;
    }
    context.either_side = false;
  }
  if (!c.program.empty() || c.pid != 0) {
    what.owner = {.kind = ownership::owned, .process = processes_.index_of(c.pid, c.program)};
  } else if (by_command && (command_.pid != 0 || !command_.program.empty())) {
    what.owner = {.kind = ownership::owned,
                  .process = processes_.index_of(command_.pid, command_.program)};
  } else if (by_command && command_.only_owned) {
    what.owner.kind = ownership::hidden;
  }
  saw("counts");
  // A state that the list has already, behind something else: another list, another look.
  const bool plain = !c.endpoint && c.program.empty() && c.label.empty() && !context.interval;
  const bool told = plain && c.state != tcp::state::unknown;
  if (told && lines_since_count_ > 1 && counts_.holds(what, block_)) context.block = ++block_;
  lines_since_count_ = 0;
  counts_.add(what, context, c.count);
}

/// "heroic-0:   0": the same count on other hosts; no sockets of this one.
void reading::count_label(const count_line& c) {
  saw("counts");
  constexpr std::size_t series_max = 1024;
  constexpr std::size_t values_max = 4096;
  const std::tuple key{std::string(c.label), command_.state, command_.port};
  const auto found = label_index_.find(key);
  if (found != label_index_.end()) {
    auto& values = labelled_[found->second].values;
    if (values.size() < values_max) values.push_back(c.count);
  } else if (labelled_.size() < series_max) {
    label_index_.emplace(key, labelled_.size());
    labelled_.push_back({.state = command_.state,
                         .port = command_.port,
                         .label = std::string(c.label),
                         .values = {c.count},
                         .interval = command_.interval});
  }
}

}  // namespace waitstate::paste
