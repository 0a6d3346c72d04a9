#include "text/line.h"

#include <algorithm>

#include "text/joined_rows.h"
#include "text/mask.h"
#include "text/page_marks.h"
#include "text/spread_out.h"

namespace waitstate::paste {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// The length of the escape sequence at the start of `text` (ECMA-48 CSI, OSC, or two bytes).
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return text.size();
  if (text[1] == '[') {
    const auto end = std::ranges::find_if(text.substr(2), [](char c) { return c >= 0x40; });
    return std::min(text.size(), static_cast<std::size_t>(end - text.begin()) + 1);
  }
  if (text[1] == ']') {
    // It ends with BEL or with ESC \.
    const auto bell = text.find('\a');
    const auto terminator = text.find("\x1b\\", 2);
    if (terminator < bell) return terminator + 2;
    return bell == std::string_view::npos ? 2 : bell + 1;
  }
  // A character set is chosen by a third byte: ESC ( B, as `tput sgr0` writes it.
  const bool chooses_characters = text.size() > 2 && std::string_view("()*+").contains(text[1]);
  return chooses_characters ? 3 : 2;
}

std::string_view without_quote_marks(std::string_view line) {
  // Also where the whole mail stands indented.
  for (auto first = line.find_first_not_of(' '); first != std::string_view::npos;
       first = line.find_first_not_of(' ')) {
    if (!line.substr(first).starts_with("> ")) break;
    line.remove_prefix(first + 2);
  }
  return line;
}

/// "web1 | CHANGED | rc=0 | (stdout) " of `ansible -o`, which writes the ends of lines as "\\n".
constexpr std::string_view one_line_mark = " | (stdout) ";
constexpr std::string_view written_end = "\\n";

std::string_view without_one_line_mark(std::string_view line) {
  const auto at = line.find(one_line_mark);
  return at == std::string_view::npos ? line : line.substr(at + one_line_mark.size());
}

/// "web-1  | " that docker compose puts before each line of a container.
std::string_view without_container(std::string_view line) {
  constexpr std::string_view sign = " | ";
  const auto bar = line.find(sign);
  if (bar == std::string_view::npos) return line;
  auto name = line.substr(0, bar);
  while (name.ends_with(' ')) name.remove_suffix(1);
  const auto number = name.find_last_not_of("0123456789");
  const bool is_numbered = number != std::string_view::npos && number > 0 &&
                           number + 1 < name.size() && (name[number] == '-' || name[number] == '_');
  if (!is_numbered || name.contains(' ')) return line;
  return line.substr(bar + sign.size());
}

std::string_view without_byte_order_mark(std::string_view line) {
  for (const std::string_view mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"}) {
    if (line.starts_with(mark)) return line.substr(mark.size());
  }
  return line;
}

/// What mails, containers and editors put before a line, whatever stands before what.
std::string_view without_prefixes(std::string_view line) {
  for (std::size_t before = line.size() + 1; line.size() < before;) {
    before = line.size();
    line = without_quote_marks(without_container(without_byte_order_mark(line)));
  }
  return line;
}

/// "`...`", as a row is quoted in prose.
std::string_view without_marks_of_code(std::string_view line) {
  const bool is_code = line.size() > 2 && line.starts_with('`') && line.ends_with('`') &&
                       line.find('`', 1) == line.size() - 1;
  return is_code ? without_prefixes(line.substr(1, line.size() - 2)) : line;
}

}  // namespace

std::optional<std::string_view> line_splitter::next() {
  if (at_ >= text_.size()) return std::nullopt;
  // Of a line that is several in writing the end was found when it began.
  if (at_ >= end_) end_ = end_of_line();
  const auto end = end_;
  auto line = text_.substr(at_, end - at_);
  if (const auto more = next_row_in(line); more != std::string_view::npos) {
    at_ += more;
    return cleaned(without_one_line_mark(line.substr(0, std::min(more, line_max))));
  }
  if (at_ >= one_line_end_ && line.contains(one_line_mark)) one_line_end_ = end;
  const auto written = at_ < one_line_end_ ? line.find(written_end) : std::string_view::npos;
  if (written != std::string_view::npos) {
    at_ += written + written_end.size();
    return cleaned(without_one_line_mark(line.substr(0, std::min(written, line_max))));
  }
  line = without_one_line_mark(line);
  at_ = std::min(end + 1, text_.size());
  // CR LF, the CR CR LF that some terminals save, and a run of CR alone are one end of a line.
  if (end < text_.size() && text_[end] == '\r') {
    constexpr std::string_view between("\r\0", 2);  // NUL: UTF-16.
    at_ = std::min(text_.find_first_not_of(between, end), text_.size());
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  }
  if (line.size() > line_max) {
    line = line.substr(0, line_max);
    ++cut_;
  }
  return cleaned(line);
}

/// A search for one byte is ten times as fast as one for either of two. The LF is looked for once,
/// however many CR stand before it.
std::size_t line_splitter::end_of_line() {
  if (next_feed_ <= at_) next_feed_ = std::min(text_.find('\n', at_), text_.size());
  const auto carriage_return = text_.substr(at_, next_feed_ - at_).find('\r');
  return carriage_return == std::string_view::npos ? next_feed_ : at_ + carriage_return;
}

std::string_view line_splitter::cleaned(std::string_view line) {
  line = without_prefixes(line);
  const auto whole = [&](std::string_view text) {
    for (std::size_t before = text.size() + 1; text.size() < before;) {
      before = text.size();
      text = without_page_marks(text, page_scratch_);
      text = joined(without_marks_of_code(without_prefixes(text)), scratch_);
    }
    return with_whole_masks(text, scratch_);
  };
  if (std::ranges::none_of(line, is_control)) return whole(line);

  scratch_.clear();
  std::size_t odd = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\x1b') {
      i += escape_length(line.substr(i)) - 1;
    } else if (!is_control(c)) {
      scratch_.push_back(c);
    } else if (c != '\0' && c != '\r') {
      ++odd;
    }
  }
  if (odd * 8 > scratch_.size()) {
    ++binary_;
    return {};
  }
  return whole(scratch_);
}

}  // namespace waitstate::paste
