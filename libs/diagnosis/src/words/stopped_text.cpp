#include "words/stopped_text.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
std::vector<remedy> let_run(const snapshot& s, const std::vector<owner_ref>& stopped) {
  std::string pids;
  std::string looks;
  bool is_traced = false;
  for (const auto& one : stopped) {
    const auto* p = s.owner_of(one);
    if (p == nullptr) continue;
    pids += fmt::format(" {}", pid_text(s, p));
    looks += fmt::format("grep -H TracerPid /proc/{}/status\n", pid_text(s, p));
    is_traced = is_traced || p->activity == 't';
  }
  if (pids.empty()) pids = " PID";
  remedy let_go{
      .text = "See who stopped it, a debugger or tracer (0: none), and let that one go on",
      .command = looks,
      .risk = {},
      .undo = {}};
  remedy go_on{.text = "Let it go on",
               .command = fmt::format("kill -CONT{}\n", pids),
               .risk = "who stopped it may have had a reason: a dump or a snapshot that is made",
               .undo = fmt::format("kill -STOP{}\n", pids)};
  if (is_traced) return {std::move(let_go), std::move(go_on)};
  return {std::move(go_on), std::move(let_go)};
}

}  // namespace waitstate::diagnosis
