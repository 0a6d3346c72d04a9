#include "facts/exporter_line.h"

#include <algorithm>
#include <charconv>

#include "text/words.h"

namespace waitstate::paste {
namespace {

constexpr std::string_view families[] = {"node_netstat_Tcp",
                                         "node_sockstat_TCP",
                                         "node_nf_conntrack_entries",
                                         "node_filefd_",
                                         "node_tcp_connection_states",
                                         "process_open_fds",
                                         "process_max_fds",
                                         "process_files_"};

bool is_name_char(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == ':';
}

/// "1.024e+03"; counts are whole, and none is larger than 2^53.
std::optional<std::uint64_t> count_in(std::string_view text) {
  constexpr double count_max = 9'007'199'254'740'992.0;
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, value);
  const bool is_count = status == std::errc{} && rest == end && value >= 0 && value <= count_max;
  return is_count ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

std::string_view label_of(std::string_view labels, std::string_view key) {
  const auto at = labels.find(key);
  if (at == std::string_view::npos) return {};
  const auto value = labels.substr(at + key.size());
  return value.substr(0, value.find('"'));
}

}  // namespace

std::optional<exporter_sample> read_exporter_sample(std::string_view line) {
  const auto text = trimmed(line);
  const bool may_be = std::ranges::any_of(families, [&](auto f) { return text.starts_with(f); });
  if (!may_be) return std::nullopt;
  exporter_sample sample;
  const auto name_end =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_name_char) - text.begin());
  sample.name = text.substr(0, name_end);
  auto rest = text.substr(name_end);
  if (rest.starts_with('{')) {
    const auto close = rest.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    sample.state = label_of(rest.substr(0, close), "state=\"");
    rest.remove_prefix(close + 1);
  }
  const word_list words(rest);
  constexpr std::size_t words_max = 2;  // The value, and the time of the sample.
  const auto value = words.empty() || words.size() > words_max ? std::nullopt : count_in(words[0]);
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

}  // namespace waitstate::paste
