#include "tune/kept_journal.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "tune/durable_file.h"
#include "waitstate/procfs/text.h"

namespace waitstate::remedy {

using kernel::setting_control;

std::string boot_id() {
  const auto text = read_durable("/proc/sys/kernel/random/boot_id");
  return text && *text ? procfs::one_blank_apart(**text) : std::string();
}

result<std::optional<tune_journal>> read_journal(const std::string& path) {
  const auto text = read_durable(path);
  if (!text) return failure(in_step("journal", text.error()));
  if (!*text) return std::optional<tune_journal>();
  auto journal = parse_journal(**text);
  if (!journal) return failure(in_step(fmt::format("journal '{}'", path), journal.error()));
  return std::optional(*std::move(journal));
}

/// What undoes the changes of one namespace says nothing of another.
result<> is_of(const tune_journal& journal, const std::string& path, const setting_control& host) {
  if (journal.net_namespace_inode == host.inode() || journal.boot_id != boot_id()) return {};
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("'{}' is of another network namespace, net:[{}]", path,
                                      journal.net_namespace_inode),
                  .hint = "--state names a folder of its own for this one"});
}

result<> record(audit_log& log, std::string_view outcome, const std::string& key,
                const std::string& before, const std::string& now) {
  return log.record({.at = std::chrono::system_clock::now(),
                     .verb = "tune",
                     .outcome = outcome,
                     .facts = {{"setting", key}, {"before", before}, {"now", now}}});
}

}  // namespace waitstate::remedy
