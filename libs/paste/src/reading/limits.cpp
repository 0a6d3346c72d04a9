#include <fmt/format.h>

#include "facts/setting.h"
#include "reading/reading.h"
#include "waitstate/base/text.h"

namespace waitstate::paste {
namespace {

/// The port range that a system has when nobody changed it. Only for telling directions: it is not
/// put into the snapshot as if the paste had said so.
std::optional<tcp::port_range> default_range(os_family os) {
  switch (os) {
    case os_family::windows:
    case os_family::macos: return tcp::port_range{.low = 49152, .high = 65535};
    case os_family::freebsd: return tcp::port_range{.low = 10000, .high = 65535};
    case os_family::openbsd:
    case os_family::other_bsd: return std::nullopt;
    case os_family::unknown:
    case os_family::linux_kernel: break;
  }
  return tcp::port_range{.low = 32768, .high = 60999};
}

}  // namespace

os_family reading::guessed_os() const {
  if (windows_rows_) return os_family::windows;
  if (bsd_rows_) return os_family::other_bsd;
  if (linux_rows_ || totals_.saw_sockstat() || totals_.saw_summary()) {
    return os_family::linux_kernel;
  }
  if (messages_.os() != os_family::unknown) return messages_.os();
  return windows_typed_ ? os_family::windows : os_family::unknown;
}

std::optional<tcp::port_range> reading::port_range_or_default() {
  const auto told = builder_.namespace_at(0).ephemeral_range();
  return told ? told : default_range(builder_.host().os);
}

void reading::add_limits(const line_splitter& lines) {
  if (unread_ > 0) {
    builder_.add_limit({.id = "unread-lines",
                        .text = fmt::format("{} look like rows and could not be read, first \"{}\"",
                                            counted(unread_, "line"), first_unread_),
                        .hint = {}});
  }
  if (names_left_out_ > 0) {
    builder_.add_limit({.id = "names-left-out",
                        .text = fmt::format("{} of settings or counters past the first ten "
                                            "thousand left out",
                                            counted(names_left_out_, "line")),
                        .hint = {}});
  }
  if (lines.cut() > 0) {
    builder_.add_limit({.id = "cut-lines",
                        .text = fmt::format("{} cut at {}", counted(lines.cut(), "line"),
                                            bytes(line_splitter::line_max)),
                        .hint = {}});
  }
  if (lines.binary() > 0) {
    builder_.add_limit({.id = "binary-lines",
                        .text = fmt::format("{} not text", counted(lines.binary(), "line")),
                        .hint = {}});
  }
  if (rows_.repeated() > 0) {
    builder_.add_limit(
        {.id = "repeated-rows",
         .text = fmt::format("{} a socket again (threads, forks, a second look) and "
                             "are counted once",
                             rows_.repeated() == 1 ? std::string("1 row names")
                                                   : counted(rows_.repeated(), "row") + " name"),
         .hint = {}});
  }
  if (rows_.dropped() > 0) {
    builder_.add_limit(
        {.id = "dropped-rows",
         .text = fmt::format("{} past the first {} not looked at", counted(rows_.dropped(), "row"),
                             grouped(row_store::rows_max)),
         .hint = "paste a part of it, or counts: ss -tan | awk '{print $1}' | "
                 "sort | uniq -c"});
  }
  if (counts_.dropped() > 0) {
    builder_.add_limit({.id = "dropped-counts",
                        .text = fmt::format("{} past the first {} not looked at",
                                            counted(counts_.dropped(), "count"),
                                            grouped(count_ledger::entries_max)),
                        .hint = "paste the largest ones: ... | sort -rn | head -100"});
  }
  if (processes_.folded() > 0) {
    builder_.add_limit({.id = "folded-processes",
                        .text = fmt::format("{} of processes past the first {} taken for one",
                                            counted(processes_.folded(), "row"),
                                            grouped(process_table::processes_max)),
                        .hint = {}});
  }
  const auto os = builder_.host().os;
  if (windows_rows_) {
    builder_.add_limit({.id = "no-queues",
                        .text = "Windows does not show what is unread in a socket",
                        .hint = {}});
  }
  if (os == os_family::macos && bsd_rows_) {
    builder_.add_limit({.id = "no-time-wait",
                        .text = "netstat of macOS may leave out connections in TIME-WAIT",
                        .hint = "sysctl net.inet.tcp.tw_pcbcount"});
  }
}

snapshot reading::finish(const line_splitter& lines) {
  flush_row();
  messages_.finish();
  rows_.end_block(command_.shows_timers);
  auto& ns = builder_.namespace_at(0);
  auto& host = builder_.host();
  // 15 s is the MSL of macOS alone; the BSDs have 30.
  const auto msl = ns.sysctl("net.inet.tcp.msl");
  if (host.os == os_family::unknown && msl == 15'000) host.os = os_family::macos;
  if (host.os == os_family::unknown) host.os = guessed_os();
  derive_port_range(ns);
  ns.totals = totals_.totals();
  processes_.finish();

  rows_.tell_owners(some_owners_hidden_);
  rows_.tell_directions(port_range_or_default());
  for (const auto& l : messages_.listeners()) builder_.add_listener(l);
  rows_.pour_into(builder_);
  counts_.pour_into(builder_, rows_);
  for (auto& s : labelled_) {
    const bool one_look = s.state == tcp::state::unknown && s.values.size() < 2;
    if (!one_look) builder_.add_series(std::move(s));
  }
  add_limits(lines);
  builder_.set_source(source_kind::pasted, fmt::format("{}", fmt::join(formats_, ", ")));
  auto made = builder_.finish({});
  counts_.set_growth(made);
  made.unread = unread_ + rows_.dropped();
  settle_destinations(made);
  return made;
}

}  // namespace waitstate::paste
