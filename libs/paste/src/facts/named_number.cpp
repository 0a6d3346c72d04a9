#include "facts/named_number.h"

#include <cstddef>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct known_name {
  std::string_view written;
  std::string_view means;
};

constexpr known_name known[] = {
    // Elasticsearch, of the process and of the host's TCP.
    {"open_file_descriptors", "process_open_fds"},
    {"max_file_descriptors", "process_max_fds"},
    {"active_opens", "node_netstat_Tcp_ActiveOpens"},
    {"passive_opens", "node_netstat_Tcp_PassiveOpens"},
    {"attempt_fails", "node_netstat_Tcp_AttemptFails"},
    {"curr_estab", "node_netstat_Tcp_CurrEstab"},
    {"out_segs", "node_netstat_Tcp_OutSegs"},
    {"retrans_segs", "node_netstat_Tcp_RetransSegs"},
    // RabbitMQ before 3.8.
    {"total_used", "process_open_fds"},
    {"total_limit", "process_max_fds"},
    // JMX.
    {"OpenFileDescriptorCount", "process_open_fds"},
    {"MaxFileDescriptorCount", "process_max_fds"},
};

bool is_of_name(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

/// What stands between a name and its number.
std::string_view behind_sign(std::string_view rest) {
  const auto at = rest.find_first_not_of(" \t\"'");
  if (at == std::string_view::npos) return {};
  rest.remove_prefix(at);
  const bool has_sign = rest.starts_with(':') || rest.starts_with('=') || rest.starts_with(',');
  if (!has_sign) return {};
  rest.remove_prefix(1);
  const auto number = rest.find_first_not_of(" \t");
  return number == std::string_view::npos ? std::string_view{} : rest.substr(number);
}

}  // namespace

std::vector<named_number> read_named_numbers(std::string_view line) {
  constexpr std::size_t found_max = 8;
  constexpr std::size_t line_max = 4'096;
  std::vector<named_number> found;
  line = line.substr(0, line_max);
  // Names have a bar, or are two words in one.
  if (!line.contains('_') && !line.contains("Descriptor")) return found;
  found.reserve(found_max);
  for (const auto& [written, means] : known) {
    const auto at = line.find(written);
    if (at == std::string_view::npos || found.size() == found_max) continue;
    const auto end = at + written.size();
    if ((at > 0 && is_of_name(line[at - 1])) || (end < line.size() && is_of_name(line[end]))) {
      continue;
    }
    if (const auto value = leading_number(behind_sign(line.substr(end)))) {
      found.push_back({.name = means, .value = *value});
    }
  }
  return found;
}

}  // namespace waitstate::paste
