#include "facts/counter_table.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct named {
  std::string_view there;
  std::string_view here;
};

constexpr named of_windows[] = {
    {"Active Opens", "Tcp.ActiveOpens"},
    {"Passive Opens", "Tcp.PassiveOpens"},
    {"Failed Connection Attempts", "Tcp.AttemptFails"},
    {"Reset Connections", "Tcp.EstabResets"},
    {"Current Connections", "Tcp.CurrEstab"},
    {"Segments Received", "Tcp.InSegs"},
    {"Segments Sent", "Tcp.OutSegs"},
    {"Segments Retransmitted", "Tcp.RetransSegs"},
};

// netstat(8) of Solaris and illumos. tcpListenDrop: the accept queue was full; tcpListenDropQ0:
// that of handshakes.
constexpr named of_solaris[] = {
    {"tcpActiveOpens", "Tcp.ActiveOpens"},
    {"tcpPassiveOpens", "Tcp.PassiveOpens"},
    {"tcpAttemptFails", "Tcp.AttemptFails"},
    {"tcpEstabResets", "Tcp.EstabResets"},
    {"tcpCurrEstab", "Tcp.CurrEstab"},
    {"tcpInSegs", "Tcp.InSegs"},
    {"tcpOutSegs", "Tcp.OutSegs"},
    {"tcpRetransSegs", "Tcp.RetransSegs"},
    {"tcpOutRsts", "Tcp.OutRsts"},
    {"tcpListenDrop", "TcpExt.ListenOverflows"},
    {"tcpListenDropQ0", "TcpExt.TCPReqQFullDrop"},
    {"tcpTimRetransDrop", "TcpExt.TCPAbortOnTimeout"},
};

std::vector<procfs::counter> read_pairs(std::string_view text) {
  std::vector<procfs::counter> found;
  const word_list words(text);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    auto name = words[i];
    if (!name.starts_with("tcp") || words[i + 1] != "=") continue;
    const auto* const known = std::ranges::find(of_solaris, name, &named::there);
    const auto value = whole_number(words[i + 2]);
    if (known == std::end(of_solaris) || !value) continue;
    found.push_back({.name = std::string(known->here), .value = *value});
  }
  return found;
}

}  // namespace

std::vector<procfs::counter> read_counter_table(std::string_view line) {
  const auto text = trimmed(line);
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  if (text.starts_with("tcp") || text.starts_with("TCP")) return read_pairs(text);
  const auto name = trimmed(text.substr(0, equals));
  const auto* const known = std::ranges::find(of_windows, name, &named::there);
  const auto value = whole_number(trimmed(text.substr(equals + 1)));
  if (known == std::end(of_windows) || !value) return {};
  return {{.name = std::string(known->here), .value = *value}};
}

counter_heading read_counter_heading(std::string_view line) {
  const auto text = trimmed(line);
  if (text == "TCP Statistics for IPv4") return counter_heading::first;
  return text == "TCP Statistics for IPv6" ? counter_heading::more : counter_heading::none;
}

}  // namespace waitstate::paste
