#include "waitstate/remedy/tune/tune.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "tune/durable_file.h"
#include "waitstate/procfs/text.h"
#include "waitstate/remedy/tune/journal.h"
#include "waitstate/remedy/tune/kernel_setting.h"
#include "waitstate/remedy/tune/sysctl_file.h"

namespace waitstate::remedy {
namespace {

using kernel::setting_control;
using procfs::one_blank_apart;

constexpr mode_t journal_mode = 0600;
constexpr mode_t file_mode = 0644;

std::string boot_id() {
  const auto text = read_durable("/proc/sys/kernel/random/boot_id");
  return text && *text ? one_blank_apart(**text) : std::string();
}

error in_file(const error& e, std::string_view what) {
  auto worded = in_step(what, e);
  return worded;
}

result<std::optional<tune_journal>> read_journal(const std::string& path) {
  const auto text = read_durable(path);
  if (!text) return failure(in_file(text.error(), "journal"));
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

/// One line of the audit log.
result<> record(audit_log& log, std::string_view outcome, const std::string& key,
                const std::string& before, const std::string& now) {
  return log.record({.at = std::chrono::system_clock::now(),
                     .verb = "tune",
                     .outcome = outcome,
                     .facts = {{"setting", key}, {"before", before}, {"now", now}}});
}

/// One apply(), from the first look to the last step or to its roll-back.
class tuning {
 public:
  tuning(const tune_plan& plan, const setting_control& host, const tune_places& places,
         audit_log& log)
      : plan_(plan), host_(host), places_(places), log_(log), path_(places.journal(host)) {}

  result<tune_outcome> run() {
    auto held = hold_folder(places_.state_folder);
    if (!held) return failure(in_file(held.error(), "journal"));
    if (auto ready = prepare(); !ready) return failure(std::move(ready).error());
    if (auto kept = keep_journal(); !kept) return failure(std::move(kept).error());
    if (later_.file) {
      const auto staged = stage(later_.file->path, later_.file->written.back(), file_mode_);
      if (!staged) {
        roll_back(in_file(staged.error(), "sysctl.d"));
        return failure(in_file(staged.error(), "sysctl.d"));
      }
    }
    for (auto& one : outcome_.settings) {
      if (auto done = set(one); !done) {
        roll_back(std::move(done).error());
        return outcome_;
      }
    }
    if (auto done = place_file(); !done) roll_back(std::move(done).error());
    return outcome_;
  }

 private:
  /// Reads everything and asks of everything whether it may be changed; changes nothing.
  result<> prepare() {
    auto journal = read_journal(path_);
    if (!journal) return failure(std::move(journal).error());
    earlier_ = *std::move(journal);
    if (earlier_) {
      if (auto same = is_of(*earlier_, path_, host_); !same) return same;
    }
    later_.boot_id = boot_id();
    later_.net_namespace_inode = host_.inode();
    outcome_.journal = path_;
    for (const auto& p : plan_.settings) {
      const auto before = host_.read(p.key);
      if (!before) return failure(before.error());
      if (const auto may = host_.may_write(p.key); !may) return may;
      later_.settings.push_back(
          {.key = p.key, .before = before->value_or(std::string()), .written = {p.value}});
      outcome_.settings.push_back({.key = p.key,
                                   .before = one_blank_apart(later_.settings.back().before),
                                   .now = one_blank_apart(later_.settings.back().before)});
    }
    if (!places_.sysctl_folder.empty()) return prepare_file();
    return {};
  }

  result<> prepare_file() {
    const auto path = places_.file();
    std::error_code unreadable;
    if (!std::filesystem::is_directory(places_.sysctl_folder, unreadable)) {
      return failure(
          {.code = errc::not_found,
           .what = fmt::format("sysctl.d: there is no folder '{}'", places_.sysctl_folder),
           .hint = "mkdir makes it; --sysctl-dir FOLDER names another"});
    }
    if (earlier_ && earlier_->file && earlier_->file->path != path) {
      return failure({.code = errc::invalid_input,
                      .what = fmt::format("the tuning before wrote '{}'", earlier_->file->path),
                      .hint = "waitstate tune --undo takes it back"});
    }
    auto before = read_durable(path);
    if (!before) return failure(in_file(before.error(), "sysctl.d"));
    struct stat about{};
    if (*before && ::stat(path.c_str(), &about) == 0) file_mode_ = about.st_mode & 0777U;
    auto text = sysctl_conf(plan_.settings, before->value_or(std::string()));
    outcome_.file = path;
    outcome_.file_outcome = tuned::not_tried;
    later_.file = journal_file{.path = path,
                               .before = *std::move(before),
                               .mode_before = static_cast<std::uint32_t>(file_mode_),
                               .written = {std::move(text)}};
    return {};
  }

  result<> keep_journal() {
    const auto whole = earlier_ ? merged(*earlier_, later_) : later_;
    auto kept = write_durable(path_, to_text(whole), journal_mode);
    if (!kept) return failure(in_file(kept.error(), "journal"));
    return {};
  }

  result<> set(tuned_setting& one) {
    const auto& wanted =
        std::ranges::find(later_.settings, one.key, &journal_setting::key)->written.back();
    auto written = host_.write(one.key, wanted);
    const auto is = host_.read(one.key);
    if (is && *is) one.now = one_blank_apart(**is);
    if (written && one.now != wanted) {
      written = failure({.code = errc::system,
                         .what = fmt::format("set {}: '{}' was written and '{}' is read", one.key,
                                             wanted, one.now),
                         .hint = "something else sets it, too, or this kernel takes another form"});
    }
    one.outcome = written ? tuned::set : tuned::failed;
    auto recorded = record(log_, to_string(one.outcome), one.key, one.before, one.now);
    if (!written) return written;
    return recorded;
  }

  result<> place_file() {
    if (!later_.file) return {};
    if (const auto placed = put_in_place(later_.file->path); !placed) {
      outcome_.file_outcome = tuned::failed;
      return failure(in_file(placed.error(), "sysctl.d"));
    }
    outcome_.file_outcome = tuned::set;
    return record(log_, "set", later_.file->path, "", "");
  }

  /// To what was before this tuning; an earlier one stays.
  void roll_back(error why) {
    outcome_.trouble = std::move(why);
    bool is_whole = true;
    for (auto& one : outcome_.settings) {
      if (one.outcome != tuned::set && one.outcome != tuned::failed) continue;
      const auto& before =
          std::ranges::find(later_.settings, one.key, &journal_setting::key)->before;
      const auto back = one.now == one.before ? result<>() : host_.write(one.key, before);
      is_whole = is_whole && back;
      if (!back) continue;
      if (one.outcome == tuned::set) one.outcome = tuned::rolled_back;
      one.now = one.before;
      // The log may be what failed: going back is not given up for it.
      static_cast<void>(record(log_, "rolled-back", one.key, one.before, one.now));
    }
    if (later_.file) is_whole = take_file_back(*later_.file) && is_whole;
    if (!is_whole) return;
    outcome_.journal = earlier_ ? path_ : std::string();
    static_cast<void>(earlier_ ? write_durable(path_, to_text(*earlier_), journal_mode)
                               : remove_durable(path_));
  }

  bool take_file_back(const journal_file& file) {
    static_cast<void>(remove_staged(file.path));
    if (outcome_.file_outcome != tuned::set) return true;
    const auto back = file.before ? write_durable(file.path, *file.before, file_mode_)
                                  : remove_durable(file.path);
    if (back) outcome_.file_outcome = tuned::rolled_back;
    return back.has_value();
  }

  const tune_plan& plan_;
  const setting_control& host_;
  const tune_places& places_;
  audit_log& log_;
  std::string path_;
  std::optional<tune_journal> earlier_;
  tune_journal later_;
  mode_t file_mode_ = file_mode;
  tune_outcome outcome_;
};

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
    if (!trouble) trouble = in_file(is ? removed.error() : is.error(), "sysctl.d");
    return tuned::failed;
  }
  if (*is == file.before) return tuned::was_so;
  const bool ours = *is && std::ranges::find(file.written, **is) != file.written.end();
  if (!ours) return tuned::changed_by_other;
  const auto back = file.before ? write_durable(file.path, *file.before, file.mode_before)
                                : remove_durable(file.path);
  if (back) return tuned::restored;
  if (!trouble) trouble = in_file(back.error(), "sysctl.d");
  return tuned::failed;
}

}  // namespace

std::string tune_places::file() const {
  return sysctl_folder.empty() ? std::string()
                               : (std::filesystem::path(sysctl_folder) / file_name).string();
}

std::string tune_places::journal(const setting_control& of) const {
  const auto name = is_of_boot ? std::string("tune.json") : fmt::format("tune-{}.json", of.inode());
  return (std::filesystem::path(state_folder) / name).string();
}

std::string_view to_string(tuned t) {
  switch (t) {
    case tuned::set: return "set";
    case tuned::rolled_back: return "rolled-back";
    case tuned::not_tried: return "not-tried";
    case tuned::failed: return "failed";
    case tuned::restored: return "restored";
    case tuned::was_so: return "was-so";
    case tuned::changed_by_other: return "changed-by-other";
  }
  return "not-tried";
}

result<tune_outcome> apply(const tune_plan& plan, const setting_control& host,
                           const tune_places& places, audit_log& log) {
  return tuning(plan, host, places, log).run();
}

result<tune_outcome> undo(const setting_control& host, const tune_places& places, audit_log& log) {
  const auto path = places.journal(host);
  auto held = hold_folder(places.state_folder);
  if (!held) return failure(in_file(held.error(), "journal"));
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
  if (!kept_on && !outcome.trouble) outcome.trouble = in_file(kept_on.error(), "journal");
  if (!is_done) outcome.journal = path;
  return outcome;
}

std::string sysctl_conf(const std::vector<planned_setting>& settings, std::string_view on_top_of) {
  std::string text =
      "# Written by `waitstate tune --apply`; `waitstate tune --undo` takes it back.\n";
  for (const auto& line : parse_sysctl(on_top_of).lines) {
    const bool is_planned =
        std::ranges::find(settings, line.key, &planned_setting::key) != settings.end();
    if (!is_planned) text += to_string(line) + '\n';
  }
  for (const auto& s : settings) text += fmt::format("{} = {}\n", s.key, s.value);
  return text;
}

}  // namespace waitstate::remedy
