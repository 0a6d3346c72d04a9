#include "app/cli/source.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/progress_line.h"
#include "waitstate/base/duration.h"
#include "waitstate/kernel/observer.h"
#include "waitstate/paste/read.h"

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

result<milliseconds> checked_interval(const std::string& text) {
  constexpr milliseconds shortest = std::chrono::milliseconds(100);
  constexpr milliseconds longest = std::chrono::hours(1);
  auto interval = parse_duration(text);
  if (!interval) return failure(in_step("--interval", std::move(interval).error()));
  if (*interval < shortest || *interval > longest) {
    return refused(fmt::format("--interval: '{}' is not between 100ms and 1h", text),
                   "5s is long enough to see most growth");
  }
  return interval;
}

result<snapshot> read_paste(const std::string& path) {
  if (path == "-" && ::isatty(STDIN_FILENO) == 1) {
    fmt::print(stderr,
               "waitstate: paste the output of ss, netstat, lsof, ..., then press Ctrl-D\n");
  }
  progress_line progress;
  auto text = read_input(path, [&](std::size_t bytes) { progress.show("reading bytes", bytes); });
  if (!text) return failure(in_step("--from", std::move(text).error()));
  auto read =
      paste::read(*text, [&](std::uint64_t bytes) { progress.show("understanding bytes", bytes); });
  if (!read) return failure(in_step(fmt::format("--from: '{}'", path), std::move(read).error()));
  return read;
}

/// Returns whether it came to that time; not with Ctrl-C.
bool waited_until(std::chrono::steady_clock::time_point when, progress_line& progress,
                  const interrupt_guard& ctrl_c) {
  using namespace std::chrono_literals;
  while (true) {
    const auto left = when - std::chrono::steady_clock::now();
    if (left <= 0s) return true;
    if (ctrl_c.happened()) return false;
    progress.show(fmt::format("the second look is in {} s; Ctrl-C: the report of the first",
                              std::chrono::ceil<std::chrono::seconds>(left).count()),
                  0);
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(left, 100ms));
  }
}

limit one_look_only() {
  return {.id = "second-look-missing",
          .text = "there was one look: the wait for the second was ended",
          .hint = "--interval 5s for rates and growth"};
}

result<snapshot> look_at_host(const source& from) {
  progress_line progress;
  kernel::observer observer(
      {.net_namespace = from.net_namespace,
       .owners = from.owners,
       .progress = [&](std::string_view what, std::uint64_t done) { progress.show(what, done); }});
  if (from.interval.count() <= 0) return std::move(observer).last_look();

  const interrupt_guard ctrl_c;
  const auto second = std::chrono::steady_clock::now() + from.interval;
  auto first = observer.look();
  if (!first || waited_until(second, progress, ctrl_c)) {
    return first ? std::move(observer).last_look() : std::move(first);
  }
  first->limits.push_back(one_look_only());
  return first;
}

}  // namespace

void add_source_options(CLI::App& sub, source_options& options) {
  sub.add_option("--from", options.from,
                 "Read pasted output of ss, netstat, lsof, logs, ... from a file; - is standard "
                 "input")
      ->type_name("FILE");
  sub.add_option(
         "--netns", options.net_namespace,
         "Look into another network namespace: its name in 'ip netns', the pid of a process "
         "in it, or all")
      ->type_name("NAME");
  sub.add_option("--interval", options.interval,
                 "Look twice, so long apart (500ms, 5s, 1m), and show rates and growth")
      ->type_name("DURATION");
}

result<source> checked(const source_options& options) {
  if (!options.from.empty()) {
    const std::string_view other = !options.net_namespace.empty() ? "--netns"
                                   : !options.interval.empty()    ? "--interval"
                                                                  : "";
    if (!other.empty()) {
      return refused(fmt::format("--from and {} do not go together", other),
                     fmt::format("{} is for this host, --from for a paste", other));
    }
  }
  source from{
      .from = options.from, .net_namespace = options.net_namespace, .owners = options.owners};
  if (!options.interval.empty()) {
    const auto interval = checked_interval(options.interval);
    if (!interval) return failure(interval.error());
    from.interval = *interval;
  }
  return from;
}

result<snapshot> take_snapshot(const source& from) {
  return from.from.empty() ? look_at_host(from) : read_paste(from.from);
}

}  // namespace waitstate::cli
