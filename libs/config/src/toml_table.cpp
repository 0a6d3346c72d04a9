#include "waitstate/config/toml_table.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "waitstate/base/duration.h"
#include "waitstate/base/spelling.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"

namespace waitstate::config {

failure wrong_at(const toml::source_region& where, std::string_view what, std::string hint) {
  const auto& at = where.begin;
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("line {}, column {}: {}", at.line, at.column, what),
                  .hint = std::move(hint)});
}

failure toml_table::wrong(std::string_view key, std::string_view what, std::string hint) const {
  const auto* const value = table_->get(key);
  return wrong_at(value == nullptr ? table_->source() : value->source(), what, std::move(hint));
}

result<> toml_table::knows_only(std::span<const std::string_view> keys) const {
  for (const auto& [key, value] : *table_) {
    if (std::ranges::find(keys, key.str()) != keys.end()) continue;
    const std::vector<std::string> known(keys.begin(), keys.end());
    const auto nearest = nearest_word(key.str(), known);
    return wrong_at(key.source(), fmt::format("there is no key '{}' here", quotable(key.str())),
                    nearest.empty() ? fmt::format("one of {}", fmt::join(keys, ", "))
                                    : fmt::format("did you mean {}?", nearest));
  }
  return {};
}

result<> toml_table::take(std::string_view key, std::string& into) const {
  const auto* const value = table_->get(key);
  if (value == nullptr) return {};
  const auto* const text = value->as_string();
  if (text == nullptr) {
    return wrong(key, fmt::format("{} is no text", key), fmt::format(R"({} = "...")", key));
  }
  into = text->get();
  return {};
}

result<> toml_table::take(std::string_view key, bool& into) const {
  const auto* const value = table_->get(key);
  if (value == nullptr) return {};
  const auto* const flag = value->as_boolean();
  if (flag == nullptr) {
    return wrong(key, fmt::format("{} is neither true nor false", key),
                 fmt::format("{} = true", key));
  }
  into = flag->get();
  return {};
}

result<> toml_table::take(std::string_view key, std::vector<std::string>& into) const {
  const auto* const value = table_->get(key);
  if (value == nullptr) return {};
  const auto* const list = value->as_array();
  const auto hint = [&] { return fmt::format(R"({} = ["/path/to/program", "argument"])", key); };
  if (list == nullptr) return wrong(key, fmt::format("{} is no list of texts", key), hint());
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const auto& one : *list) {
    const auto* const text = one.as_string();
    if (text == nullptr) {
      return wrong_at(one.source(), fmt::format("a word of {} is no text", key), hint());
    }
    texts.push_back(text->get());
  }
  into = std::move(texts);
  return {};
}

result<> toml_table::take(std::string_view key, std::optional<std::uint64_t>& into,
                          bounds within) const {
  const auto* const value = table_->get(key);
  if (value == nullptr) return {};
  const auto* const number = value->as_integer();
  const bool is_good = number != nullptr && number->get() >= 0 &&
                       static_cast<std::uint64_t>(number->get()) >= within.low &&
                       static_cast<std::uint64_t>(number->get()) <= within.high;
  if (!is_good) {
    return wrong(key,
                 fmt::format("{} is not a number from {} to {}", key, grouped(within.low),
                             grouped(within.high)),
                 fmt::format("{} = {}", key, within.low));
  }
  into = static_cast<std::uint64_t>(number->get());
  return {};
}

result<> toml_table::take_percent(std::string_view key, std::optional<std::uint64_t>& into) const {
  std::string text;
  if (!has(key)) return {};
  const auto refused = [&] {
    return wrong(key, fmt::format("{} is not a share from 1% to 100%", key),
                 fmt::format(R"({} = "50%")", key));
  };
  if (!take(key, text) || !text.ends_with('%')) return refused();
  std::uint64_t percent = 0;
  const auto* const end = text.data() + text.size() - 1;
  const auto [rest, status] = std::from_chars(text.data(), end, percent);
  if (status != std::errc{} || rest != end || percent < 1 || percent > 100) return refused();
  into = percent;
  return {};
}

result<> toml_table::take(std::string_view key, std::optional<std::chrono::milliseconds>& into,
                          std::chrono::milliseconds low, std::chrono::milliseconds high) const {
  std::string text;
  if (!has(key)) return {};
  const auto is_text = take(key, text);
  const auto duration = is_text ? parse_duration(text) : parse_duration("");
  if (!is_text || !duration || *duration < low || *duration > high) {
    return wrong(key,
                 fmt::format("{} is not a duration from {} to {}", key, duration_word(low),
                             duration_word(high)),
                 fmt::format(R"({} = "{}")", key, duration_word(low)));
  }
  into = *duration;
  return {};
}

result<std::optional<toml_table>> toml_table::table(std::string_view key) const {
  const auto* const value = table_->get(key);
  if (value == nullptr) return std::nullopt;
  const auto* const table = value->as_table();
  if (table == nullptr) {
    return wrong(key, fmt::format("{} is no table", key), fmt::format("{} = {{ ... }}", key));
  }
  return toml_table(*table);
}

result<std::vector<toml_table>> toml_table::tables(std::string_view key) const {
  std::vector<toml_table> all;
  const auto* const value = table_->get(key);
  if (value == nullptr) return all;
  const auto* const list = value->as_array();
  if (list == nullptr) {
    return wrong(key, fmt::format("{} is one table and not a list of them", key),
                 fmt::format("[[{}]]", key));
  }
  all.reserve(list->size());
  for (const auto& one : *list) {
    const auto* const table = one.as_table();
    if (table == nullptr) {
      return wrong_at(one.source(), fmt::format("this {} is no table", key),
                      fmt::format("[[{}]]", key));
    }
    all.emplace_back(*table);
  }
  return all;
}

}  // namespace waitstate::config
