#include "http/field_lines.h"

#include "http/http_chars.h"

namespace waitstate::sidecar {
namespace {

constexpr std::string_view bare_cr = "a carriage return without its line feed";
constexpr std::string_view bare_lf = "a line feed without its carriage return";

std::string_view wrong_with_name(std::string_view name, char next) {
  if (next == '\n') return bare_lf;
  if (next == ' ' || next == '\t') {
    return name.empty() ? "a folded line, or one that begins with a blank"
                        : "a blank in a field name or before its colon";
  }
  if (next == ':') return "a field without a name";
  if (next == '\r') return "a line without a colon";
  return "a character that no field name has";
}

}  // namespace

std::size_t end_of_line(std::string_view bytes, std::size_t at, std::string_view& why) {
  const char* const end = bytes.data() + bytes.size();
  const char* const found = first_control(bytes.data() + at, end);
  if (found == end) return std::string_view::npos;
  if (*found != '\r') {
    why = *found == '\n' ? bare_lf : "a control character";
    return std::string_view::npos;
  }
  if (end - found < 2) return std::string_view::npos;
  if (found[1] != '\n') {
    why = bare_cr;
    return std::string_view::npos;
  }
  return static_cast<std::size_t>(found - bytes.data());
}

line_kind field_lines::next(field_line& into) {
  if (at_ == bytes_.size()) return line_kind::incomplete;
  if (bytes_[at_] == '\r') {
    if (bytes_.size() - at_ < 2) return line_kind::incomplete;
    if (bytes_[at_ + 1] != '\n') return refuse(bare_cr);
    at_ += 2;
    return line_kind::last;
  }
  std::size_t colon = at_;
  while (colon < bytes_.size() && is_token_char(bytes_[colon])) ++colon;
  if (colon == bytes_.size()) return line_kind::incomplete;
  const auto name = bytes_.substr(at_, colon - at_);
  if (bytes_[colon] != ':' || name.empty()) return refuse(wrong_with_name(name, bytes_[colon]));
  std::string_view why;
  const auto end = end_of_line(bytes_, colon + 1, why);
  if (end == std::string_view::npos) return why.empty() ? line_kind::incomplete : refuse(why);
  into.name = name;
  into.value = trimmed(bytes_.substr(colon + 1, end - colon - 1));
  into.whole = bytes_.substr(at_, end + 2 - at_);
  at_ = end + 2;
  return line_kind::field;
}

line_kind field_lines::refuse(std::string_view why) {
  refused_ = why;
  return line_kind::refused;
}

}  // namespace waitstate::sidecar
