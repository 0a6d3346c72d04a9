#include "redis/resp_request_scanner.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

// "*1048576" or "$536870912", and its end.
constexpr std::size_t number_line_max = 16;
constexpr std::string_view blanks = " \t";

/// Calls `each` with every word of the line.
template <class Each>
void split(std::string_view line, const Each& each) {
  while (true) {
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(blanks), line.size());
    each(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= ' ' || c == '\t') && byte != 0x7f && c != '"' && c != '\'';
}

}  // namespace

resp_request_scanner::state resp_request_scanner::refuse(std::string_view why) {
  refused_ = why;
  return state::refused;
}

void resp_request_scanner::reset() {
  at_ = wanted_ = found_ = 0;
  needed_ = 1;
  is_inline_ = false;
}

resp_request_scanner::state resp_request_scanner::scan(std::string_view bytes) {
  if (!refused_.empty()) return state::refused;
  if (bytes.size() < needed_) return state::incomplete;
  return bytes.front() == '*' ? scan_bulks(bytes) : scan_inline(bytes);
}

resp_request_scanner::state resp_request_scanner::scan_inline(std::string_view bytes) {
  is_inline_ = true;
  const auto end = bytes.find('\n', needed_ - 1);
  if (std::min(end, bytes.size()) > std::min(inline_max, size_max_)) {
    return refuse("Protocol error: too big inline request");
  }
  if (end == std::string_view::npos) {
    needed_ = bytes.size() + 1;
    return state::incomplete;
  }
  at_ = end + 1;
  auto words = bytes.substr(0, end);
  if (words.ends_with('\r')) words.remove_suffix(1);
  if (!std::ranges::all_of(words, is_plain)) {
    return refuse("Protocol error: quotes or control characters in an inline request");
  }
  found_ = 0;
  split(words, [&](std::string_view word) {
    found(static_cast<std::size_t>(word.data() - bytes.data()), word.size());
  });
  return found_ == 0 ? state::nothing : state::complete;
}

resp_request_scanner::line resp_request_scanner::take_number(std::string_view bytes, char mark,
                                                             std::size_t most, std::size_t& into) {
  const auto rest = bytes.substr(at_, number_line_max);
  if (rest.empty()) return line::incomplete;
  if (rest.front() != mark) return line::refused;
  const auto end = rest.find('\r');
  const auto digits = rest.substr(1, std::min(end, rest.size()) - 1);
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
  const bool is_number = problem == std::errc() && stop == digits.data() + digits.size() &&
                         into <= most && (digits.size() == 1 || digits.front() != '0');
  if (!is_number && !digits.empty()) return line::refused;
  if (end == std::string_view::npos || end + 1 == rest.size()) {
    return rest.size() < number_line_max ? line::incomplete : line::refused;
  }
  if (digits.empty() || rest[end + 1] != '\n') return line::refused;
  at_ += end + 2;
  return line::number;
}

void resp_request_scanner::found(std::size_t at, std::size_t size) {
  if (found_ < arguments_kept) {
    places_.at(found_) = {.at = static_cast<std::uint32_t>(at),
                          .size = static_cast<std::uint32_t>(size)};
  }
  ++found_;
}

resp_request_scanner::arguments_type resp_request_scanner::arguments(std::string_view bytes) const {
  arguments_type all;
  for (std::size_t i = 0; i < std::min(found_, arguments_kept); ++i) {
    all.push_back(bytes.substr(places_.at(i).at, places_.at(i).size));
  }
  return all;
}

resp_request_scanner::state resp_request_scanner::scan_bulks(std::string_view bytes) {
  const auto wait_for = [this](std::size_t size) {
    needed_ = size;
    return state::incomplete;
  };
  if (wanted_ == 0) {
    const auto got = take_number(bytes, '*', arguments_max, wanted_);
    if (got == line::refused) return refuse("Protocol error: invalid multibulk length");
    if (got == line::incomplete) {
      wanted_ = 0;
      return wait_for(bytes.size() + 1);
    }
    if (wanted_ == 0) return state::nothing;
  }
  while (found_ < wanted_) {
    const auto before = at_;
    std::size_t size = 0;
    const auto got = take_number(bytes, '$', size_max_, size);
    if (got == line::refused) return refuse("Protocol error: invalid bulk length");
    if (got == line::incomplete) return wait_for(bytes.size() + 1);
    if (at_ + size + 2 > size_max_) return refuse("Protocol error: request too big");
    if (bytes.size() < at_ + size + 2) {
      // The line of its size is read again then.
      const auto end = at_ + size + 2;
      at_ = before;
      return wait_for(end);
    }
    if (bytes[at_ + size] != '\r' || bytes[at_ + size + 1] != '\n') {
      return refuse("Protocol error: a bulk string that does not end after its length");
    }
    found(at_, size);
    at_ += size + 2;
  }
  return state::complete;
}

std::string as_array(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  std::size_t count = 0;
  std::string bulks;
  split(line, [&](std::string_view word) {
    fmt::format_to(std::back_inserter(bulks), "${}\r\n{}\r\n", word.size(), word);
    ++count;
  });
  return fmt::format("*{}\r\n{}", count, bulks);
}

}  // namespace waitstate::sidecar
