#include "waitstate/remedy/tune/journal.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "waitstate/kernel/setting_control.h"
#include "waitstate/remedy/tune/kernel_setting.h"
#include "waitstate/remedy/tune/tune.h"

namespace waitstate::remedy {
namespace {

using json = nlohmann::ordered_json;

constexpr int schema = 1;

/// Each byte as the character of that number, so that any bytes are text.
std::string as_text(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | (byte >> 6U));
      text += static_cast<char>(0x80 | (byte & 0x3fU));
    }
  }
  return text;
}

/// The reverse; of nothing but what as_text() makes.
std::optional<std::string> as_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
      continue;
    }
    const bool is_pair = (first == 0xc2 || first == 0xc3) && i + 1 < text.size();
    if (!is_pair) return std::nullopt;
    const auto second = static_cast<unsigned char>(text[++i]);
    bytes += static_cast<char>(((first & 0x03U) << 6U) | (second & 0x3fU));
  }
  return bytes;
}

failure corrupt(std::string_view why) {
  return failure({.code = errc::corrupt,
                  .what = fmt::format("it is no journal of waitstate tune: {}", why),
                  .hint = "move it away to begin anew; it then undoes nothing"});
}

/// Reads fields of one object, and remembers whether all were there.
class fields {
 public:
  explicit fields(const json& from) : from_(from) {}

  std::string text(const char* name) {
    const auto at = from_.find(name);
    if (at == from_.end() || !at->is_string()) {
      ok_ = false;
      return {};
    }
    auto bytes = as_bytes(at->get_ref<const std::string&>());
    ok_ = ok_ && bytes.has_value();
    return bytes.value_or(std::string());
  }
  std::uint64_t number(const char* name) {
    const auto at = from_.find(name);
    if (at != from_.end() && at->is_number_unsigned()) return at->get<std::uint64_t>();
    ok_ = false;
    return 0;
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> all;
    const auto at = from_.find(name);
    if (at == from_.end() || !at->is_array() || at->empty()) {
      ok_ = false;
      return all;
    }
    all.reserve(at->size());
    for (const auto& one : *at) {
      auto bytes = one.is_string() ? as_bytes(one.get_ref<const std::string&>()) : std::nullopt;
      ok_ = ok_ && bytes.has_value();
      all.push_back(std::move(bytes).value_or(std::string()));
    }
    return all;
  }
  [[nodiscard]] bool is_null(const char* name) const {
    const auto at = from_.find(name);
    return at == from_.end() || at->is_null();
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const json& from_;
  bool ok_ = true;
};

/// What is written back with our rights is what a tuning may have changed, and nothing else.
bool is_tuned(const std::string& key) {
  const auto setting = setting_named(key);
  return setting && (*setting)->key == key;
}

bool is_value(std::string_view text) {
  return text.size() <= kernel::setting_control::value_max &&
         text.find_first_of(std::string_view("\n\0", 2)) == text.npos;
}

result<journal_file> file_of(const json& object) {
  if (!object.is_object()) return corrupt("its file is none");
  fields in(object);
  journal_file file{.path = in.text("path"),
                    .mode_before = static_cast<std::uint32_t>(in.number("mode_before")),
                    .written = in.texts("written")};
  if (!in.is_null("before")) file.before = in.text("before");
  if (!in.ok()) return corrupt("its file is not whole");
  const std::filesystem::path path(file.path);
  if (!path.is_absolute() || path.filename() != tune_places::file_name) {
    return corrupt("its file is none that tune writes");
  }
  constexpr std::uint32_t mode_max = 0777;
  if (file.mode_before > mode_max) return corrupt("its file had no such mode");
  return file;
}

json texts_of(const std::vector<std::string>& all) {
  auto texts = json::array();
  for (const auto& one : all) texts.push_back(as_text(one));
  return texts;
}

/// Those of both, the later ones last.
void add_written(std::vector<std::string>& to, const std::vector<std::string>& later) {
  for (const auto& text : later) {
    std::erase(to, text);
    to.push_back(text);
  }
}

}  // namespace

std::string to_text(const tune_journal& journal) {
  json object{{"waitstate_tune", schema},
              {"boot_id", as_text(journal.boot_id)},
              {"net_namespace_inode", journal.net_namespace_inode},
              {"settings", json::array()},
              {"file", nullptr}};
  for (const auto& s : journal.settings) {
    object["settings"].push_back(
        {{"key", as_text(s.key)}, {"before", as_text(s.before)}, {"written", texts_of(s.written)}});
  }
  if (const auto& file = journal.file) {
    object["file"] = {{"path", as_text(file->path)},
                      {"before", file->before ? json(as_text(*file->before)) : json(nullptr)},
                      {"mode_before", file->mode_before},
                      {"written", texts_of(file->written)}};
  }
  return object.dump(2) + '\n';
}

result<tune_journal> parse_journal(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return corrupt("no JSON object");
  if (object.value("waitstate_tune", json()) != schema) return corrupt("another schema");
  fields in(object);
  tune_journal journal{.boot_id = in.text("boot_id"),
                       .net_namespace_inode = in.number("net_namespace_inode")};
  const auto settings = object.find("settings");
  if (!in.ok() || settings == object.end() || !settings->is_array()) return corrupt("fields lack");
  journal.settings.reserve(settings->size());
  for (const auto& one : *settings) {
    if (!one.is_object()) return corrupt("a setting is none");
    fields of(one);
    journal.settings.push_back(
        {.key = of.text("key"), .before = of.text("before"), .written = of.texts("written")});
    if (!of.ok()) return corrupt("a setting is not whole");
    const auto& s = journal.settings.back();
    if (!is_tuned(s.key) || !is_value(s.before)) return corrupt("a setting that tune changes not");
  }
  if (in.is_null("file")) return journal;
  auto file = file_of(object["file"]);
  if (!file) return failure(std::move(file).error());
  journal.file = *std::move(file);
  return journal;
}

tune_journal merged(tune_journal earlier, const tune_journal& later) {
  for (const auto& s : later.settings) {
    const auto at = std::ranges::find(earlier.settings, s.key, &journal_setting::key);
    if (at == earlier.settings.end()) {
      earlier.settings.push_back(s);
    } else {
      add_written(at->written, s.written);
    }
  }
  earlier.boot_id = later.boot_id;
  earlier.net_namespace_inode = later.net_namespace_inode;
  if (later.file && earlier.file && earlier.file->path == later.file->path) {
    add_written(earlier.file->written, later.file->written);
  } else if (later.file) {
    earlier.file = later.file;
  }
  return earlier;
}

}  // namespace waitstate::remedy
