#include "front/access_line.h"

#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

double milliseconds(duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

/// Between quotes; what a terminal would obey cannot be in a request that was taken.
std::string in_quotes(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') all += '\\';
    all += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return all + '"';
}

}  // namespace

std::string access_line(const access_entry& e, const client_connection& who,
                        std::chrono::system_clock::time_point ended) {
  const auto whole = std::chrono::time_point_cast<std::chrono::milliseconds>(ended);
  auto line = fmt::format("time={:%Y-%m-%dT%H:%M:}{:%S}Z route={}",
                          fmt::gmtime(std::chrono::system_clock::to_time_t(ended)),
                          whole.time_since_epoch() % std::chrono::minutes(1), e.route);
  const auto to = std::back_inserter(line);
  if (who.pid > 0) {
    fmt::format_to(to, " client=\"pid {}\"", who.pid);
  } else {
    fmt::format_to(to, " client=\"port {}\"", who.port);
  }
  fmt::format_to(to, " request={} status={} bytes={} ms={:.3f}", in_quotes(e.request), e.status,
                 e.bytes, milliseconds(e.took));
  if (e.waited && e.server) fmt::format_to(to, " waited_ms={:.3f}", milliseconds(*e.waited));
  if (e.server) {
    fmt::format_to(to, " server={} reused={}", client::to_string(*e.server),
                   e.was_reused ? "yes" : "no");
  }
  fmt::format_to(to, " tries={}", e.tries);
  if (e.is_client_gone) line += " client_gone=yes";
  if (!e.why.empty()) line += " why=" + in_quotes(e.why);
  return line;
}

}  // namespace waitstate::sidecar
