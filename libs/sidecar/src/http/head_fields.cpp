#include "http/head_fields.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "http/field_lines.h"
#include "http/http_chars.h"
#include "http/known_field.h"

namespace waitstate::sidecar {
namespace {

constexpr std::string_view too_many_pieces = "lines for this connection amid too many others";

/// What else Connection names: lines that are not sent on, wherever they are.
using named_fields = boost::container::static_vector<std::string_view, 16>;

/// Calls `take` with each element of a list that is not empty, until it returns false.
template <typename Take>
bool for_each_element(std::string_view list, Take take) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const auto element = trimmed(list.substr(0, end));
    if (!element.empty() && !take(element)) return false;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return true;
}

/// Puts kept lines into pieces: those that are beside each other are one.
class piece_list {
 public:
  explicit piece_list(head_pieces& into) : into_(into) {}

  bool add(std::string_view line) {
    if (!into_.empty() && into_.back().data() + into_.back().size() == line.data()) {
      into_.back() = {into_.back().data(), into_.back().size() + line.size()};
      return true;
    }
    if (into_.size() == into_.capacity()) return false;
    into_.push_back(line);
    return true;
  }

 private:
  head_pieces& into_;
};

/// The fields of one head as they come.
class gathering {
 public:
  gathering(head_fields& into, bool keeps_length)
      : into_(into), pieces_(into.lines), keeps_length_(keeps_length) {}

  /// Why the head is refused; empty: it is not.
  std::string_view take(const field_line& line);
  /// The same, once all lines are there.
  std::string_view finish();

 private:
  std::string_view take_length(const field_line& line);
  std::string_view take_coding(std::string_view value);
  std::string_view take_connection(std::string_view value);
  std::string_view take_host(std::string_view value);
  void take_expect(std::string_view value);
  void take_upgrade(std::string_view value);
  std::string_view keep(std::string_view line) {
    return pieces_.add(line) ? std::string_view{} : too_many_pieces;
  }
  [[nodiscard]] bool is_named(std::string_view name) const;
  std::string_view leave_out_named();

  head_fields& into_;
  piece_list pieces_;
  named_fields named_;
  bool keeps_length_;
  int upgrades_ = 0;
};

std::string_view gathering::take(const field_line& line) {
  switch (known_field_of(line.name)) {
    case known_field::other:
    case known_field::trailer: return keep(line.whole);
    case known_field::connection: return take_connection(line.value);
    case known_field::content_length: return take_length(line);
    case known_field::transfer_encoding: return take_coding(line.value);
    case known_field::host: return take_host(line.value);
    case known_field::lookalike: return "a name that looks like one that frames the message";
    case known_field::expect: take_expect(line.value); return {};
    case known_field::upgrade: take_upgrade(line.value); return {};
    case known_field::keep_alive:
      if (into_.keep_alive.empty()) into_.keep_alive = line.value;
      return {};
    case known_field::proxy_authorization:
    case known_field::proxy_connection:
    case known_field::te: return {};
  }
  return {};
}

std::string_view gathering::take_length(const field_line& line) {
  if (into_.has_length) return "two Content-Lengths";
  into_.has_length = true;
  const auto* const end = line.value.data() + line.value.size();
  const auto [at, wrong] = std::from_chars(line.value.data(), end, into_.length);
  const bool is_number = wrong == std::errc{} && at == end && line.value.size() <= 19 &&
                         into_.length <= std::numeric_limits<std::int64_t>::max();
  if (!is_number) return "a Content-Length that is no number, or too large";
  return keeps_length_ ? keep(line.whole) : std::string_view{};
}

std::string_view gathering::take_coding(std::string_view value) {
  if (into_.is_chunked) return "two Transfer-Encodings";
  into_.is_chunked = true;
  return is_name(value, "chunked") ? std::string_view{}
                                   : "a Transfer-Encoding other than chunked alone";
}

std::string_view gathering::take_connection(std::string_view value) {
  std::string_view why;
  for_each_element(value, [&](std::string_view option) {
    if (is_name(option, "close")) {
      into_.says_close = true;
    } else if (is_name(option, "keep-alive")) {
      into_.says_keep_alive = true;
    } else if (is_name(option, "upgrade")) {
      into_.names_upgrade = true;
    } else if (!is_token(option)) {
      why = "a Connection that is no list of names";
    } else if (const auto known = known_field_of(option);
               known == known_field::host || known == known_field::content_length ||
               known == known_field::transfer_encoding || known == known_field::lookalike) {
      why = "a Connection that names what frames or routes the message";
    } else if (known == known_field::other || known == known_field::trailer) {
      if (named_.size() == named_.capacity()) {
        why = "a Connection with too many names";
      } else {
        named_.push_back(option);
      }
    }
    return why.empty();
  });
  return why;
}

std::string_view gathering::take_host(std::string_view value) {
  if (into_.has_host) return "two Hosts";
  into_.has_host = true;
  into_.host = value;
  return {};
}

void gathering::take_expect(std::string_view value) {
  (is_name(value, "100-continue") ? into_.expects_continue : into_.expects_more) = true;
}

void gathering::take_upgrade(std::string_view value) {
  const bool is_list = std::all_of(value.begin(), value.end(), [](char c) {
    return is_token_char(c) || c == '/' || c == ',' || c == ' ';
  });
  const bool has_none_of_ours = for_each_element(
      value, [](std::string_view protocol) { return !is_name(protocol.substr(0, 3), "h2c"); });
  into_.upgrade = ++upgrades_ == 1 && is_list && has_none_of_ours ? value : std::string_view{};
}

bool gathering::is_named(std::string_view name) const {
  return std::any_of(named_.begin(), named_.end(), [&](std::string_view one) {
    return std::equal(one.begin(), one.end(), name.begin(), name.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
  });
}

std::string_view gathering::finish() {
  if (into_.has_length && into_.is_chunked) return "Content-Length beside Transfer-Encoding";
  return named_.empty() ? std::string_view{} : leave_out_named();
}

std::string_view gathering::leave_out_named() {
  const head_pieces all = into_.lines;
  into_.lines.clear();
  for (const auto piece : all) {
    field_lines lines(piece, 0);
    field_line line;
    while (lines.next(line) == line_kind::field) {
      if (is_named(line.name)) continue;
      if (const auto why = keep(line.whole); !why.empty()) return why;
    }
  }
  return {};
}

}  // namespace

parse_state read_fields(std::string_view bytes, std::size_t at, bool keeps_length,
                        head_fields& into, std::string_view& why) {
  gathering fields(into, keeps_length);
  field_lines lines(bytes, at);
  field_line line;
  for (;;) {
    switch (lines.next(line)) {
      case line_kind::incomplete: return parse_state::incomplete;
      case line_kind::refused: why = lines.refused(); return parse_state::refused;
      case line_kind::field: why = fields.take(line); break;
      case line_kind::last:
        into.size = lines.at();
        why = fields.finish();
        return why.empty() ? parse_state::complete : parse_state::refused;
    }
    if (!why.empty()) return parse_state::refused;
  }
}

}  // namespace waitstate::sidecar
