#include "waitstate/remedy/tune/undo.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tune/durable_file.h"
#include "tune/kept_journal.h"
#include "waitstate/procfs/text.h"

namespace waitstate::remedy {
namespace {

using kernel::setting_control;
using procfs::one_blank_apart;

bool is_ours(const journal_setting& s, const std::string& now) {
  return std::ranges::find(s.written, now) != s.written.end();
}

tuned_setting undo_one(const journal_setting& s, const setting_control& host,
                       std::optional<error>& trouble) {
  tuned_setting one{.key = s.key, .before = one_blank_apart(s.before)};
  const auto is = host.read(s.key);
  if (!is || !*is) {
    one.outcome = tuned::failed;
    if (!is && !trouble) trouble = is.error();
    return one;
  }
  one.now = one_blank_apart(**is);
  if (one.now == one.before) {
    one.outcome = tuned::was_so;
  } else if (!is_ours(s, one.now)) {
    one.outcome = tuned::changed_by_other;
  } else if (const auto back = host.write(s.key, s.before); back) {
    one.outcome = tuned::restored;
    one.now = one.before;
  } else {
    one.outcome = tuned::failed;
    if (!trouble) trouble = back.error();
  }
  return one;
}

tuned undo_file(const journal_file& file, std::optional<error>& trouble) {
  auto removed = remove_staged(file.path);
  const auto is = read_durable(file.path);
  if (!removed || !is) {
    if (!trouble) trouble = in_step("sysctl.d", is ? removed.error() : is.error());
    return tuned::failed;
  }
  if (*is == file.before) return tuned::was_so;
  const bool ours = *is && std::ranges::find(file.written, **is) != file.written.end();
  if (!ours) return tuned::changed_by_other;
  const auto back = file.before ? write_durable(file.path, *file.before, file.mode_before)
                                : remove_durable(file.path);
  if (back) return tuned::restored;
  if (!trouble) trouble = in_step("sysctl.d", back.error());
  return tuned::failed;
}

}  // namespace

result<tune_outcome> undo(const setting_control& host, const tune_places& places, audit_log& log) {
  const auto path = places.journal(host);
  auto held = hold_folder(places.state_folder);
  if (!held) return failure(in_step("journal", held.error()));
  const auto journal = read_journal(path);
  if (!journal) return failure(journal.error());
  static_cast<void>(remove_staged(path));
  if (!*journal) {
    return failure({.code = errc::not_found,
                    .what = fmt::format("there is nothing to undo: no '{}'", path),
                    .hint = "--netns and --state as they were with --apply"});
  }
  const auto& kept = **journal;
  if (const auto same = is_of(kept, path, host); !same) return failure(same.error());
  tune_outcome outcome;
  tune_journal left{.boot_id = kept.boot_id, .net_namespace_inode = kept.net_namespace_inode};
  for (const auto& s : kept.settings) {
    outcome.settings.push_back(undo_one(s, host, outcome.trouble));
    const auto& one = outcome.settings.back();
    if (one.outcome == tuned::failed) left.settings.push_back(s);
    // What is given back is not taken again for a log that is full.
    static_cast<void>(record(log, to_string(one.outcome), one.key, one.before, one.now));
  }
  if (kept.file) {
    outcome.file = kept.file->path;
    outcome.file_outcome = undo_file(*kept.file, outcome.trouble);
    if (outcome.file_outcome == tuned::failed) left.file = kept.file;
    static_cast<void>(record(log, to_string(*outcome.file_outcome), kept.file->path, "", ""));
  }
  const bool is_done = left.settings.empty() && !left.file;
  const auto kept_on =
      is_done ? remove_durable(path) : write_durable(path, to_text(left), journal_mode);
  if (!kept_on && !outcome.trouble) outcome.trouble = in_step("journal", kept_on.error());
  if (!is_done) outcome.journal = path;
  return outcome;
}

}  // namespace waitstate::remedy
