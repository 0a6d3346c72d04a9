#include "text/text_endpoint.h"

#include <algorithm>

#include "text/tokens.h"
#include "text/words.h"
#include "waitstate/tcp/service.h"

namespace waitstate::paste {
namespace {

std::optional<std::uint16_t> read_port(std::string_view text) {
  if (is_number(text)) return parse_number<std::uint16_t>(text);
  // A dot is what parts the port from a BSD's IPv6 address: "2001:db8::7.443".
  if (text.find_first_of("[]:/%.") != text.npos) return std::nullopt;
  return tcp::port_of_service(text).value_or(0);
}

/// "search-agent", "XmlIpcRegSvc"; no mask ("XXXXX", "port") and no word that was cut.
bool is_service_name(std::string_view port) {
  constexpr std::size_t shortest = 3;
  constexpr std::string_view placeholders[] = {"port", "xxx", "any", "all"};
  const auto is_of_mask = [](char c) { return c == 'x' || c == 'X'; };
  return port.size() >= shortest && is_letter(port.front()) &&
         std::ranges::all_of(port,
                             [](char c) {
                               return is_letter(c) || is_digit(c) || c == '-' || c == '_' ||
                                      c == '+';
                             }) &&
         !std::ranges::all_of(port, is_of_mask) &&
         std::ranges::none_of(placeholders, [&](auto p) { return lower(port).contains(p); });
}

/// Without brackets and zone; nothing when a bracket is left open.
std::optional<std::string_view> read_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return std::nullopt;
    const auto behind = text.substr(close + 1);
    if (!behind.empty() && behind.front() != '%') return std::nullopt;
    text = text.substr(1, close - 1);
  }
  return text.substr(0, text.find('%'));
}

std::optional<text_endpoint> read_endpoint(std::string_view word, char mark) {
  const auto at = word.rfind(mark);
  if (at == word.npos || at == 0 || !is_plausible_host(word)) return std::nullopt;
  const auto host = read_host(word.substr(0, at));
  const auto port = read_port(word.substr(at + 1));
  if (!host || host->empty() || !port) return std::nullopt;
  // "10.0.0.7:" was cut, "error:" is prose.
  const bool lacks_port = at + 1 == word.size();
  if (lacks_port && host->find_first_of(".:") == host->npos) return std::nullopt;
  const bool may_be_number = is_digit(host->front()) || host->find(':') != host->npos;
  return text_endpoint{.host = *host,
                       .port = *port,
                       .address = may_be_number ? tcp::parse_address(*host).value_or(tcp::address{})
                                                : tcp::address{},
                       .is_service = *port == 0 && is_service_name(word.substr(at + 1))};
}

}  // namespace

bool is_plausible_host(std::string_view word) {
  constexpr std::size_t word_size_max = 256;  // A name of DNS has 253 bytes.
  constexpr std::string_view foreign = "(),;=\"'\\@&!|`";
  if (word.size() > word_size_max || word.find("//") != word.npos) return false;
  return std::ranges::none_of(word, [&](char c) {
    return (c >= 0 && c <= ' ') || c == 0x7f || foreign.find(c) != foreign.npos;
  });
}

std::optional<text_endpoint> read_colon_endpoint(std::string_view word) {
  return read_endpoint(word, ':');
}

std::optional<text_endpoint> read_dot_endpoint(std::string_view word) {
  // "10.0.0.7:80" has its port behind the colon: not of this family.
  if (const auto colon = word.rfind(':'); colon != word.npos && colon > word.rfind('.')) {
    return std::nullopt;
  }
  return read_endpoint(word, '.');
}

bool is_wildcard(const text_endpoint& e) {
  return e.port == 0 && (e.host == "*" || e.address.is_unspecified());
}

}  // namespace waitstate::paste
