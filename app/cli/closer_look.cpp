#include "app/cli/closer_look.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/kernel/openers.h"
#include "waitstate/kernel/queues.h"
#include "waitstate/kernel/workers.h"

namespace waitstate::cli {
namespace {

std::vector<watched_queue> watch_standing_queues(const snapshot& s, const std::string& which) {
  const auto standing = diagnosis::standing_queues(s);
  std::vector<watched_queue> queues;
  queues.reserve(standing.size());
  std::chrono::milliseconds moment{0};
  for (const auto& one : standing) {
    queues.push_back(one.queue);
    moment = std::max(moment, one.worth);
  }
  return queues.empty() ? queues : kernel::watch_queues(s, which, std::move(queues), moment);
}

}  // namespace

diagnosis::report report_after_closer_look(snapshot& s, const std::string& which) {
  const auto watched = watch_standing_queues(s, which);
  auto report = diagnosis::diagnose(s, watched);
  if (diagnosis::lacks_opener(s, report)) {
    kernel::find_openers(s);
    report = diagnosis::diagnose(s, watched);
  }
  if (const auto stalled = diagnosis::stalled_processes(s, report); !stalled.empty()) {
    kernel::find_workers(s, stalled);
    report = diagnosis::diagnose(s, watched);
  }
  return report;
}

}  // namespace waitstate::cli
