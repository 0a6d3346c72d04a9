#include "reading/reading.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "commands/command.h"
#include "commands/typed_command.h"
#include "facts/exporter_line.h"
#include "messages/error_line.h"
#include "reading/limits.h"
#include "reading/system_clues.h"
#include "rows/formats.h"
#include "rows/readers.h"
#include "text/words.h"
#include "waitstate/snapshot/ephemeral_ports.h"

namespace waitstate::paste {
namespace {

/// A header of `watch`: "Every 2.0s: netstat -an | ..."
std::optional<command> watch_command(std::string_view line) {
  if (!line.starts_with("Every ")) return std::nullopt;
  const auto colon = line.find("s: ");
  if (colon == std::string_view::npos) return std::nullopt;
  auto c = parse_command(line.substr(colon + 3));
  constexpr std::uint64_t day_s = 86'400;  // Nobody watches for longer.
  if (const auto seconds = leading_number(line.substr(6)); seconds && *seconds > 0) {
    c.interval = std::chrono::seconds(std::min(*seconds, day_s));
  }
  return c;
}

}  // namespace

reading::reading()
    : processes_(builder_),
      assembler_(builder_, processes_, rows_, sources_),
      facts_(builder_, processes_, context_, sources_),
      counts_(builder_, processes_, facts_, context_, sources_),
      messages_(builder_),
      pools_(builder_, sources_) {
  builder_.add_namespace({});
}

std::span<const reading::taker> reading::takers() {
  using line = std::string_view;
  static constexpr taker all[] = {
      {[](reading& r, line l) { return r.list_.take(l); }, ""},
      {[](reading& r, line l) { return r.pools_.take_stat(l); }, ""},
      {[](reading& r, line l) { return r.take_command(l); }, ""},
      {[](reading& r, line l) { return r.pools_.take_tracked(l); }, ""},
      {[](reading& r, line l) { return r.assembler_.take_row(l); }, ""},
      {[](reading& r, line l) { return r.assembler_.take_heading(l); }, ""},
      {[](reading& r, line l) {
         return r.assembler_.take_row_without_state(l, r.context_.typed());
       },
       ""},
      {[](reading& r, line l) { return r.facts_.take_totals(l); }, "ss -s, sockstat"},
      {[](reading& r, line l) { return r.pools_.take_gauge(l); }, "gauges of pools"},
      {[](reading& r, line l) { return r.facts_.take_setting(l); }, "sysctl"},
      {[](reading& r, line l) { return r.counts_.take(l); }, "counts by state"},
      {[](reading& r, line l) { return r.facts_.take_counter(l); }, "netstat -s"},
      {[](reading& r, line l) { return r.take_sample(l); }, "metrics of node_exporter"},
      {[](reading& r, line l) { return r.facts_.take_host(l); }, "ulimit -a"},
      {[](reading& r, line l) { return r.take_descriptor(l); }, ""},
      {[](reading& r, line l) { return r.take_message(l); },
       "the kernel log, or the program's error lines"},
  };
  return all;
}

std::string reading::readable() {
  auto all = hints_of_formats();
  for (const auto& t : takers()) {
    if (!t.reads.empty()) all.append(", ").append(t.reads);
  }
  return all;
}

void reading::take(std::string_view line) {
  counts_.pass_line();
  if (trimmed(line).empty() || list_.begins_anew(line)) {
    finish_list();
    assembler_.flush();
    if (trimmed(line).empty()) {
      story_.hear({});
      return;
    }
  }
  messages_.look_at(line);
  if (assembler_.take_continuation(line)) return;
  assembler_.flush();
  const auto all = takers();
  if (std::ranges::any_of(all, [&](const taker& t) { return t.take(*this, line); })) return;
  context_.pass_over();
  unread_.add(line);
  story_.hear(line);
}

void reading::finish_list() {
  const auto row = list_.finish();
  if (row.empty() || !assembler_.take_row(row)) return;
  assembler_.flush();
}

bool reading::take_command(std::string_view line) {
  auto watched = watch_command(line);
  const auto typed = typed_command(line);
  if (!typed && !watched) return false;
  // "# bind: Address already in use" is a server's log, which marks its warnings so.
  if (typed && !names_program(*typed) && read_error_line(line)) return false;
  rows_.end_block(context_.typed().shows_timers);
  rows_.begin_look();
  context_.enter(watched ? std::move(*watched) : parse_command(*typed));
  assembler_.begin_block();
  counts_.begin_block();
  typed_on_windows_ = typed_on_windows_ || is_typed_on_windows(line);
  const auto& c = context_.typed();
  // To anybody but root an empty owner column may also mean that the owner is another user's.
  const auto prompt = line.substr(0, line.find(typed.value_or(line)));
  const bool by_root = prompt.contains('#') || line.contains("sudo ");
  if (c.shows_owners && by_root && c.what == command::tool::sockets && !c.only_owned) {
    rows_.owners_are_shown(line.contains("ss ") ? "ss" : "netstat");
  }
  // "# key = value" is a comment; a row or a message after "> " is not typed.
  if (!c.value.empty() && !c.key.empty()) return facts_.keep_setting(c.key, c.value);
  if (c.result) counts_.take_number(*c.result);
  return true;
}

bool reading::take_descriptor(std::string_view line) {
  const auto found = read_lsof_other(line);
  if (!found) return false;
  processes_.add_descriptor(*found);
  sources_.add("lsof");
  return true;
}

bool reading::take_sample(std::string_view line) {
  const auto sample = read_exporter_sample(line);
  if (!sample) return facts_.take_numbers(line);
  if (sample->state.empty()) return facts_.take_sample(*sample);
  return counts_.take(std::to_string(sample->value) + " " + std::string(sample->state));
}

bool reading::take_message(std::string_view line) {
  pools_.look_at(line);
  if (!messages_.take(line)) return false;
  story_.hear(line);
  if (messages_.saw_kernel_log()) sources_.add("kernel log");
  if (messages_.saw_errors()) sources_.add("error lines");
  return true;
}

os_family reading::guessed_os() const {
  return guessed_system(rows_, {.linux_totals = facts_.saw_totals(),
                                .of_messages = messages_.os(),
                                .typed_on_windows = typed_on_windows_ || counts_.saw_bound()});
}

/// A range that was not seen serves here alone: the snapshot does not say that it was.
std::optional<tcp::port_range> reading::range_that_tells_directions() {
  if (const auto told = builder_.namespace_at(0).ephemeral_range()) return told;
  const auto os = builder_.host().os;
  // OpenBSD's begins where services listen, and rows of some BSD may be of any of them.
  if (os == os_family::openbsd || os == os_family::other_bsd) return std::nullopt;
  return default_ephemeral_range(os);
}

snapshot reading::finish(const line_splitter& lines) {
  finish_list();
  assembler_.flush();
  const bool shows_close_wait =
      rows_.has_state(tcp::state::close_wait) || counts_.ledger().has_state(tcp::state::close_wait);
  messages_.finish(shows_close_wait);
  pools_.finish();
  rows_.end_block(context_.typed().shows_timers);
  auto& ns = builder_.namespace_at(0);
  auto& host = builder_.host();
  // The MSL of macOS alone; the BSDs have 30 s.
  constexpr std::int64_t msl_of_macos_ms = 15'000;
  const bool is_macos = ns.sysctl("net.inet.tcp.msl") == msl_of_macos_ms;
  if (host.os == os_family::unknown && is_macos) host.os = os_family::macos;
  if (host.os == os_family::unknown) host.os = guessed_os();
  ns.totals = facts_.totals();
  processes_.finish();

  rows_.tell_owners(unread_.some_owners_hidden());
  rows_.tell_directions(range_that_tells_directions());
  if (auto grown = rows_.growth()) builder_.add_series(std::move(*grown));
  for (const auto& l : messages_.listeners(shows_close_wait)) builder_.add_listener(l);
  rows_.pour_into(builder_);
  counts_.add_spoken(unread_.spoken(), rows_);
  counts_.pour_into_builder(rows_);
  add_limits(builder_, {.lines = lines,
                        .unread = unread_,
                        .facts = facts_,
                        .rows = rows_,
                        .counts = counts_.ledger(),
                        .processes = processes_});
  if (story_.tells_of_trouble()) sources_.add("sentences");
  builder_.set_source(source_kind::pasted, sources_.text());
  auto made = builder_.finish({});
  counts_.ledger().set_growth(made);
  made.unread = unread_.rows() + rows_.dropped() + lines.cut() + lines.binary();
  made.statement = unread_.statement();
  made.hanging = unread_.hanging();
  story_.settle(made);
  settle_destinations(made);
  believe_traces(made);
  return made;
}

}  // namespace waitstate::paste
