#include "facts/counter.h"

#include <algorithm>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

using procfs::counter;

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
    {"bad connection attempts", "Tcp.AttemptFails"},
    {"connections dropped by rexmit timeout", "TcpExt.TCPAbortOnTimeout"},
    {"connection requests", "Tcp.ActiveOpens"},
    {"connection accepts", "Tcp.PassiveOpens"},
    {"listen queue overflow", "TcpExt.ListenOverflows"},
    {"connect requests dropped due to full queue", "TcpExt.ListenOverflows"},  // HP-UX
    // German; net-tools leaves the rest of its sentences in English.
    {"Verbindungen aktiv geöffnet", "Tcp.ActiveOpens"},
    {"Verbindungen passiv geöffnet", "Tcp.PassiveOpens"},
    {"fehlerhafte Verbindungsversuche", "Tcp.AttemptFails"},
    {"Verbindungen aufgebaut", "Tcp.CurrEstab"},
    {"Segmente empfangen", "Tcp.InSegs"},
    {"Segmente abgeschickt", "Tcp.OutSegs"},
    {"Segmente erneut geschickt", "Tcp.RetransSegs"},
};

constexpr std::string_view groups[] = {"TcpExt", "MPTcpExt", "Tcp", "IpExt"};

bool is_name(std::string_view text) {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

/// BSD: "226578 packets sent", "40440 data packets (7010117 bytes) retransmitted". IP's own line
/// goes on: "packets sent from this host".
std::string_view name_of_bsd(std::string_view rest) {
  if (rest == "packets sent") return "Tcp.OutSegs";
  const bool is_data = rest.starts_with("data packet (") || rest.starts_with("data packets (");
  return is_data && rest.ends_with(") retransmitted") ? "Tcp.RetransSegs" : "";
}

std::optional<counter> read_sentence(std::string_view text) {
  const auto number = leading_number(text);
  if (!number) return std::nullopt;
  const auto digits_end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto rest = trimmed(text.substr(digits_end));
  if (const auto name = name_of_bsd(rest); !name.empty()) {
    return counter{.name = std::string(name), .value = *number};
  }
  for (const auto& [wording, name] : sentences) {
    if (!starts_in_any_case(rest, wording)) continue;
    const auto after = rest.substr(wording.size());
    if (!after.empty() && is_letter(after.front()) && after != "s") continue;
    // BSD counts those since boot.
    if (trimmed(after) == "(including accepts)") continue;
    return counter{.name = std::string(name), .value = *number};
  }
  return std::nullopt;
}

std::optional<counter> read_nstat(const word_list& words) {
  // The name, the value, and the rate where nstat prints it.
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  const auto value = whole_number(words[1]);
  if (!value) return std::nullopt;
  for (const auto group : groups) {
    const auto name = words[0];
    if (!name.starts_with(group)) continue;
    auto own = name.substr(group.size());
    if (own.starts_with('.')) own.remove_prefix(1);  // As sysstat and others write it.
    // "Tcp.ExtX": which of two groups that is, nobody can say.
    const bool is_of_either = group == "Tcp" && own.starts_with("Ext");
    if (!is_name(own) || is_of_either) continue;
    return counter{.name = std::string(group) + "." + std::string(own), .value = *value};
  }
  return std::nullopt;
}

}  // namespace

std::optional<counter> read_counter(std::string_view line) {
  const auto text = trimmed(line);
  if (text.empty()) return std::nullopt;
  // The shortest sentence, "1 resets sent", has more: a number alone is not looked at twice.
  constexpr std::size_t sentence_min = 13;
  if (is_digit(text[0])) return text.size() >= sentence_min ? read_sentence(text) : std::nullopt;
  if (text[0] < 'A' || text[0] > 'Z') return std::nullopt;
  const word_list words(text);
  if (auto found = read_nstat(words)) return found;
  // netstat -s writes counters that it has no sentence for by their names.
  auto name = words[0];
  if (words.size() != 2 || !name.ends_with(':')) return std::nullopt;
  name.remove_suffix(1);
  const auto value = whole_number(words[1]);
  const bool of_tcp = name.starts_with("TCP") || name.starts_with("TW") || name.starts_with("PAWS");
  // "TCP: 5" is no counter's, nor is what somebody calls "TWs".
  constexpr std::size_t name_min = 6;
  if (!value || !is_name(name) || !of_tcp || name.size() < name_min) return std::nullopt;
  return counter{.name = "TcpExt." + std::string(name), .value = *value};
}

}  // namespace waitstate::paste
