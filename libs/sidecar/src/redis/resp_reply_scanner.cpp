#include "redis/resp_reply_scanner.h"

#include <algorithm>

namespace waitstate::sidecar {
namespace {

constexpr std::string_view line_types = "+-:,(#_";
constexpr std::string_view string_types = "$=!";
constexpr std::string_view aggregate_types = "*~>%|";
constexpr std::size_t digits_max = 10;

}  // namespace

void resp_reply_scanner::reset() {
  at_ = place::type;
  type_ = 0;
  depth_ = 0;
}

bool resp_reply_scanner::refuse(std::string_view why) {
  refused_ = why;
  return false;
}

std::size_t resp_reply_scanner::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && at_ != place::done && refused_.empty()) {
    const auto rest = bytes.substr(taken);
    if (at_ == place::data) {
      const auto some = std::min<std::uint64_t>(left_, rest.size());
      left_ -= some;
      taken += some;
      if (left_ == 0) at_ = place::data_cr;
    } else if (at_ == place::line && !is_cr_seen_) {
      const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
      line_size_ += end;
      taken += end;
      if (line_size_ > line_max) {
        refuse("a line that is too long");
      } else if (end < rest.size()) {
        is_cr_seen_ = rest[end] == '\r';
        if (!is_cr_seen_) refuse("a line that ends with LF alone");
        ++taken;
      }
    } else if (step(rest.front())) {
      ++taken;
    }
  }
  return refused_.empty() ? taken : 0;
}

bool resp_reply_scanner::step(char c) {
  switch (at_) {
    case place::type: return begin_value(c);
    case place::line:
      if (c != '\n') return refuse("a CR within a line");
      value_ended();
      return true;
    case place::number: return number_digit(c);
    case place::number_lf:
      if (c != '\n') return refuse("a size that does not end with CR LF");
      return number_ended();
    case place::data_cr:
      if (c != '\r') return refuse("a string that does not end after its size");
      at_ = place::data_lf;
      return true;
    case place::data_lf:
      if (c != '\n') return refuse("a string that does not end after its size");
      value_ended();
      return true;
    case place::data:
    case place::done: break;
  }
  return refuse("more than one reply");
}

bool resp_reply_scanner::begin_value(char type) {
  if (type_ == 0) type_ = type;
  if (type == '>' && depth_ > 0) return refuse("a push within a reply");
  value_ = type;
  line_size_ = 0;
  left_ = 0;
  is_null_ = is_cr_seen_ = false;
  if (line_types.contains(type)) {
    at_ = place::line;
  } else if (string_types.contains(type) || aggregate_types.contains(type)) {
    at_ = place::number;
  } else {
    return refuse("a type that is none");
  }
  return true;
}

bool resp_reply_scanner::number_digit(char c) {
  if (c == '\r') {
    if (line_size_ == 0 || (is_null_ && (line_size_ != 2 || left_ != 1))) {
      return refuse("a size that is none");
    }
    at_ = place::number_lf;
    return true;
  }
  const bool has_null = value_ == '$' || value_ == '*';
  if (c == '-' && line_size_ == 0 && has_null) {
    is_null_ = true;
  } else if (c >= '0' && c <= '9' && line_size_ < digits_max) {
    left_ = left_ * 10 + static_cast<std::uint64_t>(c - '0');
  } else {
    return refuse("a size that is none");
  }
  ++line_size_;
  return true;
}

bool resp_reply_scanner::number_ended() {
  if (is_null_) {
    value_ended();
    return true;
  }
  if (string_types.contains(value_)) {
    if (left_ > bulk_max) return refuse("a string that is too long");
    at_ = left_ == 0 ? place::data_cr : place::data;
    return true;
  }
  if (left_ > elements_max) return refuse("an array that is too long");
  // An attribute stands before the value that it is of.
  if (value_ == '|') return push(2 * left_ + 1);
  return push(value_ == '%' ? 2 * left_ : left_);
}

bool resp_reply_scanner::push(std::uint64_t values) {
  if (values == 0) {
    value_ended();
    return true;
  }
  if (depth_ == depth_max) return refuse("a reply that is too deep");
  values_left_[depth_++] = values;
  at_ = place::type;
  return true;
}

void resp_reply_scanner::value_ended() {
  at_ = place::type;
  while (depth_ > 0) {
    if (--values_left_[depth_ - 1] > 0) return;
    --depth_;
  }
  at_ = place::done;
}

}  // namespace waitstate::sidecar
