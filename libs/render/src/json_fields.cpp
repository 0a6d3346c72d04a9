#include "json_fields.h"

#include <cstddef>

namespace waitstate::render {
namespace {

const nlohmann::json& nothing() {
  static const nlohmann::json null;
  return null;
}

}  // namespace

std::string json_fields::path_to(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void json_fields::refuse(std::string_view key, std::string_view why) const {
  if (*failed_) return;
  *failed_ = {.code = errc::corrupt,
              .what = fmt::format("field '{}': {}", quotable(path_to(key)), why),
              .hint = "it takes what `waitstate diagnose --json` printed"};
}

const nlohmann::json& json_fields::at(std::string_view key) const {
  if (!value_->is_object()) return nothing();
  const auto found = value_->find(key);
  return found == value_->end() ? nothing() : *found;
}

std::string json_fields::text(std::string_view key) const {
  const auto& value = at(key);
  if (value.is_string()) return value.get<std::string>();
  refuse(key, "there is no text");
  return {};
}

std::string json_fields::text_or_null(std::string_view key) const {
  return at(key).is_null() ? std::string() : text(key);
}

std::uint64_t json_fields::number(std::string_view key, std::uint64_t most) const {
  const auto& value = at(key);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= most) {
    return value.get<std::uint64_t>();
  }
  refuse(key, most == any ? "there is no whole number"
                          : fmt::format("there is no whole number up to {}", most));
  return 0;
}

std::optional<std::uint64_t> json_fields::number_or_null(std::string_view key,
                                                         std::uint64_t most) const {
  if (at(key).is_null()) return std::nullopt;
  return number(key, most);
}

json_fields json_fields::object(std::string_view key) const {
  const auto& value = at(key);
  if (!value.is_object()) refuse(key, "there is no object");
  return {value, path_to(key), *failed_};
}

std::vector<json_fields> json_fields::list(std::string_view key) const {
  const auto& value = at(key);
  std::vector<json_fields> elements;
  if (!value.is_array()) {
    refuse(key, "there is no list");
    return elements;
  }
  elements.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    elements.push_back({value[i], fmt::format("{}[{}]", path_to(key), i), *failed_});
  }
  return elements;
}

std::vector<std::string> json_fields::names() const {
  std::vector<std::string> names;
  if (!value_->is_object()) return names;
  for (const auto& item : value_->items()) names.push_back(item.key());
  return names;
}

}  // namespace waitstate::render
