#include "facts/counter.h"

#include <algorithm>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct sentence {
  std::string_view text;  ///< Follows the number.
  std::string_view name;
};

// netstat -s of net-tools (statistics.c), old and new spellings; of BSD at the end.
constexpr sentence sentences[] = {
    {"active connections openings", "Tcp.ActiveOpens"},
    {"active connection openings", "Tcp.ActiveOpens"},
    {"passive connection openings", "Tcp.PassiveOpens"},
    {"passive connections openings", "Tcp.PassiveOpens"},
    {"failed connection attempts", "Tcp.AttemptFails"},
    {"connection resets received", "Tcp.EstabResets"},
    {"connections established", "Tcp.CurrEstab"},
    {"segments received", "Tcp.InSegs"},
    {"segments sent out", "Tcp.OutSegs"},
    {"segments send out", "Tcp.OutSegs"},
    {"segments retransmitted", "Tcp.RetransSegs"},
    {"segments retransmited", "Tcp.RetransSegs"},
    {"resets sent", "Tcp.OutRsts"},
    {"times the listen queue of a socket overflowed", "TcpExt.ListenOverflows"},
    {"SYNs to LISTEN sockets dropped", "TcpExt.ListenDrops"},
    {"SYNs to LISTEN sockets ignored", "TcpExt.ListenDrops"},
    {"TCP sockets finished time wait in fast timer", "TcpExt.TW"},
    {"TCP sockets finished time wait in slow timer", "TcpExt.TWKilled"},
    {"time wait sockets recycled by time stamp", "TcpExt.TWRecycled"},
    {"connections reset due to unexpected data", "TcpExt.TCPAbortOnData"},
    {"connections reset due to early user close", "TcpExt.TCPAbortOnClose"},
    {"connections aborted due to memory pressure", "TcpExt.TCPAbortOnMemory"},
    {"connections aborted due to timeout", "TcpExt.TCPAbortOnTimeout"},
    {"connections aborted after user close in linger timeout", "TcpExt.TCPAbortOnLinger"},
    {"passive connections rejected because of time stamp", "TcpExt.PAWSPassive"},
    {"active connections rejected because of time stamp", "TcpExt.PAWSActive"},
    {"packets rejects in established connections because of timestamp", "TcpExt.PAWSEstab"},
    {"packetes rejected in established connections because of timestamp", "TcpExt.PAWSEstab"},
    {"packets rejected in established connections because of timestamp", "TcpExt.PAWSEstab"},
    {"SYN cookies sent", "TcpExt.SyncookiesSent"},
    {"SYN cookies received", "TcpExt.SyncookiesRecv"},
    {"invalid SYN cookies received", "TcpExt.SyncookiesFailed"},
    {"resets received for embryonic SYN_RECV sockets", "TcpExt.EmbryonicRsts"},
    {"connection requests", "Tcp.ActiveOpens"},
    {"connection accepts", "Tcp.PassiveOpens"},
    {"listen queue overflow", "TcpExt.ListenOverflows"},
};

constexpr std::string_view groups[] = {"TcpExt", "MPTcpExt", "Tcp", "IpExt"};

bool is_name(std::string_view text) {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

std::optional<counter> read_sentence(std::string_view text) {
  const auto number = leading_number(text);
  if (!number) return std::nullopt;
  const auto digits_end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto rest = trimmed(text.substr(digits_end));
  for (const auto& [wording, name] : sentences) {
    if (!starts_with_word(rest, wording)) continue;
    const auto after = rest.substr(wording.size());
    if (!after.empty() && is_letter(after.front()) && after != "s") continue;
    return counter{.name = std::string(name), .value = *number};
  }
  return std::nullopt;
}

std::optional<counter> read_nstat(const word_list& words) {
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  const auto value = whole_number(words[1]);
  if (!value || !is_name(words[0])) return std::nullopt;
  for (const auto group : groups) {
    const auto name = words[0];
    if (!name.starts_with(group) || !is_name(name.substr(group.size()))) continue;
    return counter{.name = std::string(group) + "." + std::string(name.substr(group.size())),
                   .value = *value};
  }
  return std::nullopt;
}

}  // namespace

std::optional<counter> read_counter(std::string_view line) {
  const auto text = trimmed(line);
  if (text.empty()) return std::nullopt;
  if (is_digit(text[0])) return text.size() > 12 ? read_sentence(text) : std::nullopt;
  if (text[0] < 'A' || text[0] > 'Z') return std::nullopt;
  const word_list words(text);
  if (auto found = read_nstat(words)) return found;
  // netstat -s writes counters that it has no sentence for by their names.
  auto name = words[0];
  if (words.size() != 2 || !name.ends_with(':')) return std::nullopt;
  name.remove_suffix(1);
  const auto value = whole_number(words[1]);
  const bool of_tcp = name.starts_with("TCP") || name.starts_with("TW") || name.starts_with("PAWS");
  if (!value || !is_name(name) || !of_tcp || name.size() < 6) return std::nullopt;
  return counter{.name = "TcpExt." + std::string(name), .value = *value};
}

std::vector<counter> read_counter_pair(std::string_view names, std::string_view values) {
  std::vector<counter> all;
  const auto colon = names.find(':');
  if (colon == std::string_view::npos || !values.starts_with(names.substr(0, colon + 1))) return {};
  const auto group = names.substr(0, colon);
  if (std::ranges::find(groups, group) == std::end(groups)) return {};
  // These lines have over a hundred words.
  names.remove_prefix(colon + 1);
  values.remove_prefix(colon + 1);
  const auto take = [](std::string_view& text) {
    text = trimmed(text);
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
  };
  while (true) {
    const auto name = take(names);
    const auto value = take(values);
    if (name.empty() || value.empty()) return all;
    const auto number = whole_number(value);
    if (number && is_name(name)) {
      all.push_back({.name = std::string(group) + "." + std::string(name), .value = *number});
    }
  }
}

}  // namespace waitstate::paste
