#include "text/mentioned_endpoint.h"

#include <algorithm>

#include "text/words.h"
#include "waitstate/tcp/address.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {
namespace {

bool is_host_char(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '*';
}

std::optional<std::uint16_t> port_at(std::string_view text) {
  const auto number = leading_number(text);
  if (!number || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// "::1:3003", as Node.js prints an address of IPv6 and its port.
std::optional<text_endpoint> bare_ipv6_at(std::string_view text) {
  constexpr std::size_t longest = 46;
  const auto end = text.substr(0, longest).find_first_not_of("0123456789abcdefABCDEF:.");
  const auto token = text.substr(0, std::min({end, text.size(), longest}));
  const auto colon = token.rfind(':');
  if (colon == std::string_view::npos || token.find(':') == colon) return std::nullopt;
  const auto host = token.substr(0, colon);
  const auto port = whole_number(token.substr(colon + 1));
  // Without "::" it has eight groups, and the ninth is the port.
  constexpr int colons_of_a_whole_one = 7;
  const bool is_whole = std::ranges::count(host, ':') == colons_of_a_whole_one;
  const bool ipv6 = (host.contains("::") || is_whole) && tcp::parse_address(host).has_value();
  if (!ipv6 || !port || *port > 65535) return std::nullopt;
  return text_endpoint{.host = host, .port = static_cast<std::uint16_t>(*port)};
}

/// "host:80", "[::1]:80", "<ip>:80", ":80", ":::80" at the start of `text`.
std::optional<text_endpoint> endpoint_at(std::string_view text) {
  std::size_t host_end = 0;
  if (text.starts_with('[') || text.starts_with('<')) {
    host_end = text.find(text.front() == '[' ? ']' : '>');
    constexpr std::size_t host_max = 64;  // An address with a zone, a placeholder of some words.
    if (host_end == std::string_view::npos || host_end > host_max) return std::nullopt;
    const auto host =
        text.front() == '[' ? text.substr(1, host_end - 1) : text.substr(0, host_end + 1);
    const auto rest = text.substr(host_end + 1);
    if (!rest.starts_with(':')) return std::nullopt;
    const auto port = port_at(rest.substr(1));
    if (!port) return std::nullopt;
    return text_endpoint{.host = host, .port = *port};
  }
  if (text.starts_with(":::")) {
    const auto port = port_at(text.substr(3));
    if (!port) return std::nullopt;
    return text_endpoint{.host = text.substr(0, 2), .port = *port};
  }
  if (auto bare = bare_ipv6_at(text)) return bare;
  host_end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_host_char) - text.begin());
  if (host_end == text.size() || text[host_end] != ':') return std::nullopt;
  const auto port = port_at(text.substr(host_end + 1));
  if (!port) return std::nullopt;
  return text_endpoint{.host = text.substr(0, host_end), .port = *port};
}

/// A host that can be nothing else: a number, a mask, a placeholder.
bool is_surely_host(std::string_view host) {
  if (tcp::parse_address(host) || host.starts_with('<')) return true;
  constexpr std::size_t shortest = std::string_view("x.x.x.x").size();
  return host.size() >= shortest && std::ranges::count(host, '.') == 3 &&
         std::ranges::all_of(host, [](char c) {
           return is_digit(c) || c == '.' || c == 'x' || c == 'X' || c == '*';
         });
}

std::uint16_t port_of_scheme(std::string_view before) {
  struct scheme {
    std::string_view name;
    std::uint16_t port;
  };
  constexpr scheme schemes[] = {{"https", 443}, {"http", 80},    {"redis", 6379},
                                {"wss", 443},   {"mysql", 3306}, {"postgresql", 5432}};
  for (const auto& [name, port] : schemes) {
    if (before.ends_with(name)) return port;
  }
  return 0;
}

std::optional<text_endpoint> after_scheme(std::string_view line) {
  const auto at = line.find("://");
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(at + 3);
  // user:password@host
  const auto authority = rest.substr(0, rest.find_first_of("/ \"'<>"));
  if (const auto user = authority.rfind('@'); user != std::string_view::npos) {
    rest.remove_prefix(user + 1);
  }
  if (auto found = endpoint_at(rest)) return found;
  const auto end = std::ranges::find_if_not(rest, is_host_char);
  const std::string_view host(rest.begin(), end);
  const auto port = port_of_scheme(line.substr(0, at));
  if (host.empty() || port == 0) return std::nullopt;
  return text_endpoint{.host = host, .port = port};
}

/// strace: sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")
std::optional<text_endpoint> in_sockaddr(std::string_view line) {
  const auto at = line.find("htons(");
  if (at == std::string_view::npos) return std::nullopt;
  const auto port = port_at(line.substr(at + 6));
  if (!port) return std::nullopt;
  text_endpoint found{.host = {}, .port = *port};
  for (const std::string_view marker : {"inet_addr(\"", "AF_INET6, \""}) {
    const auto address = line.find(marker);
    if (address == std::string_view::npos) continue;
    const auto rest = line.substr(address + marker.size());
    found.host = rest.substr(0, rest.find('"'));
  }
  return found;
}

/// host='127.0.0.1', port=30100
std::optional<text_endpoint> in_arguments(std::string_view line) {
  for (const std::string_view marker : {"host='", "host=\"", "host="}) {
    const auto at = line.find(marker);
    const auto port_at_marker = line.find("port=");
    if (at == std::string_view::npos || port_at_marker == std::string_view::npos) continue;
    const auto rest = line.substr(at + marker.size());
    const auto port = port_at(line.substr(port_at_marker + 5));
    if (!port) return std::nullopt;
    return text_endpoint{.host = rest.substr(0, rest.find_first_of("'\", )")), .port = *port};
  }
  return std::nullopt;
}

std::optional<text_endpoint> after_wording(std::string_view line) {
  constexpr std::string_view wordings[] = {"->",
                                           "dial tcp ",
                                           "dial tcp4 ",
                                           "dial tcp6 ",
                                           "connect() to ",
                                           "bind() to ",
                                           "bind to ",
                                           "binding to ",
                                           "connect to ",
                                           "connecting to ",
                                           "connection to ",
                                           "listen tcp ",
                                           "listen tcp4 ",
                                           "listen tcp6 ",
                                           "accept tcp ",
                                           "listen on ",
                                           "already in use ",
                                           "EADDRNOTAVAIL ",
                                           "ECONNREFUSED ",
                                           "ETIMEDOUT ",
                                           "ECONNRESET ",
                                           "on port "};
  for (const auto wording : wordings) {
    const auto at = line.find(wording);
    if (at == std::string_view::npos) continue;
    auto rest = line.substr(at + wording.size());
    while (rest.starts_with('"') || rest.starts_with('\'') || rest.starts_with('/')) {
      rest.remove_prefix(1);
    }
    if (auto found = endpoint_at(rest)) return found;
    if (wording != "on port ") continue;
    if (const auto port = port_at(rest)) return text_endpoint{.host = {}, .port = *port};
  }
  return std::nullopt;
}

std::optional<text_endpoint> first_address(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool starts =
        is_host_char(c) || c == '[' || c == '<' || line.substr(i).starts_with(":::");
    const bool inside = i > 0 && (is_host_char(line[i - 1]) || line[i - 1] == ':');
    if (!starts || inside) continue;
    if (const auto found = endpoint_at(line.substr(i)); found && is_surely_host(found->host)) {
      return found;
    }
  }
  return std::nullopt;
}

/// curl: "connect to ::1 port 8080"; Ruby: "connect(2) for "10.0.0.5" port 9200"; libpq: "server at
/// "db" (10.0.0.5), port 5432". The peer that a server speaks of ("by 10.0.0.5 port 51234") is no
/// destination.
std::optional<text_endpoint> before_port_word(std::string_view line) {
  constexpr std::string_view word = " port ";
  constexpr std::string_view wrapping = "\"'`(),";
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const auto port = port_at(line.substr(at + word.size()));
    if (!port) continue;
    const auto before = trimmed(line.substr(0, at));
    const auto space = before.rfind(' ');
    const auto start = space == std::string_view::npos ? 0 : space + 1;
    auto host = before.substr(start);
    const auto lead = trimmed(before.substr(0, start));
    if (lead.ends_with(" by") || lead.ends_with(" from")) continue;
    const bool quoted = host.size() > 2 && wrapping.contains(host.front());
    const auto first = host.find_first_not_of(wrapping);
    if (first == std::string_view::npos) continue;
    host = host.substr(first, host.find_last_not_of(wrapping) - first + 1);
    const bool named =
        std::ranges::all_of(host, is_host_char) &&
        (quoted || host.contains('.') || host == "localhost" || lead.ends_with("connect to"));
    if (named || is_surely_host(host)) return text_endpoint{.host = host, .port = *port};
  }
  return std::nullopt;
}

/// A file with code, as stack traces name it: "(Main.java:182)".
bool is_source_file(std::string_view host) {
  constexpr std::string_view endings[] = {"java", "kt", "scala", "go", "js", "mjs", "cjs",
                                          "ts",   "py", "rb",    "rs", "ex", "lua", "php",
                                          "cs",   "c",  "cc",    "h",  "pl", "cpp"};
  const auto dot = host.rfind('.');
  if (dot == std::string_view::npos) return host != "localhost";
  return std::ranges::find(endings, host.substr(dot + 1)) != std::end(endings);
}

/// .NET: "Cannot assign requested address (api.example.com:443)".
std::optional<text_endpoint> in_parentheses(std::string_view line) {
  for (auto at = line.find(" ("); at != std::string_view::npos; at = line.find(" (", at + 1)) {
    const auto rest = line.substr(at + 2);
    const auto inner = rest.substr(0, rest.find(')'));
    const auto found = inner.size() < rest.size() ? endpoint_at(inner) : std::nullopt;
    if (!found || found->host.empty() || is_source_file(found->host)) continue;
    const bool nothing_else = std::ranges::all_of(inner.substr(inner.rfind(':') + 1), is_digit);
    if (nothing_else) return found;
  }
  return std::nullopt;
}

/// The word before "->": "dial tcp 10.0.0.9:0->10.2.0.1:3306".
std::optional<text_endpoint> before_arrow(std::string_view line) {
  const auto arrow = line.find("->");
  if (arrow == std::string_view::npos) return std::nullopt;
  const auto before = line.substr(0, arrow);
  const auto space = before.rfind(' ');
  return endpoint_at(before.substr(space == std::string_view::npos ? 0 : space + 1));
}

/// nginx: "bind(10.0.0.7) failed".
std::optional<text_endpoint> in_bind_call(std::string_view line) {
  constexpr std::string_view call = "bind(";
  const auto at = line.find(call);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = line.substr(at + call.size());
  const auto inner = rest.substr(0, rest.find(')'));
  if (tcp::parse_address(inner)) return text_endpoint{.host = inner, .port = 0};
  return endpoint_at(inner);
}

}  // namespace

std::optional<text_endpoint> mentioned_endpoint(std::string_view line) {
  if (auto found = in_sockaddr(line)) return found;
  if (auto found = in_arguments(line)) return found;
  if (auto found = after_wording(line)) return found;
  if (auto found = before_port_word(line)) return found;
  if (auto found = after_scheme(line)) return found;
  if (auto found = in_parentheses(line)) return found;
  return first_address(line);
}

std::optional<text_endpoint> bound_endpoint(std::string_view line) {
  if (line.contains("->")) return before_arrow(line);
  if (auto found = in_bind_call(line)) return found;
  const auto named = mentioned_endpoint(line);
  const bool traced = line.contains("bind(") && line.contains("htons(");
  // Nobody connects to port 0.
  if (named && (named->port == 0 || traced)) return named;
  constexpr std::string_view wordings[] = {"bind to ", "bind() to ", "binding to "};
  for (const auto wording : wordings) {
    const auto at = line.find(wording);
    if (at == std::string_view::npos) continue;
    if (auto found = endpoint_at(line.substr(at + wording.size()))) return found;
  }
  return std::nullopt;
}

}  // namespace waitstate::paste
