#include "http/chunk_scanner.h"

#include <algorithm>

#include "http/http_chars.h"
#include "http/known_field.h"

namespace waitstate::sidecar {
namespace {

constexpr std::uint16_t extensions_max = 4U << 10;
constexpr std::uint16_t trailers_max = 16U << 10;
constexpr int digits_max = 16;

/// -1: none.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x20 || u == 0x7f;
}

}  // namespace

std::size_t chunk_scanner::take(std::string_view bytes, std::string* data) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_done() && refused_.empty()) {
    if (at_ == place::data) {
      const auto part = std::min<std::uint64_t>(left_, bytes.size() - taken);
      if (data != nullptr) data->append(bytes.substr(taken, part));
      taken += part;
      left_ -= part;
      if (left_ == 0) at_ = place::data_cr;
    } else {
      step(bytes[taken++]);
    }
  }
  return refused_.empty() ? taken : 0;
}

void chunk_scanner::step(char c) {
  switch (at_) {
    case place::size: take_size(c); break;
    case place::extension: take_extension(c); break;
    case place::size_lf: take_size_lf(c); break;
    case place::data_cr: expect(c, '\r', place::data_lf); break;
    case place::data_lf: expect(c, '\n', place::size); break;
    case place::line_start: take_line_start(c); break;
    case place::trailer_name: take_trailer_name(c); break;
    case place::trailer_value: take_trailer_value(c); break;
    case place::trailer_lf: expect(c, '\n', place::line_start); break;
    case place::last_lf: expect(c, '\n', place::done); break;
    case place::data:
    case place::done: break;
  }
}

void chunk_scanner::expect(char c, char wanted, place next) {
  if (c != wanted) return refuse("a chunk or line that does not end where it has to");
  at_ = next;
}

void chunk_scanner::take_size(char c) {
  if (const int digit = hex_digit(c); digit >= 0) {
    if (++digits_ > digits_max) return refuse("a chunk size of more than 16 digits");
    left_ = left_ << 4U | static_cast<unsigned>(digit);
    if (left_ >> 63U != 0) refuse("a chunk size that is too large");
    return;
  }
  if (digits_ == 0 || (c != '\r' && c != ';')) return refuse("a chunk size that is no number");
  digits_ = 0;
  at_ = c == ';' ? place::extension : place::size_lf;
}

void chunk_scanner::take_extension(char c) {
  if (c == '\r') {
    at_ = place::size_lf;
  } else if (is_control(c)) {
    refuse("a control character in a chunk extension");
  } else if (++extensions_ > extensions_max) {
    refuse("chunk extensions of more than 4 KiB");
  }
}

void chunk_scanner::take_size_lf(char c) {
  expect(c, '\n', left_ == 0 ? place::line_start : place::data);
}

void chunk_scanner::take_line_start(char c) {
  if (c == '\r') {
    at_ = place::last_lf;
    return;
  }
  name_size_ = 0;
  at_ = place::trailer_name;
  take_trailer_name(c);
}

void chunk_scanner::take_trailer_name(char c) {
  if (++trailers_ > trailers_max) return refuse("trailers of more than 16 KiB");
  if (is_token_char(c)) {
    if (name_size_ < name_.size()) name_.at(name_size_) = c;
    name_size_ =
        static_cast<std::uint8_t>(std::min<std::size_t>(name_size_ + 1U, name_.size() + 1));
    return;
  }
  if (c != ':' || name_size_ == 0) return refuse("a trailer line that is none");
  const bool is_known = name_size_ <= name_.size() &&
                        known_field_of({name_.data(), name_size_}) != known_field::other;
  if (is_known) return refuse("a trailer that frames or routes the message");
  at_ = place::trailer_value;
}

void chunk_scanner::take_trailer_value(char c) {
  if (c == '\r') {
    at_ = place::trailer_lf;
  } else if (is_control(c) && c != '\t') {
    refuse("a control character in a trailer");
  } else if (++trailers_ > trailers_max) {
    refuse("trailers of more than 16 KiB");
  }
}

}  // namespace waitstate::sidecar
