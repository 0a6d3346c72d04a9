#include "app/cli/source.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "waitstate/base/duration.h"
#include "waitstate/capture/read.h"
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

result<std::string> read_file(const std::string& path, progress_line& progress) {
  if (path == "-" && ::isatty(STDIN_FILENO) == 1) {
    write_error("waitstate: paste the output of ss, netstat, lsof, ..., then press Ctrl-D\n");
  }
  return read_input(path, [&](std::size_t bytes) { progress.show("reading bytes", bytes); });
}

/// What a host is called whose file is all that names it: "web1" of "pastes/web1.txt", where no
/// other file is called so too.
std::string host_name(const std::vector<std::string>& paths, const std::string& path) {
  const auto stem_of = [](const std::string& p) { return std::filesystem::path(p).stem(); };
  const auto alike = std::ranges::count_if(
      paths, [&](const std::string& other) { return stem_of(other) == stem_of(path); });
  return alike == 1 && path != "-" && paths.size() > 1 ? stem_of(path).string() : path;
}

result<std::vector<snapshot>> read_pastes(const std::vector<std::string>& paths) {
  progress_line progress;
  std::vector<std::string> texts;
  std::vector<paste::named_text> named;
  texts.reserve(paths.size());
  named.reserve(paths.size());
  std::vector<snapshot> captured;
  for (const auto& path : paths) {
    auto text = read_file(path, progress);
    if (!text) return failure(in_step("--from", std::move(text).error()));
    if (capture::is_capture(*text)) {
      auto made = capture::read(
          *text, [&](std::uint64_t packets) { progress.show("reading packets", packets); });
      if (!made) {
        return failure(in_step(fmt::format("--from: '{}'", path), std::move(made).error()));
      }
      if (paths.size() > 1) made->host.name = host_name(paths, path);
      captured.push_back(*std::move(made));
      continue;
    }
    named.push_back({.name = host_name(paths, path), .text = texts.emplace_back(*std::move(text))});
  }
  if (named.empty()) return captured;
  auto read = paste::read_hosts(
      named, [&](std::uint64_t bytes) { progress.show("understanding bytes", bytes); });
  if (!read) return failure(in_step("--from", std::move(read).error()));
  if (!captured.empty() && read->size() == 1) read->front().host.name = named.front().name;
  std::ranges::move(captured, std::back_inserter(*read));
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
       .source = from.how,
       .follows = from.interval.count() > 0,
       .progress = [&](std::string_view what, std::uint64_t done) { progress.show(what, done); }});
  if (from.interval.count() <= 0) return std::move(observer).last_look();

  const interrupt_guard ctrl_c;
  auto first = observer.look();
  // From here on, so that what the first look took is not missing: connections are followed since.
  const auto second = std::chrono::steady_clock::now() + from.interval;
  if (!first || waited_until(second, progress, ctrl_c)) {
    return first ? std::move(observer).last_look() : std::move(first);
  }
  first->limits.push_back(one_look_only());
  return first;
}

}  // namespace

result<kernel::kernel_source> checked_source(const std::string& text) {
  if (text.empty() || text == "auto") return kernel::kernel_source::automatic;
  if (text == "bpf") return kernel::kernel_source::bpf;
  if (text == "netlink") return kernel::kernel_source::netlink;
  return refused(fmt::format("--source: there is no source '{}'", text), "auto, bpf or netlink");
}

void add_source_options(CLI::App& sub, source_options& options) {
  sub.add_option("--from", options.from,
                 "Read pasted output of ss, netstat, lsof, logs, ... or a packet "
                 "capture from a file; - is standard input. Several files are several hosts")
      ->type_name("FILE")
      ->allow_extra_args(false);
  sub.add_option(
         "--netns", options.net_namespace,
         "Look into another network namespace: its name in 'ip netns', the pid of a process "
         "in it, or all")
      ->type_name("NAME");
  sub.add_option("--source", options.how,
                 "Read owners by bpf, or by netlink and /proc; else by what is cheapest (auto)")
      ->type_name("SOURCE");
  sub.add_option("--interval", options.interval,
                 "Look twice, so long apart (500ms, 5s, 1m), and show rates and growth")
      ->type_name("DURATION");
}

result<source> checked(const source_options& options) {
  // An unset variable of a script must not become a look at this host.
  if (std::ranges::find(options.from, "") != options.from.end()) {
    return refused("--from: the name of the file is empty", "- reads standard input");
  }
  if (options.net_namespace == "") {
    return refused("--netns: the name is empty", "all, a name of 'ip netns', or a pid");
  }
  if (!options.from.empty()) {
    const std::string_view other = options.net_namespace       ? "--netns"
                                   : !options.interval.empty() ? "--interval"
                                   : !options.how.empty()      ? "--source"
                                                               : "";
    if (!other.empty()) {
      return refused(fmt::format("--from and {} do not go together", other),
                     fmt::format("{} is for this host, --from for a paste", other));
    }
  }
  const auto how = checked_source(options.how);
  if (!how) return failure(how.error());
  source from{.from = options.from,
              .net_namespace = options.net_namespace.value_or(std::string()),
              .how = *how,
              .owners = options.owners};
  if (!options.interval.empty()) {
    const auto interval = checked_interval(options.interval);
    if (!interval) return failure(interval.error());
    from.interval = *interval;
  }
  return from;
}

result<std::vector<snapshot>> take_snapshots(const source& from) {
  if (!from.from.empty()) return read_pastes(from.from);
  auto seen = look_at_host(from);
  if (!seen) return failure(seen.error());
  if (text_waits()) {
    seen->limits.push_back({.id = "input-not-read",
                            .text = "this is about this host: the text on standard input was not "
                                    "read",
                            .hint = "--from - reads it"});
  }
  std::vector<snapshot> made;
  made.push_back(*std::move(seen));
  return made;
}

result<snapshot> take_snapshot(const source& from) {
  auto all = take_snapshots(from);
  if (!all) return failure(all.error());
  if (all->size() == 1) return std::move(all->front());
  std::string names;
  for (const auto& s : *all) names.append(names.empty() ? "" : ", ").append(s.host.name);
  return refused(fmt::format("--from: the text is of {} hosts: {}", all->size(), names),
                 "one at a time; waitstate diagnose takes them together");
}

}  // namespace waitstate::cli
