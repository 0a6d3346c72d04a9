#include "http/http_head.h"

#include <algorithm>
#include <array>

#include "http/authority.h"
#include "http/field_lines.h"
#include "http/head_fields.h"
#include "http/http_chars.h"

namespace waitstate::sidecar {
namespace {

constexpr std::string_view no_version = "a version other than HTTP/1.0 and HTTP/1.1";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The minor version of "HTTP/1.0" or "HTTP/1.1"; -1: it is neither.
int minor_version_of(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  return text == "HTTP/1.0" ? 0 : -1;
}

/// Another version of HTTP than 1, said as one says it.
bool is_other_major(std::string_view version) {
  return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
         version[6] == '.' && is_digit(version[7]) && version[5] != '1';
}

bool is_target_char(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

/// The part of an absolute target that says for whom it is; `port` becomes the scheme's.
std::string_view authority_in(std::string_view target, std::uint16_t& port) {
  for (const auto& [scheme, usual] :
       {std::pair<std::string_view, std::uint16_t>{"http://", 80}, {"https://", 443}}) {
    if (!is_name(target.substr(0, scheme.size()), scheme)) continue;
    port = usual;
    const auto rest = target.substr(scheme.size());
    return rest.substr(0, std::min(rest.find_first_of("/?"), rest.size()));
  }
  return {};
}

/// Reads one request; see parse_request_head().
class request_reader {
 public:
  request_reader(std::string_view bytes, request_head& into, head_refusal& why)
      : bytes_(bytes), into_(into), why_(why) {}

  parse_state read() {
    std::size_t at = 0;
    if (const auto state = pass_empty_lines(at); state != parse_state::complete) return state;
    std::string_view wrong;
    const auto end = end_of_line(bytes_, at, wrong);
    if (!wrong.empty()) return refuse(wrong);
    if (end == std::string_view::npos) return parse_state::incomplete;
    if (!take_line(bytes_.substr(at, end - at))) return parse_state::refused;
    const auto state = read_fields(bytes_, end + 2, false, fields_, wrong);
    if (state == parse_state::refused) return refuse(wrong);
    if (state == parse_state::incomplete) return state;
    return take_host() && take_body() && take_expect() ? finish() : parse_state::refused;
  }

 private:
  parse_state refuse(std::string_view why, int status = 400) {
    why_ = {.status = status, .why = why};
    return parse_state::refused;
  }
  bool refused(std::string_view why, int status = 400) {
    refuse(why, status);
    return false;
  }

  parse_state pass_empty_lines(std::size_t& at);
  bool take_line(std::string_view line);
  bool take_target();
  bool take_host();
  bool take_body();
  bool take_expect();
  parse_state finish();

  std::string_view bytes_;
  request_head& into_;
  head_refusal& why_;
  head_fields fields_;
  std::string_view target_authority_;
  std::uint16_t target_port_ = 0;
};

parse_state request_reader::pass_empty_lines(std::size_t& at) {
  for (int passed = 0; at < bytes_.size() && bytes_[at] == '\r'; ++passed, at += 2) {
    if (passed == 2) return refuse("empty lines before a request");
    if (bytes_.size() - at < 2) return parse_state::incomplete;
    if (bytes_[at + 1] != '\n') return refuse("a carriage return without its line feed");
  }
  return at < bytes_.size() ? parse_state::complete : parse_state::incomplete;
}

bool request_reader::take_line(std::string_view line) {
  const auto first = std::min(line.find(' '), line.size());
  const auto last = line.rfind(' ');
  into_.method = line.substr(0, first);
  if (!is_token(into_.method)) return refused("a request line without a method");
  if (last == std::string_view::npos || last == first) return refused("a request line of HTTP/0.9");
  into_.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  into_.minor_version = minor_version_of(version);
  if (into_.minor_version < 0) return refused(no_version, is_other_major(version) ? 505 : 400);
  const auto& target = into_.target;
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_char)) {
    return refused("a target with a blank, a fragment or a character that no target has");
  }
  return take_target();
}

bool request_reader::take_target() {
  if (into_.method == "CONNECT") {
    target_authority_ = into_.target;
    target_port_ = 443;
    const auto whom = authority_of(into_.target);
    return (whom && whom->port != 0) || refused("a CONNECT to what is not HOST:PORT");
  }
  if (into_.target.front() == '/') return true;
  if (into_.target == "*") return into_.method == "OPTIONS" || refused("a target '*'");
  target_authority_ = authority_in(into_.target, target_port_);
  return authority_of(target_authority_).has_value() ||
         refused("a target that is neither a path nor an http URL");
}

bool request_reader::take_host() {
  if (!fields_.has_host) {
    into_.host = target_authority_;
    return into_.minor_version == 0 || refused("no Host");
  }
  const auto host = authority_of(fields_.host);
  if (!host) return refused("a Host that is not HOST or HOST:PORT");
  into_.host = fields_.host;
  if (target_authority_.empty()) return true;
  const auto whom = authority_of(target_authority_);
  into_.host = target_authority_;
  return (whom && is_same(*host, *whom, target_port_)) ||
         refused("a Host that differs from the target's");
}

bool request_reader::take_body() {
  into_.body = {};
  if (fields_.is_chunked) {
    if (into_.minor_version == 0) return refused("a Transfer-Encoding in HTTP/1.0");
    into_.body.end = body_end::chunked;
  } else if (fields_.has_length) {
    into_.body = {.end = body_end::length, .length = fields_.length};
  }
  const bool has_body = fields_.is_chunked || fields_.length > 0;
  if (into_.method == "CONNECT" && has_body) return refused("a CONNECT with a body");
  into_.expects_continue = fields_.expects_continue && into_.minor_version == 1 && has_body;
  const bool upgrades = fields_.names_upgrade && into_.minor_version == 1 && !has_body;
  into_.upgrade = upgrades ? fields_.upgrade : std::string_view{};
  return true;
}

bool request_reader::take_expect() {
  return !fields_.expects_more || refused("an Expect other than 100-continue", 417);
}

parse_state request_reader::finish() {
  into_.lines = fields_.lines;
  into_.size = fields_.size;
  into_.keeps_open = !fields_.says_close && (into_.minor_version == 1 || fields_.says_keep_alive);
  static constexpr std::array<std::string_view, 6> idempotent{"GET",   "HEAD", "OPTIONS",
                                                              "TRACE", "PUT",  "DELETE"};
  into_.is_idempotent =
      std::find(idempotent.begin(), idempotent.end(), into_.method) != idempotent.end();
  return parse_state::complete;
}

/// Reads one response; see parse_response_head().
class response_reader {
 public:
  response_reader(std::string_view bytes, std::string_view method, response_head& into,
                  std::string_view& why)
      : bytes_(bytes), method_(method), into_(into), why_(why) {}

  parse_state read() {
    const auto end = end_of_line(bytes_, 0, why_);
    if (!why_.empty()) return parse_state::refused;
    if (end == std::string_view::npos) return parse_state::incomplete;
    if (!take_line(bytes_.substr(0, end))) return parse_state::refused;
    const bool tells_of_another = method_ == "HEAD" || into_.status == 304;
    const auto state = read_fields(bytes_, end + 2, tells_of_another, fields_, why_);
    if (state != parse_state::complete) return state;
    return take_body() ? finish() : parse_state::refused;
  }

 private:
  bool refused(std::string_view why) {
    why_ = why;
    return false;
  }

  bool take_line(std::string_view line);
  bool take_body();
  parse_state finish();

  std::string_view bytes_;
  std::string_view method_;
  response_head& into_;
  std::string_view& why_;
  head_fields fields_;
};

bool response_reader::take_line(std::string_view line) {
  into_.minor_version = minor_version_of(line.substr(0, 8));
  if (into_.minor_version < 0) return refused(no_version);
  const auto digits = line.substr(8, 4);
  if (digits.size() < 4 || digits[0] != ' ' || digits[1] == '0' ||
      !std::all_of(digits.begin() + 1, digits.end(), is_digit)) {
    return refused("a status that is not three digits");
  }
  into_.status = (digits[1] - '0') * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');
  const auto rest = line.substr(12);
  if (!rest.empty() && rest.front() != ' ') return refused("a status that is not three digits");
  into_.reason = rest.substr(rest.empty() ? 0 : 1);
  return true;
}

bool response_reader::take_body() {
  into_.body = {};
  const bool is_tunnel = method_ == "CONNECT" && into_.status / 100 == 2;
  const bool never_has_one = into_.status / 100 == 1 || into_.status == 204 || is_tunnel;
  if (fields_.is_chunked && into_.minor_version == 0) {
    return refused("a Transfer-Encoding in HTTP/1.0");
  }
  if (never_has_one) {
    const bool claims_one = fields_.is_chunked || fields_.length > 0;
    return !claims_one || refused("a body where there is none");
  }
  if (method_ == "HEAD" || into_.status == 304) return true;
  if (fields_.is_chunked) {
    into_.body.end = body_end::chunked;
  } else if (fields_.has_length) {
    into_.body = {.end = body_end::length, .length = fields_.length};
  } else {
    into_.body.end = body_end::close;
  }
  return true;
}

parse_state response_reader::finish() {
  into_.lines = fields_.lines;
  into_.size = fields_.size;
  into_.keeps_open = !fields_.says_close && into_.body.end != body_end::close &&
                     (into_.minor_version == 1 || fields_.says_keep_alive);
  into_.keep_alive = fields_.keep_alive;
  into_.upgrade =
      into_.status == 101 && fields_.names_upgrade ? fields_.upgrade : std::string_view{};
  return parse_state::complete;
}

}  // namespace

parse_state parse_request_head(std::string_view bytes, request_head& into, head_refusal& why) {
  const auto state = request_reader(bytes.substr(0, head_size_max), into, why).read();
  if (state != parse_state::incomplete || bytes.size() < head_size_max) return state;
  why = {.status = 431, .why = "a head over 32 KiB"};
  return parse_state::refused;
}

parse_state parse_response_head(std::string_view bytes, std::string_view method,
                                response_head& into, head_refusal& why) {
  why = {.status = 502, .why = {}};
  const auto state = response_reader(bytes.substr(0, head_size_max), method, into, why.why).read();
  if (state != parse_state::incomplete || bytes.size() < head_size_max) return state;
  why.why = "a head over 32 KiB";
  return parse_state::refused;
}

}  // namespace waitstate::sidecar
