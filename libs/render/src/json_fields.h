#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "waitstate/base/error.h"
#include "waitstate/base/words.h"

namespace waitstate::render {

/// Reads the fields of a JSON object that anybody may have written. The first field that is missing
/// or holds something else is kept as an error with its path; what is read then is empty. So a
/// reader says what it wants, one field after the other, and asks once at its end.
class json_fields {
 public:
  /// Both outlive it. Whatever `value` is: no object has no fields.
  json_fields(const nlohmann::json& value, std::optional<error>& failed)
      : json_fields(value, {}, failed) {}

  [[nodiscard]] std::string text(std::string_view key) const;
  /// Empty for null.
  [[nodiscard]] std::string text_or_null(std::string_view key) const;

  /// A whole number from 0 to `most`.
  [[nodiscard]] std::uint64_t number(std::string_view key, std::uint64_t most = any) const;
  [[nodiscard]] std::optional<std::uint64_t> number_or_null(std::string_view key,
                                                            std::uint64_t most = any) const;

  /// A text that `parse` takes: a function from a text to an optional.
  template <class Parse>
  [[nodiscard]] auto word(std::string_view key, Parse parse) const {
    const auto name = text(key);
    const auto value = parse(name);
    if (!value) refuse(key, fmt::format("'{}' is not known", quotable(name)));
    return value.value_or(typename decltype(parse(name))::value_type{});
  }

  /// An object in this one, and each object of an array.
  [[nodiscard]] json_fields object(std::string_view key) const;
  [[nodiscard]] std::vector<json_fields> list(std::string_view key) const;
  /// The names of all its fields.
  [[nodiscard]] std::vector<std::string> names() const;

  void refuse(std::string_view key, std::string_view why) const;

 private:
  static constexpr auto any = std::numeric_limits<std::uint64_t>::max();

  json_fields(const nlohmann::json& value, std::string path, std::optional<error>& failed)
      : value_(&value), path_(std::move(path)), failed_(&failed) {}

  [[nodiscard]] const nlohmann::json& at(std::string_view key) const;
  [[nodiscard]] std::string path_to(std::string_view key) const;

  const nlohmann::json* value_;
  std::string path_;
  std::optional<error>* failed_;
};

}  // namespace waitstate::render
