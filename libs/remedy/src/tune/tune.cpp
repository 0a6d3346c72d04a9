#include "waitstate/remedy/tune/tune.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "tune/durable_file.h"
#include "tune/kept_journal.h"
#include "waitstate/base/text.h"
#include "waitstate/procfs/text.h"
#include "waitstate/remedy/tune/journal.h"
#include "waitstate/remedy/tune/kernel_setting.h"
#include "waitstate/remedy/tune/sysctl_file.h"

namespace waitstate::remedy {
namespace {

using kernel::setting_control;
using procfs::one_blank_apart;

constexpr mode_t file_mode = 0644;

/// Neither what is to be set nor what is to be given back may need two writes: between them it
/// would be neither.
result<> fits_one_write(const planned_setting& p, std::string_view before) {
  const auto longest = std::max(p.value.size(), before.size());
  if (longest <= setting_control::value_max) return {};
  const bool is_new = p.value.size() > setting_control::value_max;
  return failure(
      {.code = errc::invalid_input,
       .what = fmt::format("{}: its {} value has {} bytes, and the kernel takes {} in one "
                           "write",
                           p.key, is_new ? "new" : "present", longest, setting_control::value_max),
       .hint = "of ports, fewer and larger ranges are shorter"});
}

/// One apply(), from the first look to the last step or to its roll-back.
class tuning {
 public:
  tuning(const tune_plan& plan, const setting_control& host, const tune_places& places,
         audit_log& log)
      : plan_(plan), host_(host), places_(places), log_(log), path_(places.journal(host)) {}

  result<tune_outcome> run() {
    auto held = hold_folder(places_.state_folder);
    if (!held) return failure(in_step("journal", held.error()));
    if (auto ready = prepare(); !ready) return failure(std::move(ready).error());
    if (auto kept = keep_journal(); !kept) return failure(std::move(kept).error());
    if (later_.file) {
      const auto staged = stage(later_.file->path, later_.file->written.back(), file_mode_);
      if (!staged) {
        roll_back(in_step("sysctl.d", staged.error()));
        return failure(in_step("sysctl.d", staged.error()));
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
      if (auto fits = fits_one_write(p, before->value_or(std::string())); !fits) return fits;
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
    if (!before) return failure(in_step("sysctl.d", before.error()));
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
    const auto text = to_text(earlier_ ? merged(*earlier_, later_) : later_);
    if (text.size() > durable_file_max) {
      return failure(
          {.code = errc::invalid_input,
           .what = fmt::format("journal: it would have {}, and more than {} could not be "
                               "undone",
                               bytes(text.size()), bytes(durable_file_max)),
           .hint = fmt::format("'{}' is very long: keep other settings in a file of "
                               "their own",
                               places_.file())});
    }
    auto kept = write_durable(path_, text, journal_mode);
    if (!kept) return failure(in_step("journal", kept.error()));
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
      return failure(in_step("sysctl.d", placed.error()));
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
      // What was read before the failure may not be what is there now.
      const bool back = has_value(one.key, before) ||
                        (host_.write(one.key, before) && has_value(one.key, before));
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

  [[nodiscard]] bool has_value(const std::string& key, const std::string& wanted) const {
    const auto is = host_.read(key);
    return is && *is && one_blank_apart(**is) == one_blank_apart(wanted);
  }

  /// It may have taken its place although the step failed.
  bool take_file_back(const journal_file& file) {
    static_cast<void>(remove_staged(file.path));
    const auto is = read_durable(file.path);
    if (is && *is == file.before) return true;
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

/// Who cuts a file off keeps the rest from the next boot.
constexpr auto any_number = std::numeric_limits<std::size_t>::max();

std::string sysctl_conf(const std::vector<planned_setting>& settings, std::string_view on_top_of) {
  std::string text =
      "# Written by `waitstate tune --apply`; `waitstate tune --undo` takes it back.\n";
  for (const auto& line : parse_sysctl(on_top_of, any_number).lines) {
    const bool is_planned =
        std::ranges::find(settings, line.key, &planned_setting::key) != settings.end();
    if (!is_planned) text += to_string(line) + '\n';
  }
  for (const auto& s : settings) text += fmt::format("{} = {}\n", s.key, s.value);
  return text;
}

}  // namespace waitstate::remedy
