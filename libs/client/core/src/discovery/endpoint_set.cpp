#include "waitstate/client/core/endpoint_set.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::string_view blanks = " \t\r";

failure bad_line(std::size_t number, std::string_view why) {
  return failure({.code = errc::corrupt,
                  .what = fmt::format("endpoint list: line {}: {}", number, why),
                  .hint = "one host:port or unix:/path per line, with a weight after a blank"});
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

std::optional<double> weight_in(std::string_view word) {
  double weight = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, status] = std::from_chars(word.data(), end, weight);
  if (status != std::errc{} || rest != end || !(weight >= 0 && weight <= weight_max)) {
    return std::nullopt;
  }
  return weight;
}

}  // namespace

std::string_view to_string(source_state s) {
  switch (s) {
    case source_state::pending: return "pending";
    case source_state::ok: return "ok";
    case source_state::stale: return "stale";
  }
  assert(false && "unknown state");
  return {};
}

result<std::vector<weighted_endpoint>> parse_endpoint_list(std::string_view text) {
  std::vector<weighted_endpoint> list;
  std::set<endpoint> known;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));

    const auto name = take_word(line);
    if (name.empty()) continue;
    auto at = parse_endpoint(name);
    if (!at) return bad_line(number, at.error().what);
    weighted_endpoint entry{.at = *std::move(at)};
    if (const auto weight = take_word(line); !weight.empty()) {
      const auto value = weight_in(weight);
      if (!value)
        return bad_line(number,
                        fmt::format("'{}' is no weight from 0 to 1,000,000", quotable(weight)));
      entry.weight = *value;
    }
    if (const auto more = take_word(line); !more.empty()) {
      return bad_line(number, fmt::format("'{}' after the weight", quotable(more)));
    }
    if (!known.insert(entry.at).second) {
      return bad_line(number, fmt::format("'{}' is there twice", quotable(name)));
    }
    list.push_back(std::move(entry));
  }
  if (list.empty()) {
    return failure(
        {.code = errc::corrupt, .what = "endpoint list: there is no endpoint in it", .hint = {}});
  }
  return list;
}

std::string to_text(const std::vector<weighted_endpoint>& list) {
  std::string text;
  for (const auto& entry : list) {
    text += to_string(entry.at);
    if (entry.weight != 1) text += fmt::format(" {}", entry.weight);
    text += '\n';
  }
  return text;
}

}  // namespace waitstate::client
