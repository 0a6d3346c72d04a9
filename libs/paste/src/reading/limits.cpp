#include <fmt/format.h>

#include "reading/reading.h"
#include "waitstate/base/text.h"

namespace waitstate::paste {

void reading::add_limits(const line_splitter& lines) {
  add_limits_of_text(lines);
  add_limits_of_bounds();
  add_limits_of_system();
}

/// Lines that were not read, or not whole.
void reading::add_limits_of_text(const line_splitter& lines) {
  if (unread_.rows() > 0) {
    builder_.add_limit({.id = "unread-lines",
                        .text = fmt::format("{} look like rows and could not be read, first \"{}\"",
                                            counted(unread_.rows(), "line"), unread_.first_row()),
                        .hint = {}});
  }
  if (facts_.names_left_out() > 0) {
    builder_.add_limit({.id = "names-left-out",
                        .text = fmt::format("{} of settings or counters past the first ten "
                                            "thousand left out",
                                            counted(facts_.names_left_out(), "line")),
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
}

/// What was counted once, or is past a bound.
void reading::add_limits_of_bounds() {
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
  if (counts_.ledger().dropped() > 0) {
    builder_.add_limit({.id = "dropped-counts",
                        .text = fmt::format("{} past the first {} not looked at",
                                            counted(counts_.ledger().dropped(), "count"),
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
}

/// What the system's tools do not show.
void reading::add_limits_of_system() {
  if (rows_.has_rows_of(os_family::windows)) {
    builder_.add_limit({.id = "no-queues",
                        .text = "Windows does not show what is unread in a socket",
                        .hint = {}});
  }
  if (builder_.host().os == os_family::macos && rows_.has_rows_of(os_family::other_bsd)) {
    builder_.add_limit({.id = "no-time-wait",
                        .text = "netstat of macOS may leave out connections in TIME-WAIT",
                        .hint = "sysctl net.inet.tcp.tw_pcbcount"});
  }
}

}  // namespace waitstate::paste
