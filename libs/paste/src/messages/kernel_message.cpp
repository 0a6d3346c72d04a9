#include "messages/kernel_message.h"

#include <algorithm>

#include "text/mentioned_endpoint.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

struct wording {
  std::string_view text;
  message_kind kind;
};

constexpr wording wordings[] = {
    {"time wait bucket table overflow", message_kind::time_wait_overflow},
    {"conntrack: table full", message_kind::conntrack_full},
    {"conntrack table full", message_kind::conntrack_full},
    {"oo many orphaned sockets", message_kind::too_many_orphans},
    {"oo many of orphaned sockets", message_kind::too_many_orphans},
    {"ossible SYN flooding on port", message_kind::syn_flood},
    {"CP: drop open request from", message_kind::syn_dropped},
    {"file-max limit ", message_kind::file_table_full},
    {"file: table is full", message_kind::file_table_full},
    {"kern.maxfiles limit exceeded", message_kind::file_table_full},
    {"Listen queue overflow:", message_kind::listen_overflow},
    // FreeBSD's syncache, for want of a place in the queue or of memory.
    {"Socket create failed due to limits or memory", message_kind::listen_overflow},
    {"Socket allocation failed due to", message_kind::listen_overflow},
    {"out of memory -- consider tuning tcp_mem", message_kind::tcp_memory},
    {"CP: out of memory", message_kind::tcp_memory},
    {"ut of socket memory", message_kind::tcp_memory},
    {"eighbor table overflow", message_kind::limit_reached},
    {"eighbour table overflow", message_kind::limit_reached},
    {"nf_conntrack: expectation table full", message_kind::limit_reached},
    {"kern.ipc.maxsockets limit reached", message_kind::limit_reached},
    {"Tcpip 4227", message_kind::address_not_available},
    {"Tcpip 4231", message_kind::address_not_available},
    // Events 4227 and 4231 of Windows' Tcpip.
    {"selected local endpoint was recently used to connect to the same remote endpoint",
     message_kind::address_not_available},
    {"request to allocate an ephemeral port number from the global",
     message_kind::address_not_available},
};

/// "... (0.0.0.0:443 (proto 6)): Listen queue overflow: 76 already in queue (350 occurrences)"
void read_listen_overflow(std::string_view line, std::size_t at, message_line& m) {
  m.queued = number_after(line.substr(at), "overflow:");
  const auto occurrences = line.find(" occurrences)", at);
  if (occurrences == std::string_view::npos) return;
  const auto open = line.rfind('(', occurrences);
  if (open == std::string_view::npos) return;
  m.count = std::max<std::uint64_t>(leading_number(line.substr(open + 1)).value_or(1), 1);
}

}  // namespace

std::optional<message_line> read_kernel_message(std::string_view line) {
  for (const auto& [text, kind] : wordings) {
    const auto at = line.find(text);
    if (at == std::string_view::npos) continue;
    message_line m{.kind = kind, .program = {}, .queued = {}};
    if (kind == message_kind::address_not_available) m.os = os_family::windows;
    if (kind == message_kind::listen_overflow) {
      read_listen_overflow(line, at, m);
      m.os = os_family::other_bsd;
    }
    if (kind == message_kind::syn_flood || kind == message_kind::listen_overflow) {
      m.endpoint = mentioned_endpoint(line);
    }
    if (const auto repeated = line.find("message repeated "); repeated < at) {
      m.count = std::max<std::uint64_t>(number_after(line, "message repeated ").value_or(1), 1);
    }
    return m;
  }
  return std::nullopt;
}

std::optional<suppressed_messages> read_suppressed(std::string_view line) {
  const auto made = [](std::optional<std::uint64_t> count, bool of_any_kind) {
    return count ? std::optional(suppressed_messages{.count = *count, .of_any_kind = of_any_kind})
                 : std::nullopt;
  };
  if (line.contains(" suppressed")) {
    const bool of_ratelimit = line.contains("callbacks") || line.contains("messages");
    if (!of_ratelimit) return std::nullopt;
    const auto number = number_after(line, "ratelimit: ");
    return made(number ? number : number_after(line, "printk: "), true);
  }
  const bool repeats = line.ends_with(" times") || line.ends_with(" times ---");
  return repeats ? made(number_after(line, "last message repeated "), false) : std::nullopt;
}

}  // namespace waitstate::paste
