#include "http_retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace waitstate::client {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status != std::errc{} || rest != end) return std::nullopt;
  return number;
}

/// The parts of a date: "Sun, 06 Nov 1994 08:49:37 GMT" has "06", "Nov", "1994" and "08:49:37".
struct date_text {
  std::string_view day;
  std::string_view month;
  std::string_view year;
  std::string_view time;
};

/// Takes a word off, up to one of these bytes and past all that follow.
std::string_view next_word(std::string_view& rest, std::string_view ends) {
  const auto end = std::min(rest.find_first_of(ends), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.find_first_not_of(ends, end), rest.size()));
  return word;
}

std::optional<date_text> parts_of(std::string_view text) {
  date_text d;
  const auto comma = text.find(',');
  next_word(text, " ,");  // the day of the week says nothing new
  if (comma == text.npos) {
    // "Sun Nov  6 08:49:37 1994"
    d.month = next_word(text, " ");
    d.day = next_word(text, " ");
    d.time = next_word(text, " ");
    d.year = next_word(text, " ");
    return text.empty() ? std::optional(d) : std::nullopt;
  }
  // "06 Nov 1994 08:49:37 GMT" and "06-Nov-94 08:49:37 GMT"
  d.day = next_word(text, " -");
  d.month = next_word(text, " -");
  d.year = next_word(text, " -");
  d.time = next_word(text, " ");
  return text == "GMT" ? std::optional(d) : std::nullopt;
}

std::optional<std::chrono::sys_seconds> time_of(const date_text& d) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto month = std::ranges::find(months, d.month);
  const auto day = number_in<unsigned>(d.day);
  auto year = number_in<int>(d.year);
  const bool is_time = d.time.size() == 8 && d.time[2] == ':' && d.time[5] == ':';
  if (month == months.end() || !day || !year || !is_time) return std::nullopt;
  // Of two digits, the year that is not more than half a century away.
  if (d.year.size() == 2) *year += *year < 70 ? 2000 : 1900;
  const auto hours = number_in<unsigned>(d.time.substr(0, 2));
  const auto minutes = number_in<unsigned>(d.time.substr(3, 2));
  const auto seconds = number_in<unsigned>(d.time.substr(6, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  const auto number = static_cast<unsigned>(month - months.begin()) + 1;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(number),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(std::string_view header_value,
                                                std::chrono::system_clock::time_point now) {
  if (const auto seconds = number_in<std::uint32_t>(header_value)) {
    return std::chrono::seconds(*seconds);
  }
  const auto parts = parts_of(header_value);
  const auto at = parts ? time_of(*parts) : std::nullopt;
  if (!at) return std::nullopt;
  return std::max(std::chrono::ceil<std::chrono::seconds>(*at - now), std::chrono::seconds(0));
}

}  // namespace waitstate::client
