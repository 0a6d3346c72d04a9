#include "messages/told_trouble.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "messages/phrase.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

using phrases = std::span<const std::string_view>;

/// Parts of words too: "clos" is of close, closed and closing.
bool holds_any(std::string_view text, phrases parts) {
  return std::ranges::any_of(parts, [&](auto part) { return text.contains(part); });
}

// Advice, and what a change is for: nothing that happened.
constexpr std::string_view plans[] = {
    "to avoid",     "to prevent",   "avoids ",         "prevents ",   "avoiding ",
    "preventing ",  "make sure",    "ensure ",         "ensures ",    "should be set",
    "it should ",   "recommend",    "feature request", "you can ",    "you may ",
    "you might ",   "you should ",  "you need to ",    "if you ",     "this pr ",
    "this change ", "this commit ", "improvement",     "so that it ", "in case of ",
    "is used to ",  "are used to ", "for example",     "can happen ", "may happen",
    "could happen", "can occur",    "occurs when"};

bool is_plan(std::string_view plain) {
  constexpr std::string_view orders[] = {"add ",      "set ", "fix ", "enable ", "bump ",
                                         "increase ", "fix:", "feat", "docs",    "bugfix"};
  return holds_any(plain, plans) ||
         std::ranges::any_of(orders, [&](auto order) { return plain.starts_with(order); });
}

// A peer that is gone, and nothing that says so.
constexpr std::string_view vanished[] = {"tcp half",
                                         "half connection",
                                         "without gracefully closing",
                                         "goes down abruptly",
                                         "went down abruptly",
                                         "server has gone",
                                         "not closed gracefully",
                                         "half open",
                                         "zombie connection",
                                         "dead connection",
                                         "dead peer",
                                         "dead client",
                                         "dead socket",
                                         "no fin",
                                         "without a fin",
                                         "without fin",
                                         "no rst",
                                         "without sending fin",
                                         "without sending a fin",
                                         "silently drop",
                                         "silently disappear",
                                         "silently die",
                                         "silently kill",
                                         "silently clos",
                                         "silently lost",
                                         "silently remov",
                                         "unplug",
                                         "pull the cable",
                                         "pull the plug",
                                         "pulls the plug",
                                         "pulls the cable",
                                         "pulled the cable",
                                         "pulled the plug",
                                         "cable is pulled",
                                         "wire is pulled",
                                         "network cable",
                                         "lost power",
                                         "loses power",
                                         "power loss",
                                         "power fail",
                                         "powered off",
                                         "power off",
                                         "network broken",
                                         "network goes down",
                                         "network went down",
                                         "network drop",
                                         "network is lost",
                                         "loses network",
                                         "lost network",
                                         "client crash",
                                         "clients crash",
                                         "client is down",
                                         "clients are down",
                                         "peer is gone",
                                         "peer has gone",
                                         "client is gone",
                                         "clients are gone",
                                         "client is long gone",
                                         "no longer exist",
                                         "router reboot",
                                         "laptop",
                                         "goes to sleep",
                                         "firewall drop",
                                         "firewall is drop",
                                         "firewall kill",
                                         "firewall clos",
                                         "firewall time",
                                         "firewall forg",
                                         "firewall remov",
                                         "nat timeout",
                                         "nat drop",
                                         "nat table",
                                         "nat entr",
                                         "nat gateway",
                                         "idle timeout of the firewall",
                                         "closes on client side",
                                         "closed on client side",
                                         "closed on the client side",
                                         "closed at client",
                                         "client side is closed",
                                         "connection lost without",
                                         "application crash",
                                         "app crash",
                                         "improperly closed",
                                         "ungracefully",
                                         "abnormally disconnect",
                                         "abruptly",
                                         "unexpectedly disconnect",
                                         "disconnected unexpect"};

// And its connection, which stands.
constexpr std::string_view stands[] = {"cannot recogn",
                                       "can't recogn",
                                       "not recogn",
                                       "continue retransmitting",
                                       "retransmission",
                                       "established",
                                       "stays open",
                                       "stay open",
                                       "staying open",
                                       "remains open",
                                       "remain open",
                                       "still open",
                                       "kept open",
                                       "keeps open",
                                       "keep the connection",
                                       "keeps the connection",
                                       "connection would be kept",
                                       "never clos",
                                       "never get",
                                       "never end",
                                       "never stop",
                                       "never return",
                                       "never detect",
                                       "never notice",
                                       "never time",
                                       "never reconnect",
                                       "never recover",
                                       "remain in",
                                       "stay for",
                                       "forever",
                                       "indefinitely",
                                       " hang",
                                       " hung",
                                       "blocks",
                                       "blocked",
                                       " stuck",
                                       "still connected",
                                       "not notice",
                                       "n't notice",
                                       "not detect",
                                       "n't detect",
                                       "unaware",
                                       "for hours",
                                       "for days",
                                       "until restart",
                                       "until the ser",
                                       "until i restart",
                                       "until we restart",
                                       "too long",
                                       "keeps growing",
                                       "keep growing",
                                       "zombie"};

constexpr std::string_view idle_words[] = {"keep alive", "keepalive", "idle", "wait timeout",
                                           "空闲"};
constexpr std::string_view limits_of_idling[] = {"idle time",    "timeout",   "time out",
                                                 "timed out",    "idle conn", "idle sock",
                                                 "idle backend", "超时",      "断开"};
constexpr std::string_view comparisons[] = {
    "dropping",     "shorter", "smaller", "less than", "lower",       "mismatch", "longer",
    "greater",      "higher",  "larger",  "exceed",    "defaults to", "race",     "before",
    "already clos", "closes",  "closed",  "closing",   "terminat",    "drops",    "dropped",
    "reuse",        "stale",   "关闭",    "断开"};

// What a caller gets that used such a connection.
constexpr std::string_view refusals[] = {"502",
                                         "503",
                                         "econnreset",
                                         "connection reset",
                                         "reset by peer",
                                         "socket hang up",
                                         "nohttpresp",
                                         "broken pipe",
                                         "never comes",
                                         "tcp reset",
                                         "link failure",
                                         "gone away",
                                         "failed to respond",
                                         "prematurely closed",
                                         "hang up"};

constexpr std::string_view out_of_ports[] = {"out of ephemeral ports",
                                             "out of ports",
                                             "out of local ports",
                                             "out of source ports",
                                             "out of available ports",
                                             "out of tcp ports",
                                             "exhausting ephemeral",
                                             "exhausted ephemeral",
                                             "ephemeral ports are exhausted",
                                             "ephemeral ports exhausted",
                                             "ports were exhausted",
                                             "exhausted all ports",
                                             "exhausts the ports",
                                             "exhausting the ports",
                                             "used up all ports",
                                             "all ports are used",
                                             "端口耗尽",
                                             "端口用尽"};

/// Linux sends what is not acknowledged again for a quarter of an hour (tcp_retries2 is 15) before
/// it gives a peer up: whoever waits so long for a connection had one to nobody.
bool waits_for_retries(std::string_view plain) {
  constexpr std::string_view quarters[] = {"15 min", "15min",   "16 min",
                                           "924 s",  "15 分钟", "15分钟"};
  constexpr std::string_view waits[] = {
      "reconnect",   "timeouts for", "time outs for", "hang",         "hung",       "stall",
      "retransm",    "keep alive",   "keepalive",     "tcp retries2", "to recover", "recovers",
      "dead connec", "stuck",        "blocks for",    "重连"};
  return holds_any(plain, quarters) && holds_any(plain, waits);
}

bool is_gone(std::string_view plain) {
  return (holds_any(plain, vanished) && holds_any(plain, stands)) || waits_for_retries(plain);
}

}  // namespace

std::string plain_passage(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  const auto small = lower(text);
  for (std::size_t i = 0; i < small.size(); ++i) {
    const char c = small[i];
    // An apostrophe within a word stays: "doesn't".
    const bool is_within =
        i > 0 && is_letter(small[i - 1]) && i + 1 < small.size() && is_letter(small[i + 1]);
    if (c == '*' || c == '`' || c == '"' || c == '~' || (c == '\'' && !is_within)) continue;
    plain.push_back(c == '-' || c == '_' || c == '\t' ? ' ' : c);
  }
  return plain;
}

std::optional<message_kind> told_trouble(std::string_view plain) {
  if (is_plan(plain)) return std::nullopt;
  if (holds_any(plain, out_of_ports)) {
    constexpr std::string_view guesses[] = {"could ", "might ", "may ", "if ", "would ", "not run"};
    if (!holds_any(plain, guesses)) return message_kind::address_not_available;
  }
  if (tells_of_idle_close(plain) && holds_any(plain, refusals)) {
    return message_kind::stale_connection;
  }
  if (is_gone(plain)) return message_kind::peer_gone;
  return std::nullopt;
}

bool tells_of_idle_close(std::string_view plain) {
  // nginx' pool to an upstream, in its configuration: "keepalive 32;".
  constexpr std::string_view directive = "keepalive";
  const auto line = trimmed(plain);
  if (line.starts_with(directive) && line.size() > directive.size()) {
    const auto count = trimmed(line.substr(directive.size() + 1));
    if (leading_number(count).value_or(0) > 0 && count.size() <= 6) return true;
  }
  constexpr std::string_view pauses[] = {"minutes of inactivity",
                                         "hours of inactivity",
                                         "after inactivity",
                                         "fin package is lost",
                                         "fin packet is lost",
                                         "fin is lost",
                                         "first request after",
                                         "first query after",
                                         "period of inactivity",
                                         "after being idle",
                                         "after idle",
                                         "after an idle",
                                         "after long idle",
                                         "been idle for",
                                         "left idle",
                                         "sits idle",
                                         "sitting idle",
                                         "idle for a while",
                                         "idle for too long",
                                         "idle too long",
                                         "next morning",
                                         "overnight",
                                         "not operate for a long time"};
  if (holds_any(plain, pauses)) return true;
  return holds_any(plain, idle_words) && holds_any(plain, limits_of_idling) &&
         holds_any(plain, comparisons);
}

bool is_of_a_witness(std::string_view plain) {
  return has_any(plain, {"i", "i'm", "i've", "we", "we're", "we've", "my", "our", "me", "us",
                         "observed", "in production"}) ||
         plain.contains("我") || plain.contains("后台日志");
}

int clients_told(std::string_view plain) {
  constexpr std::string_view connect[] = {
      "client", "load test", "stress test", "request", "upload",   "download", "time wait",
      "crawl",  "scrap",     "per second",  "每秒",    "访问接口", "上传",     "socks"};
  constexpr std::string_view listen[] = {"listen",
                                         "start the server",
                                         "starting the server",
                                         "server start",
                                         "restart",
                                         "kestrel",
                                         "port is already",
                                         "startup",
                                         "when starting",
                                         "iis express",
                                         "启动"};
  const auto of = [&](phrases parts) {
    return static_cast<int>(
        std::ranges::count_if(parts, [&](auto part) { return plain.contains(part); }));
  };
  return of(connect) - 2 * of(listen);
}

}  // namespace waitstate::paste
