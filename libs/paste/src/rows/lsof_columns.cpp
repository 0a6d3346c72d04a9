#include "rows/lsof_columns.h"

#include <algorithm>

namespace waitstate::paste {
namespace {

/// "12u", "7uW", "3r", "0w"; "*614u" where the column was too narrow.
bool is_numbered(std::string_view word) {
  if (word.starts_with('*')) word.remove_prefix(1);
  const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const auto mode = word.substr(digits);
  constexpr std::size_t mode_max = 3;  // r, w, u or -, then a lock, and a blank that was squeezed.
  if (digits == 0 || digits > 8 || mode.size() > mode_max || mode.empty()) return false;
  if (std::string_view("rwu-").find(mode.front()) == std::string_view::npos) return false;
  return std::ranges::all_of(mode, [](char c) { return is_letter(c) || c == '-'; });
}

bool is_special(std::string_view word) {
  constexpr std::string_view names[] = {"cwd", "txt", "mem", "rtd", "DEL", "mmap",
                                        "ltx", "err", "jld", "tr",  "NOFD"};
  return std::ranges::find(names, word) != std::end(names);
}

bool is_type(std::string_view word) {
  constexpr std::string_view types[] = {
      "IPv4",    "IPv6",    "inet",  "inet6",   "sock",    "unix",      "REG",  "DIR",     "CHR",
      "BLK",     "FIFO",    "PIPE",  "LINK",    "a_inode", "0000",      "raw",  "netlink", "pack",
      "KQUEUE",  "systm",   "rte",   "NPOLICY", "PSXSHM",  "PSXSEM",    "VREG", "VDIR",    "VCHR",
      "unknown", "eventfd", "ATALK", "CHAN",    "NEXUS",   "anon_inode"};
  return std::ranges::find(types, word) != std::end(types);
}

std::string_view without_line_number(std::string_view word) {
  const auto mark = word.find(':');
  return mark != word.npos && is_number(word.substr(0, mark)) ? word.substr(mark + 1) : word;
}

/// The index of FD: the first word that can be one, before a type.
std::optional<std::size_t> find_descriptor(const tokens& words) {
  constexpr std::size_t columns_before_max = 7;
  for (std::size_t i = 2; i <= prefix_words_max + columns_before_max && !words[i].empty(); ++i) {
    if ((is_numbered(words[i]) || is_special(words[i])) && is_type(words[i + 1])) return i;
  }
  return std::nullopt;
}

/// The index of PID: the leftmost number with a word before it that is none.
std::optional<std::size_t> find_pid(const tokens& words, std::size_t descriptor) {
  for (std::size_t i = 1; i < descriptor; ++i) {
    const bool is_masked = words[i] == "<pid>" || words[i] == "<PID>" || words[i] == "{pid}";
    if (is_masked || (is_number(words[i]) && !is_number(words[i - 1]))) return i;
  }
  // COMMAND PID USER FD, where somebody took out the number.
  constexpr std::size_t descriptor_without_prefix = 3;
  if (descriptor == descriptor_without_prefix) return 1;
  return std::nullopt;
}

}  // namespace

std::optional<lsof_columns> find_lsof_columns(const tokens& words) {
  const auto descriptor = find_descriptor(words);
  if (!descriptor) return std::nullopt;
  const auto pid = find_pid(words, *descriptor);
  if (!pid) return std::nullopt;
  return lsof_columns{.program = without_line_number(words[*pid - 1]),
                      .pid = parse_pid(words[*pid]).value_or(0),
                      .is_descriptor = is_numbered(words[*descriptor]),
                      .type = words[*descriptor + 1],
                      .behind_type = *descriptor + 2};
}

}  // namespace waitstate::paste
