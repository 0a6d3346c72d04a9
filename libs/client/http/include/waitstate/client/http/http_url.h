#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// An http or https URL, taken apart: "https://[::1]:8443/a?b" is {true, "::1", 8443, "/a?b"}.
struct http_url {
  bool is_tls = false;      ///< https
  std::string host{};       ///< In small letters; an IPv6 address without its brackets.
  std::uint16_t port = 80;  ///< That of the scheme unless given.
  std::string target{};     ///< Path and query, "/" at least; no fragment.

  /// What the Host header says: "a.example", "a.example:8080", "[::1]:8080".
  [[nodiscard]] std::string authority() const;
  /// Same scheme, host and port: credentials for one are for the other.
  [[nodiscard]] bool has_origin_of(const http_url& other) const;

  friend bool operator==(const http_url&, const http_url&) = default;
};

/// Reads an absolute URL. A fragment is dropped, as it is not sent.
///
/// Fails with errc::invalid_input for another scheme, a host that is none, user names and passwords
/// (send an Authorization header), over 32,768 bytes, and bytes that may not be in a URL: blanks,
/// control characters (a line end would smuggle in a header) and any over 0x7e. The message quotes
/// `text`, cut and with such bytes replaced.
[[nodiscard]] result<http_url> parse_http_url(std::string_view text);

/// What `reference` means in a document at `base`: an absolute URL, "//host/path", "/path",
/// "?query" or a relative path (RFC 3986 section 5.2). For the Location of a redirect.
[[nodiscard]] result<http_url> resolve_reference(const http_url& base, std::string_view reference);

/// The inverse: parse_http_url(to_string(url)) == url for every one it gives.
[[nodiscard]] std::string to_string(const http_url& url);

/// May these bytes be a request's target? Not empty, no blanks, control characters and bytes over
/// 0x7e.
[[nodiscard]] bool is_http_target(std::string_view text);

/// A URL or a target, for messages: a password before an @ as "***", and "?..." in place of a
/// query, since tokens are in these.
[[nodiscard]] std::string without_secrets(std::string_view url);

}  // namespace waitstate::client
