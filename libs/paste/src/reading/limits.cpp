#include "reading/limits.h"

#include <string>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::paste {
namespace {

/// Lines that were not read, or not whole.
void add_limits_of_text(snapshot_builder& to, const parts_read& of) {
  if (of.unread.rows() > 0) {
    to.add_limit({.id = "unread-lines",
                  .text = fmt::format("{} look like rows and could not be read, first \"{}\"",
                                      counted(of.unread.rows(), "line"), of.unread.first_row()),
                  .hint = {}});
  }
  if (of.unread.impossible() > 0) {
    to.add_limit({.id = "impossible-numbers",
                  .text = fmt::format("{} with a number that no host reaches left out",
                                      counted(of.unread.impossible(), "line")),
                  .hint = "look whether digits of two columns stand together"});
  }
  if (of.facts.names_left_out() > 0) {
    to.add_limit({.id = "names-left-out",
                  .text = fmt::format("{} of settings or counters past the first ten "
                                      "thousand left out",
                                      counted(of.facts.names_left_out(), "line")),
                  .hint = {}});
  }
  if (of.lines.cut() > 0) {
    to.add_limit({.id = "cut-lines",
                  .text = fmt::format("{} cut at {}", counted(of.lines.cut(), "line"),
                                      bytes(line_splitter::line_max)),
                  .hint = {}});
  }
  if (of.lines.binary() > 0) {
    to.add_limit({.id = "binary-lines",
                  .text = fmt::format("{} not text", counted(of.lines.binary(), "line")),
                  .hint = {}});
  }
}

/// What was counted once, or is past a bound.
void add_limits_of_bounds(snapshot_builder& to, const parts_read& of) {
  if (of.rows.repeated() > 0) {
    to.add_limit({.id = "repeated-rows",
                  .text = fmt::format("{} a socket again (threads, forks, a second look) and "
                                      "are counted once",
                                      of.rows.repeated() == 1
                                          ? std::string("1 row names")
                                          : counted(of.rows.repeated(), "row") + " name"),
                  .hint = {}});
  }
  if (of.rows.dropped() > 0) {
    to.add_limit(
        {.id = "dropped-rows",
         .text = fmt::format("{} past the first {} not looked at",
                             counted(of.rows.dropped(), "row"), grouped(row_store::rows_max)),
         .hint = "paste a part of it, or counts: ss -tan | awk '{print $1}' | "
                 "sort | uniq -c"});
  }
  if (of.counts.dropped() > 0) {
    to.add_limit({.id = "dropped-counts",
                  .text = fmt::format("{} past the first {} not looked at",
                                      counted(of.counts.dropped(), "count"),
                                      grouped(count_ledger::entries_max)),
                  .hint = "paste the largest ones: ... | sort -rn | head -100"});
  }
  if (of.processes.folded() > 0) {
    to.add_limit({.id = "folded-processes",
                  .text = fmt::format("{} of processes past the first {} taken for one",
                                      counted(of.processes.folded(), "row"),
                                      grouped(process_table::processes_max)),
                  .hint = {}});
  }
}

/// What the system's tools do not show.
void add_limits_of_system(snapshot_builder& to, const parts_read& of) {
  if (of.rows.has_rows_of(os_family::windows)) {
    to.add_limit({.id = "no-queues",
                  .text = "Windows does not show what is unread in a socket",
                  .hint = {}});
  }
  if (to.host().os == os_family::macos && of.rows.has_rows_of(os_family::other_bsd)) {
    to.add_limit({.id = "no-time-wait",
                  .text = "netstat of macOS may leave out connections in TIME-WAIT",
                  .hint = "sysctl net.inet.tcp.tw_pcbcount"});
  }
}

}  // namespace

void add_limits(snapshot_builder& to, const parts_read& of) {
  add_limits_of_text(to, of);
  add_limits_of_bounds(to, of);
  add_limits_of_system(to, of);
}

}  // namespace waitstate::paste
