#include "http/outgoing_head.h"

#include <array>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

void append_number(std::string& to, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  to.append(digits.data(), end);
}

void append_framing(std::string& to, const body_framing& body) {
  if (body.end == body_end::chunked) to += "Transfer-Encoding: chunked\r\n";
  if (body.end != body_end::length) return;
  to += "Content-Length: ";
  append_number(to, body.length);
  to += "\r\n";
}

/// "http://a.example/x?y" to "/x?y"; a target in another form stays as it is.
std::string_view origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || target == "*" || scheme == target.npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == target.npos ? "/" : target.substr(path);
}

void append_connection(std::string& to, const client_framing& client) {
  if (client.opens_tunnel) return;
  if (!client.keeps_open) {
    to += "Connection: close\r\n";
  } else if (client.minor_version == 0) {
    to += "Connection: keep-alive\r\n";
  }
}

}  // namespace

void append_request_head(std::string& to, const request_head& head, std::string_view host,
                         bool replaces_host, bool opens_tunnel) {
  const auto target = head.method == "CONNECT" ? head.target : origin_form(head.target);
  to += head.method;
  to += ' ';
  if (target.starts_with('?')) to += '/';
  to += target;
  to += " HTTP/1.1\r\nHost: ";
  to += head.host.empty() || replaces_host ? host : head.host;
  to += "\r\n";
  for (const auto lines : head.lines) to += lines;
  append_framing(to, head.body);
  if (opens_tunnel && !head.upgrade.empty()) {
    to += "Connection: Upgrade\r\nUpgrade: ";
    to += head.upgrade;
    to += "\r\n";
  }
  to += "\r\n";
}

void append_response_head(std::string& to, const response_head& head, const body_framing& body,
                          const client_framing& client) {
  to += "HTTP/1.1 ";
  append_number(to, static_cast<std::uint64_t>(head.status));
  to += ' ';
  to += head.reason;
  to += "\r\n";
  for (const auto lines : head.lines) to += lines;
  append_framing(to, body);
  if (client.opens_tunnel && !head.upgrade.empty()) {
    to += "Connection: Upgrade\r\nUpgrade: ";
    to += head.upgrade;
    to += "\r\n";
  }
  append_connection(to, client);
}

void append_own_response(std::string& to, const own_response& what, const client_framing& client,
                         bool is_head) {
  const auto text = fmt::format("waitstate: {}\n", what.why);
  fmt::format_to(std::back_inserter(to),
                 "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Length: {}\r\nProxy-Status: waitstate; error={}\r\n",
                 what.status, reason_of(what.status), text.size(), what.kind);
  append_connection(to, client);
  to += "\r\n";
  if (!is_head) to += text;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
  }
}

}  // namespace waitstate::sidecar
