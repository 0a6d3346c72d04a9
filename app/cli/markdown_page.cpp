#include "app/cli/markdown_page.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace waitstate::cli {
namespace {

constexpr std::size_t width_min = 40;
constexpr std::string_view code_indent = "    ";
constexpr std::string_view blanks = " \t";

struct marks {
  bool strong = false;
  bool emphasis = false;
  bool code = false;

  friend bool operator==(const marks&, const marks&) = default;
};

struct run {
  marks how;
  std::string text;
};

using word = std::vector<run>;

std::size_t columns_of(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

std::size_t columns_of(const word& w) {
  std::size_t columns = 0;
  for (const auto& r : w) columns += columns_of(r.text);
  return columns;
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// A lone '*' is emphasis only at the edge of a word: "a * b" and "x*" are not.
bool opens_emphasis(std::string_view text, std::size_t at) {
  const bool free_before = at == 0 || !is_word_character(text[at - 1]);
  return free_before && at + 1 < text.size() && is_word_character(text[at + 1]) &&
         text.find('*', at + 1) != text.npos;
}

std::vector<word> words_of(std::string_view text) {
  std::vector<word> words;
  word current;
  marks now;
  const auto end_word = [&] {
    if (!current.empty()) words.push_back(std::exchange(current, {}));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '`') {
      now.code = !now.code;
    } else if (!now.code && text.substr(i).starts_with("**")) {
      now.strong = !now.strong;
      ++i;
    } else if (!now.code && c == '*' && (now.emphasis || opens_emphasis(text, i))) {
      now.emphasis = !now.emphasis;
    } else if (c == ' ') {
      end_word();
    } else {
      if (current.empty() || current.back().how != now) current.push_back({now, {}});
      current.back().text += c;
    }
  }
  end_word();
  return words;
}

std::string_view code_of(marks how) {
  if (how.code) return "\x1b[36m";
  if (how.strong) return "\x1b[1m";
  if (how.emphasis) return "\x1b[4m";
  return {};
}

class terminal_page {
 public:
  explicit terminal_page(const page_style& style)
      : width_(std::max(style.width, width_min)), colour_(style.colour) {}

  void read(std::string_view line) {
    if (line.starts_with("```")) {
      end_paragraph();
      in_code_ = !in_code_;
    } else if (in_code_ || line.starts_with('|')) {
      end_paragraph();
      verbatim(line);
    } else if (line.starts_with("<!--")) {
      end_paragraph();
    } else if (line.find_first_not_of(blanks) == line.npos) {
      end_paragraph();
      blank_wanted_ = !text_.empty();
    } else if (line.starts_with('#')) {
      heading(line);
    } else {
      prose(line);
    }
  }

  std::string take() {
    end_paragraph();
    return std::move(text_);
  }

 private:
  void start_block() {
    if (std::exchange(blank_wanted_, false)) text_ += '\n';
  }

  void verbatim(std::string_view line) {
    start_block();
    if (!line.empty()) text_.append(code_indent).append(line);
    text_ += '\n';
  }

  void heading(std::string_view line) {
    end_paragraph();
    start_block();
    const auto title = line.find_first_not_of("# ");
    if (title == line.npos) return;
    line.remove_prefix(title);
    // A heading stands out by its colour alone; its words may be longer than a line.
    text_ += paint({.strong = true}, line);
    text_ += '\n';
  }

  /// The length of "- " or "12. " with the blanks before it, or 0.
  static std::size_t list_marker(std::string_view line) {
    const auto start = line.find_first_not_of(blanks);
    if (line.substr(start).starts_with("- ")) return start + 2;
    auto end = start;
    while (end < line.size() && std::isdigit(static_cast<unsigned char>(line[end])) != 0) ++end;
    return end > start && line.substr(end).starts_with(". ") ? end + 2 : 0;
  }

  void prose(std::string_view line) {
    if (const auto marker = list_marker(line); marker > 0) {
      end_paragraph();
      lead_ = line.substr(0, marker);
      paragraph_ = line.substr(marker);
      return;
    }
    const auto start = line.find_first_not_of(blanks);
    if (paragraph_.empty()) {
      lead_ = line.substr(0, start);
    } else {
      paragraph_ += ' ';
    }
    paragraph_ += line.substr(start);
  }

  void end_paragraph() {
    if (paragraph_.empty()) return;
    start_block();
    text_ += lead_;
    auto used = lead_.size();
    bool first = true;
    for (const auto& w : words_of(std::exchange(paragraph_, {}))) {
      const auto size = columns_of(w);
      if (!first && used + 1 + size > width_) {
        text_.append("\n").append(lead_.size(), ' ');
        used = lead_.size();
      } else if (!first) {
        text_ += ' ';
        ++used;
      }
      for (const auto& r : w) text_ += paint(r.how, r.text);
      used += size;
      first = false;
    }
    text_ += '\n';
  }

  [[nodiscard]] std::string paint(marks how, std::string_view text) const {
    const auto code = colour_ ? code_of(how) : std::string_view{};
    if (code.empty()) return std::string(text);
    return std::string(code).append(text).append("\x1b[0m");
  }

  std::size_t width_;
  bool colour_;
  bool in_code_ = false;
  bool blank_wanted_ = false;
  std::string lead_;
  std::string paragraph_;
  std::string text_;
};

}  // namespace

std::string terminal_text(std::string_view markdown, const page_style& style) {
  terminal_page page(style);
  while (!markdown.empty()) {
    const auto end = markdown.find('\n');
    page.read(markdown.substr(0, end));
    markdown.remove_prefix(end == markdown.npos ? markdown.size() : end + 1);
  }
  return page.take();
}

}  // namespace waitstate::cli
