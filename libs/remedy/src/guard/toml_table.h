#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Errors as values, and nothing that writes TOML.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "waitstate/base/result.h"

namespace waitstate::remedy::guard {

/// "line 3, column 9: ..." of what is wrong there.
[[nodiscard]] failure wrong_at(const toml::source_region& where, std::string_view what,
                               std::string hint);

/// From where to where a number may be; both included.
struct bounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// A table of a TOML text whose values are read with their places in it. Each take() leaves its
/// target as it was where the key is not there, and fails where the value is of another kind. The
/// text's document must outlive it.
class toml_table {
 public:
  explicit toml_table(const toml::table& table) : table_(&table) {}

  /// Fails for a key that is none of these.
  [[nodiscard]] result<> knows_only(std::span<const std::string_view> keys) const;
  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }

  [[nodiscard]] result<> take(std::string_view key, std::string& into) const;
  [[nodiscard]] result<> take(std::string_view key, bool& into) const;
  [[nodiscard]] result<> take(std::string_view key, std::vector<std::string>& into) const;
  [[nodiscard]] result<> take(std::string_view key, std::optional<std::uint64_t>& into,
                              bounds within) const;
  /// "50%", from 1% to 100%.
  [[nodiscard]] result<> take_percent(std::string_view key,
                                      std::optional<std::uint64_t>& into) const;
  /// "10s", from one duration to the other.
  [[nodiscard]] result<> take(std::string_view key, std::optional<std::chrono::milliseconds>& into,
                              std::chrono::milliseconds low, std::chrono::milliseconds high) const;
  [[nodiscard]] result<std::optional<toml_table>> table(std::string_view key) const;
  /// The tables of [[key]].
  [[nodiscard]] result<std::vector<toml_table>> tables(std::string_view key) const;

  /// An error at the value of a key; at the table where it has no such key.
  [[nodiscard]] failure wrong(std::string_view key, std::string_view what, std::string hint) const;

 private:
  const toml::table* table_;
};

}  // namespace waitstate::remedy::guard
