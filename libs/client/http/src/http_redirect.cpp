#include "http_redirect.h"

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

/// The Fetch standard's rule, HTTP-redirect fetch: what browsers do, and RFC 9110 section 15.4
/// allows.
bool becomes_get(std::uint16_t status, const std::string& method) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
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
  if (!to) return failure(in_step("redirect from '" + quotable(to_string(from)) + "'", to.error()));
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
    for (const auto* const name : {"Authorization", "Cookie", "Proxy-Authorization"}) {
      request.headers.remove(name);
    }
  }
  return true;
}

}  // namespace waitstate::client
