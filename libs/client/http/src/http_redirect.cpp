#include "http_redirect.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

/// The Fetch standard's rule, HTTP-redirect fetch: what browsers do, and RFC 9110 section 15.4
/// allows.
bool becomes_get(std::uint16_t status, const std::string& method) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

/// What a header field of any other name is for is known to the origin that it was meant for: it
/// may be a key, and is not another's to read.
constexpr std::array for_anybody{"Accept"sv,
                                 "Accept-Charset"sv,
                                 "Accept-Encoding"sv,
                                 "Accept-Language"sv,
                                 "Cache-Control"sv,
                                 "Content-Encoding"sv,
                                 "Content-Language"sv,
                                 "Content-Location"sv,
                                 "Content-Type"sv,
                                 "If-Match"sv,
                                 "If-Modified-Since"sv,
                                 "If-None-Match"sv,
                                 "If-Range"sv,
                                 "If-Unmodified-Since"sv,
                                 "Pragma"sv,
                                 "Range"sv,
                                 "Traceparent"sv,
                                 "Tracestate"sv,
                                 "User-Agent"sv};

void keep_what_is_for_anybody(http_headers& headers) {
  http_headers kept;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers[i];
    const auto is_this = [&](std::string_view name) { return is_same_field(name, field.name); };
    if (std::ranges::any_of(for_anybody, is_this)) kept.add(field.name, field.value);
  }
  headers = std::move(kept);
}

}  // namespace

bool is_redirect(std::uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

result<bool> redirect(http_request& request, const http_url& from, const http_response& response) {
  if (!is_redirect(response.status)) return false;
  const auto location = response.headers.find("Location");
  if (!location) return false;
  const bool is_get = becomes_get(response.status, request.method);
  if (request.source && !is_get) return false;

  const auto to = resolve_reference(from, *location);
  if (!to) {
    const auto asked = quotable(without_secrets(to_string(from)));
    return failure(in_step(fmt::format("redirect from '{}'", asked), to.error()));
  }
  request.target = to_string(*to);
  if (is_get) {
    request.method = "GET";
    request.body.clear();
    request.source.reset();
    for (const auto* const name :
         {"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"}) {
      request.headers.remove(name);
    }
  }
  request.headers.remove("Host");
  if (!to->has_origin_of(from)) {
    keep_what_is_for_anybody(request.headers);
  }
  return true;
}

}  // namespace waitstate::client
