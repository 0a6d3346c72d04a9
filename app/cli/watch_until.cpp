#include "app/cli/watch_until.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/cli/closer_look.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "waitstate/base/duration.h"
#include "waitstate/kernel/observer.h"
#include "waitstate/render/text.h"

namespace waitstate::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds usual_interval = 2s;
constexpr std::chrono::milliseconds longest = 24h;

/// What makes a reader look up: another verdict, or another trouble. Numbers change all the time.
bool is_news(const diagnosis::report& now, const diagnosis::report& before) {
  const auto first_of = [](const diagnosis::report& r) {
    return r.findings.empty() ? std::string() : r.findings.front().id;
  };
  return now.verdict != before.verdict || first_of(now) != first_of(before);
}

void tell(const diagnosis::report& r) {
  write_error(
      fmt::format("{:%H:%M:%S} {}", fmt::localtime(std::time(nullptr)), render::to_one_line(r)));
}

}  // namespace

result<watch_end> parse_watch_end(const std::string& text) {
  if (text == "healthy") return watch_end{.when_healthy = true};
  const auto after = parse_duration(text);
  if (after && *after > 0ms && *after <= longest) return watch_end{.after = *after};
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("--watch-until: '{}' is no end", text),
                  .hint = "healthy, or a duration up to a day: 10m"});
}

result<diagnosis::report> watch_until(const source& from, const watch_end& end) {
  const interrupt_guard ctrl_c;
  progress_line progress;
  kernel::observer observer(
      {.net_namespace = from.net_namespace,
       .owners = from.owners,
       .source = from.how,
       .progress = [&](std::string_view what, std::uint64_t done) { progress.show(what, done); }});
  const auto between = from.interval > 0ms ? from.interval : usual_interval;
  const auto began = steady_clock::now();
  diagnosis::report last;
  while (true) {
    auto seen = observer.look();
    if (!seen) return failure(seen.error());
    auto report = report_after_closer_look(*seen, from.net_namespace);
    progress.clear();
    if (is_news(report, last)) tell(report);
    last = std::move(report);
    const auto next = steady_clock::now() + between;
    const bool is_over =
        end.when_healthy ? last.verdict == diagnosis::verdict::healthy : next - began > end.after;
    if (is_over) return last;
    while (steady_clock::now() < next) {
      if (ctrl_c.happened()) return last;
      std::this_thread::sleep_for(std::min<steady_clock::duration>(100ms, between));
    }
  }
}

}  // namespace waitstate::cli
