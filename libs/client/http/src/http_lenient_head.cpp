#include "http_lenient_head.h"

namespace waitstate::client {
namespace {

constexpr std::string_view shortest_status = "HTTP/1.1 200";
constexpr std::string_view line_end = "\r\n";

/// Takes a line with its line feed; empty when there is none.
std::string_view take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == bytes.npos) return {};
  const auto line = bytes.substr(0, end + 1);
  bytes.remove_prefix(end + 1);
  return line;
}

std::string_view without_end(std::string_view line) {
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool lacks_blank(std::string_view status) {
  return status.starts_with("HTTP/") && status.size() == shortest_status.size();
}

bool ends_strictly(std::string_view head) {
  for (auto line = take_line(head); !line.empty(); line = take_line(head)) {
    if (!line.ends_with(line_end)) return false;
  }
  return true;
}

}  // namespace

head_shape shape_of_head(std::string_view bytes) {
  auto rest = bytes;
  head_shape seen;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const auto text = without_end(line);
    const bool is_status = line.data() == bytes.data();
    if (!line.ends_with(line_end) || (is_status && lacks_blank(text))) seen.is_strict = false;
    if (!text.empty()) continue;
    seen.size = bytes.size() - rest.size();
    return seen;
  }
  return {};
}

bool is_strict_so_far(std::string_view bytes) {
  // "HTTP/1.1 200\r" ends here already.
  const auto status = bytes.substr(0, bytes.find_first_of(line_end));
  return ends_strictly(bytes) && !(lacks_blank(status) && status.size() < bytes.size());
}

std::optional<std::string> strict_head(std::string_view head) {
  auto rest = head;
  const auto status = without_end(take_line(rest));
  if (!lacks_blank(status) && ends_strictly(head)) return std::nullopt;
  std::string strict(status);
  if (lacks_blank(status)) strict += ' ';
  strict += line_end;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    strict += without_end(line);
    strict += line_end;
  }
  return strict;
}

}  // namespace waitstate::client
