#include "facts/host_line.h"

#include <algorithm>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct system_name {
  std::string_view text;
  os_family os;
};

constexpr system_name systems[] = {
    {"Linux", os_family::linux_kernel}, {"Darwin", os_family::macos},
    {"FreeBSD", os_family::freebsd},    {"OpenBSD", os_family::openbsd},
    {"NetBSD", os_family::other_bsd},   {"DragonFly", os_family::other_bsd},
};

bool read_uname(const word_list& words, host_facts& host) {
  for (const auto& [text, os] : systems) {
    if (words[0] != text) continue;
    if (words[1] == "version" && is_kernel_release(words[2])) {
      host.os = os;
      host.kernel_release = words[2];
      return true;
    }
    if (!is_kernel_release(words[2])) continue;
    host.os = os;
    host.name = words[1];
    host.kernel_release = words[2];
    return true;
  }
  return false;
}

bool read_windows(std::string_view line, host_facts& host) {
  if (!line.starts_with("Microsoft Windows")) return false;
  host.os = os_family::windows;
  if (const auto at = line.find("[Version "); at != std::string_view::npos) {
    const auto version = line.substr(at + 9);
    host.kernel_release = version.substr(0, version.find(']'));
  }
  return true;
}

/// "17:03" is hours and minutes.
std::optional<std::chrono::seconds> clock_time(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hours = whole_number(text.substr(0, colon));
  const auto minutes = whole_number(text.substr(colon + 1));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// 12:01:02 up 49 days, 17:03,  2 users,  load average: 0.10, 0.05, 0.01
bool read_uptime(std::string_view line, host_facts& host) {
  const auto at = line.find("up ");
  if (at == std::string_view::npos || !line.contains("load average")) return false;
  auto text = line.substr(at + 3);
  if (const auto users = text.find("user"); users != std::string_view::npos) {
    text = text.substr(0, users);
  }
  constexpr std::uint64_t days_max = 100'000;  // Longer than any system has been up.
  std::chrono::seconds total{0};
  const word_list words(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto word = words[i];
    if (word.ends_with(',')) word.remove_suffix(1);
    const auto number = whole_number(word);
    const auto unit = words[i + 1];
    if (const auto time = clock_time(word)) total += *time;
    if (!number || *number > days_max) continue;
    if (unit.starts_with("day")) total += std::chrono::days(*number);
    if (unit.starts_with("hr") || unit.starts_with("hour")) total += std::chrono::hours(*number);
    if (unit.starts_with("min")) total += std::chrono::minutes(*number);
  }
  host.uptime = total;
  return true;
}

}  // namespace

bool is_kernel_release(std::string_view line) {
  const auto text = trimmed(line);
  constexpr std::size_t release_max = 64;  // utsname::release
  constexpr std::size_t major_digits_max = 2;
  if (text.empty() || text.size() > release_max || !is_digit(text[0])) return false;
  const auto major_end = text.find_first_not_of("0123456789");
  if (major_end == std::string_view::npos || major_end > major_digits_max) return false;
  if (text[major_end] != '.') return false;
  if (text.size() <= major_end + 1 || !is_digit(text[major_end + 1])) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '~';
  });
}

bool read_host_line(std::string_view line, host_facts& host) {
  const auto text = trimmed(line);
  if (text.empty()) return false;
  if (is_letter(text[0])) {
    if (read_windows(text, host) || read_uname(word_list(text), host)) return true;
    if (starts_in_any_case(text, "ProductName:") && text.contains("mac")) {
      host.os = os_family::macos;
      return true;
    }
  }
  return read_uptime(text, host);
}

std::optional<procfs::fd_limits> read_fd_limit(std::string_view line) {
  using procfs::fd_limits;
  const auto text = trimmed(line);
  if (const auto found = procfs::read_fd_limits(text)) {
    return found->soft ? found : std::nullopt;
  }
  constexpr std::string_view unit_keys[] = {
      "LimitNOFILE=", "LimitNOFILESoft=", "DefaultLimitNOFILE="};
  for (const auto key : unit_keys) {
    if (!text.starts_with(key)) continue;
    const auto value = text.substr(key.size());
    const auto soft = leading_number(value);
    if (!soft) return std::nullopt;
    const auto colon = value.find(':');
    const auto hard =
        colon == std::string_view::npos ? std::nullopt : leading_number(value.substr(colon + 1));
    return fd_limits{.soft = soft, .hard = hard};
  }

  const word_list words(text);
  const auto last = words[words.size() - 1];
  if (starts_in_any_case(text, "Max open files") || words[0] == "NOFILE") {
    // prlimit has a description before the numbers, and who retypes the line a colon.
    std::optional<fd_limits> found;
    for (const auto word : words.all()) {
      const auto number = whole_number(word);
      if (!number) continue;
      if (found) return fd_limits{.soft = found->soft, .hard = number};
      found = fd_limits{.soft = number, .hard = std::nullopt};
    }
    return found;
  }
  const bool listed = starts_in_any_case(text, "open files") || text.starts_with("-n: file") ||
                      text.starts_with("-n ") || words[0] == "nofiles" ||
                      words[0] == "nofiles(descriptors)" || words[0] == "file(descriptors)" ||
                      words[0] == "descriptors";
  const auto number = whole_number(last);
  // "open files (-n) 1024" and a word for the unit: what is longer is a sentence.
  constexpr std::size_t words_max = 5;
  if (!listed || !number || words.size() > words_max) return std::nullopt;
  return fd_limits{.soft = number, .hard = std::nullopt};
}

}  // namespace waitstate::paste
