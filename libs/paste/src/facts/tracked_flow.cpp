#include "facts/tracked_flow.h"

#include <algorithm>
#include <array>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// nf_conntrack_proto_tcp.c, tcp_conntrack_names.
constexpr std::array<std::string_view, 10> states{
    "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",  "CLOSE_WAIT",
    "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2", "NONE"};

/// The value of the first word "key=value".
std::string_view value_of(const word_list& words, std::string_view key) {
  for (const auto word : words.all()) {
    if (word.starts_with(key)) return word.substr(key.size());
  }
  return {};
}

}  // namespace

std::optional<tracked_flow> read_tracked_flow(std::string_view line) {
  // Rows of sockets, of which there are millions, end here.
  const auto text = trimmed(line);
  const bool may_be = text.starts_with("tcp ") || text.starts_with("ipv4 ") ||
                      text.starts_with("ipv6 ") || text.starts_with('[');
  if (!may_be || !text.contains(" src=")) return std::nullopt;
  const word_list words(text);
  const auto all = words.all();
  const auto tcp = std::ranges::find(all, "tcp");
  if (tcp == all.end() || std::next(tcp) == all.end() || *std::next(tcp) != "6")
    return std::nullopt;
  const auto state = std::ranges::find_if(
      all, [](std::string_view w) { return std::ranges::find(states, w) != states.end(); });
  const auto source = tcp::parse_address(value_of(words, "src="));
  const auto destination = tcp::parse_address(value_of(words, "dst="));
  const auto source_port = tcp::parse_port(value_of(words, "sport="));
  const auto destination_port = tcp::parse_port(value_of(words, "dport="));
  if (state == all.end() || !source || !destination || !source_port || !destination_port) {
    return std::nullopt;
  }
  return tracked_flow{.state = *state,
                      .opened = {.local = {.address = *source, .port = *source_port},
                                 .remote = {.address = *destination, .port = *destination_port}},
                      .unreplied = text.contains("[UNREPLIED]")};
}

std::optional<std::uint64_t> read_tracked_total(std::string_view line) {
  if (!line.contains(" flow entries have been shown")) return std::nullopt;
  return number_after(line, "(conntrack-tools):");
}

}  // namespace waitstate::paste
