#include "waitstate/client/http/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/words.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// RFC 9110 section 5.6.2.
bool is_token_byte(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         marks.find(c) != marks.npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && c != '\t') || byte == 0x7f;
}

failure refuse(std::string what, std::string hint = {}) {
  return failure({.code = errc::invalid_input,
                  .what = "http request: " + std::move(what),
                  .hint = std::move(hint)});
}

result<> check_field(const http_headers::field& f) {
  constexpr std::array<std::string_view, 5> ours{"Content-Length", "Transfer-Encoding", "Expect",
                                                 "Upgrade", "Keep-Alive"};
  if (!is_token(f.name)) {
    return refuse(fmt::format("header name '{}': empty, or a byte that names may not have",
                              quotable(f.name)));
  }
  // The value is not quoted: it may be a password, read with the line end after it.
  if (!is_field_value(f.value)) {
    const auto at = std::ranges::find_if(f.value, is_control) - f.value.begin();
    return refuse(
        fmt::format("header {}: byte {} of its value is a control character", f.name, at + 1));
  }
  const auto same = [&](std::string_view name) { return is_same_field(name, f.name); };
  if (std::ranges::any_of(ours, same)) {
    return refuse(fmt::format("header {}: it follows from the request and the settings", f.name),
                  "leave it out");
  }
  if (same("Connection") && !is_same_field(f.value, "close")) {
    return refuse(fmt::format("header Connection: '{}', it can only be 'close'", quotable(f.value)),
                  "leave it out to keep the connection");
  }
  return {};
}

http_request request_of(std::string_view method, std::string target, std::string body,
                        std::string_view content_type) {
  http_request made;
  made.method = method;
  made.target = std::move(target);
  made.body = std::move(body);
  if (!content_type.empty()) made.headers.add("Content-Type", content_type);
  return made;
}

}  // namespace

bool is_callers_field(std::string_view name, std::string_view value) {
  return check_field({.name = name, .value = value}).has_value();
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, is_control);
}

bool is_same_field(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

void http_headers::add(std::string_view name, std::string_view value) {
  places_.push_back({.at = static_cast<std::uint32_t>(text_.size()),
                     .name_size = static_cast<std::uint32_t>(name.size()),
                     .value_size = static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void http_headers::set(std::string_view name, std::string_view value) {
  // Both may be views of this.
  const std::string own_name(name);
  const std::string own_value(value);
  remove(own_name);
  add(own_name, own_value);
}

void http_headers::remove(std::string_view name) {
  const std::string own_name(name);
  if (!find(own_name)) return;
  http_headers kept;
  kept.reserve(size(), text_.size());
  for (std::size_t i = 0; i < size(); ++i) {
    const auto f = (*this)[i];
    if (!is_same_field(f.name, own_name)) kept.add(f.name, f.value);
  }
  *this = std::move(kept);
}

void http_headers::clear() {
  text_.clear();
  places_.clear();
}

void http_headers::reserve(std::size_t fields, std::size_t bytes) {
  places_.reserve(fields);
  text_.reserve(bytes);
}

std::optional<std::string_view> http_headers::find(std::string_view name) const {
  const auto all = std::string_view(text_);
  for (const auto& p : places_) {
    if (p.name_size != name.size() || !is_same_field(all.substr(p.at, p.name_size), name)) continue;
    return all.substr(p.at + p.name_size, p.value_size);
  }
  return std::nullopt;
}

http_headers::field http_headers::operator[](std::size_t at) const {
  const auto& p = places_[at];
  const auto all = std::string_view(text_);
  return {.name = all.substr(p.at, p.name_size),
          .value = all.substr(p.at + p.name_size, p.value_size)};
}

http_request http_get(std::string target) {
  return request_of("GET", std::move(target), {}, {});
}

http_request http_head(std::string target) {
  return request_of("HEAD", std::move(target), {}, {});
}

http_request http_put(std::string target, std::string body, std::string_view content_type) {
  return request_of("PUT", std::move(target), std::move(body), content_type);
}

http_request http_post(std::string target, std::string body, std::string_view content_type) {
  return request_of("POST", std::move(target), std::move(body), content_type);
}

http_request http_delete(std::string target) {
  return request_of("DELETE", std::move(target), {}, {});
}

result<> check(const http_request& request) {
  if (!is_token(request.method)) {
    return refuse(fmt::format("method '{}': not a word", quotable(request.method)));
  }
  if (request.method == "CONNECT") return refuse("method CONNECT: tunnels are not supported");
  if (!is_http_target(request.target)) {
    return refuse(fmt::format("target '{}': empty, or a blank, a control character or a byte that "
                              "is not ASCII",
                              quotable(without_secrets(request.target))),
                  "percent-encode it");
  }
  if (request.source && !request.body.empty()) {
    return refuse("it has a body and a source of one", "set one of them");
  }
  if (request.source && !request.source->next) return refuse("the body's source is empty");
  std::size_t hosts = 0;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    if (auto fine = check_field(request.headers[i]); !fine) return fine;
    if (is_same_field(request.headers[i].name, "Host")) ++hosts;
  }
  // Two readers would disagree on whom it is for (RFC 9112 section 3.2).
  if (hosts > 1) return refuse("header Host: it is there twice");
  return {};
}

bool is_idempotent(const http_request& request) {
  constexpr std::array<std::string_view, 6> methods{"GET",   "HEAD", "OPTIONS",
                                                    "TRACE", "PUT",  "DELETE"};
  return std::ranges::find(methods, request.method) != methods.end() ||
         request.headers.find("Idempotency-Key") || request.headers.find("X-Idempotency-Key");
}

}  // namespace waitstate::client
