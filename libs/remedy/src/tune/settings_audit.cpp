#include "waitstate/remedy/tune/settings_audit.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tune/refusals.h"
#include "tune/situation.h"
#include "waitstate/procfs/text.h"
#include "waitstate/remedy/tune/kernel_setting.h"
#include "waitstate/remedy/tune/tune.h"

namespace waitstate::remedy {
namespace {

constexpr std::size_t unread_max = 64;

std::string place_of(const boot_setting& b) {
  return fmt::format("{}:{}", b.path, b.line);
}

/// The form that the kernel would show; as it is where it is no value of it.
std::string shown(std::string_view key, const std::string& value) {
  const auto setting = setting_named(key);
  if (setting && (*setting)->key == key) {
    if (auto checked = checked_value(**setting, value)) return *std::move(checked);
  }
  return procfs::one_blank_apart(value);
}

class auditor {
 public:
  auditor(const situation& now, std::span<const sysctl_file> files, const setting_lookup& is_here)
      : now_(now), files_(files), is_here_(is_here) {}

  settings_audit run() {
    std::set<std::string, std::less<>> keys;
    for (const auto& setting : kernel_settings()) keys.emplace(setting.key);
    for (const auto& file : files_) {
      for (const auto& line : file.said.lines) {
        if (!line.is_pattern && line.key.starts_with("net.")) keys.insert(line.key);
      }
      for (const auto& line : file.said.unread) {
        if (audit_.unread.size() == unread_max) {
          ++audit_.unread_more;
          continue;
        }
        audit_.unread.push_back({.path = file.path, .line = line.number, .why = line.why});
      }
    }
    for (const auto& key : keys) judge(key);
    return std::move(audit_);
  }

 private:
  void judge(const std::string& key) {
    const auto now = now_.value(key);
    const auto at_boot = set_at_boot(files_, key);
    if (!now && !at_boot) return;
    ++audit_.judged;
    if (at_boot) ++audit_.set_at_boot;
    audited_setting found{.key = key, .now = now, .at_boot = at_boot};
    if (at_boot) {
      judge_boot(found);
    } else if (const auto r = refusal_of(now_, key, *now, false); r && is_ours(key)) {
      add(found, setting_trouble::misguided, fmt::format("{}. Here: {}", r->why, r->proof));
    }
    judge_hidden(found);
  }

  void judge_boot(audited_setting found) {
    if (!found.at_boot) return;
    const auto& boot = *found.at_boot;
    const auto value = shown(found.key, boot.value);
    const auto setting = setting_named(found.key);
    const bool is_known = setting && (*setting)->key == found.key;
    if (!is_known && is_unknown_to_kernel(found.key)) {
      add(found, setting_trouble::not_here,
          fmt::format("{} sets it, and this kernel has no such setting: the line does nothing{}",
                      place_of(boot), nearest_to(found.key)));
      return;
    }
    if (is_known && !now_.has(found.key)) {
      add(found, setting_trouble::not_here,
          fmt::format(
              "{} sets it to {}, and this kernel has no such setting: the line does nothing",
              place_of(boot), value));
      return;
    }
    if (is_known) {
      if (const auto possible = checked_value(**setting, boot.value); !possible) {
        add(found, setting_trouble::impossible,
            fmt::format("{} sets it to what the kernel refuses or takes for something else: {}",
                        place_of(boot), possible.error().what));
        return;
      }
    }
    const bool is_planned = std::filesystem::path(boot.path).filename() == tune_places::file_name;
    const auto refused = is_planned ? std::nullopt : refusal_of(now_, found.key, value, false);
    if (refused) {
      add(found, setting_trouble::boot_misguided,
          fmt::format("{} sets it to {}: {}. Here: {}", place_of(boot), value, refused->why,
                      refused->proof));
    }
    if (!refused && found.now && *found.now != value) {
      add(found, setting_trouble::boot_differs,
          fmt::format("now it is {}, and the next boot sets {} ({}{})", *found.now, value,
                      place_of(boot), boot.by_pattern ? ", by a pattern" : ""));
    }
  }

  [[nodiscard]] bool is_unknown_to_kernel(const std::string& key) const {
    const bool is_of_interface = key.find(".conf.") != key.npos || key.find(".neigh.") != key.npos;
    if (!is_here_ || is_of_interface || key.starts_with('/')) return false;
    return is_here_(key) == false;
  }

  /// ": did you mean ...?", or nothing.
  static std::string nearest_to(const std::string& key) {
    const auto named = setting_named(key);
    return named || !named.error().hint.starts_with("did you mean") ? std::string()
                                                                    : ": " + named.error().hint;
  }

  /// The last line that says something else than the one that wins.
  void judge_hidden(const audited_setting& found) {
    if (!found.at_boot) return;
    const auto all = lines_about(files_, found.key);
    const auto other = std::ranges::find_if(all, [&](const boot_setting& b) {
      return shown(found.key, b.value) != shown(found.key, found.at_boot->value);
    });
    if (other == all.end()) return;
    auto hidden = found;
    hidden.hidden = *other;
    add(std::move(hidden), setting_trouble::hidden_line,
        fmt::format("{} sets it to {}, and {} comes after it with {}", place_of(*other),
                    other->value, place_of(*found.at_boot), found.at_boot->value));
  }

  static bool is_ours(std::string_view key) {
    const auto setting = setting_named(key);
    return setting && (*setting)->key == key;
  }

  void add(audited_setting found, setting_trouble trouble, std::string why) {
    found.trouble = trouble;
    found.why = std::move(why);
    audit_.troubles.push_back(std::move(found));
  }

  const situation& now_;
  std::span<const sysctl_file> files_;
  const setting_lookup& is_here_;
  settings_audit audit_;
};

}  // namespace

std::string_view to_string(setting_trouble t) {
  switch (t) {
    case setting_trouble::misguided: return "misguided";
    case setting_trouble::boot_differs: return "boot-differs";
    case setting_trouble::boot_misguided: return "boot-misguided";
    case setting_trouble::not_here: return "not-here";
    case setting_trouble::impossible: return "impossible";
    case setting_trouble::hidden_line: return "hidden-line";
  }
  return "misguided";
}

settings_audit audit_settings(const snapshot& s, std::span<const sysctl_file> files,
                              const setting_lookup& is_here) {
  const auto headrooms = diagnosis::headrooms_of(s, diagnosis::port_table(s));
  const auto roles = roles_of(s, 0, headrooms);
  const situation now{.s = s,
                      .ns = s.namespaces.front(),
                      .release = s.host.version(),
                      .roles = roles,
                      .supply = diagnosis::supply_of(s, 0),
                      .reuse = diagnosis::reuse_of(s, 0)};
  return auditor(now, files, is_here).run();
}

}  // namespace waitstate::remedy
