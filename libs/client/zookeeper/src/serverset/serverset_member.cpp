#include "waitstate/client/zookeeper/serverset_member.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "serverset/serverset_json.h"
#include "serverset/serverset_thrift.h"
#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::array<std::string_view, 7> status_names{"DEAD",    "STARTING", "ALIVE",  "STOPPING",
                                                       "STOPPED", "WARNING",  "UNKNOWN"};

failure corrupt(std::string_view why) {
  return failure(
      {.code = errc::corrupt, .what = fmt::format("serverset member: {}", why), .hint = {}});
}

/// Nothing when it has more bits, whatever its sign.
template <class Number>
std::optional<Number> whole_number(const nlohmann::json& value) {
  const bool fits = value.is_number_unsigned() ? std::in_range<Number>(value.get<std::uint64_t>())
                                               : std::in_range<Number>(value.get<std::int64_t>());
  if (!fits) return std::nullopt;
  return value.get<Number>();
}

serverset_status status_in(const nlohmann::json& value) {
  if (value.is_number_integer())
    return serverset_status_of(whole_number<std::int64_t>(value).value_or(-1));
  if (!value.is_string()) return serverset_status::unknown;
  const auto at = std::ranges::find(status_names, value.get_ref<const std::string&>());
  const auto number = std::min<std::ptrdiff_t>(at - status_names.begin(), 6);
  return static_cast<serverset_status>(number);
}

/// Nothing when it is no endpoint at all.
std::optional<endpoint> endpoint_in(const nlohmann::json& value) {
  if (!value.is_object()) return std::nullopt;
  const auto host = value.find("host");
  const auto port = value.find("port");
  const bool has_host = host != value.end() && host->is_string();
  const bool has_port = port != value.end() && port->is_number_integer();
  return serverset_endpoint(has_host ? host->get_ref<const std::string&>() : std::string(),
                            has_port ? whole_number<std::uint16_t>(*port).value_or(0) : 0);
}

result<> read_additional(const nlohmann::json& from, serverset_member& into) {
  const auto list = from.find("additionalEndpoints");
  if (list == from.end() || list->is_null()) return {};
  if (!list->is_object()) return corrupt("'additionalEndpoints' is no object");
  for (const auto& [name, value] : list->items()) {
    auto at = endpoint_in(value);
    if (!at) return corrupt(fmt::format("the endpoint '{}' is no object", quotable(name)));
    into.additional.emplace(name, *std::move(at));
  }
  return {};
}

result<> read_optional(const nlohmann::json& from, serverset_member& into) {
  if (const auto shard = from.find("shard"); shard != from.end() && !shard->is_null()) {
    if (!shard->is_number_integer()) return corrupt("'shard' is no whole number");
    into.shard = whole_number<std::int32_t>(*shard);
    if (!into.shard) return corrupt("'shard' has over 32 bits");
  }
  const auto metadata = from.find("metadata");
  if (metadata == from.end() || !metadata->is_object()) return {};
  auto& known = into.metadata.emplace();
  for (const auto& [name, value] : metadata->items()) {
    if (value.is_string()) known.emplace(name, value.get<std::string>());
  }
  return {};
}

result<serverset_member> member_in(const nlohmann::json& from) {
  const auto service = from.find("serviceEndpoint");
  if (service == from.end()) return corrupt("no 'serviceEndpoint'");
  auto at = endpoint_in(*service);
  if (!at) return corrupt("'serviceEndpoint' is no object");
  const auto status = from.find("status");
  if (status == from.end()) return corrupt("no 'status'");

  serverset_member member{.service = *std::move(at), .status = status_in(*status)};
  if (auto read = read_additional(from, member); !read) return failure(std::move(read).error());
  if (auto read = read_optional(from, member); !read) return failure(std::move(read).error());
  return member;
}

void append_escaped(std::string& to, unsigned char c) {
  switch (c) {
    case '"': to += "\\\""; return;
    case '\\': to += "\\\\"; return;
    case '\t': to += "\\t"; return;
    case '\b': to += "\\b"; return;
    case '\n': to += "\\n"; return;
    case '\r': to += "\\r"; return;
    case '\f': to += "\\f"; return;
    default: break;
  }
  // Gson escapes what could end a script in a page.
  const bool is_special = c < 0x20 || c == '<' || c == '>' || c == '&' || c == '=' || c == '\'';
  if (is_special) {
    to += fmt::format("\\u{:04x}", c);
  } else {
    to += static_cast<char>(c);
  }
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    // The line ends of JavaScript that JSON allows.
    if (text.starts_with("\u2028") || text.starts_with("\u2029")) {
      out += text.starts_with("\u2028") ? "\\u2028" : "\\u2029";
      text.remove_prefix(3);
      continue;
    }
    append_escaped(out, static_cast<unsigned char>(text.front()));
    text.remove_prefix(1);
  }
  return out + '"';
}

std::string endpoint_json(const endpoint& at) {
  if (at.host.empty()) return fmt::format(R"({{"port":{}}})", at.port);
  return fmt::format(R"({{"host":{},"port":{}}})", json_text(at.host), at.port);
}

}  // namespace

std::string_view to_string(serverset_status s) {
  return status_names[static_cast<std::size_t>(s)];
}

result<serverset_member> parse_serverset_member(std::string_view data) {
  const auto json = parse_serverset_json(data, "serverset member");
  if (json) return member_in(*json);
  const bool is_meant_as_json = data.substr(0, 1) == "{";
  if (is_meant_as_json || data.size() > serverset_data_max) return failure(json.error());
  return parse_serverset_thrift(data);
}

std::string to_json(const serverset_member& member) {
  std::string text = fmt::format(R"({{"serviceEndpoint":{},"additionalEndpoints":{{)",
                                 endpoint_json(member.service));
  std::string_view between;
  for (const auto& [name, at] : member.additional) {
    text += fmt::format("{}{}:{}", std::exchange(between, ","), json_text(name), endpoint_json(at));
  }
  text += fmt::format(R"(}},"status":"{}")", to_string(member.status));
  if (member.shard) text += fmt::format(R"(,"shard":{})", *member.shard);
  if (member.metadata) {
    between = {};
    text += R"(,"metadata":{)";
    for (const auto& [name, value] : *member.metadata) {
      text +=
          fmt::format("{}{}:{}", std::exchange(between, ","), json_text(name), json_text(value));
    }
    text += '}';
  }
  return text + '}';
}

}  // namespace waitstate::client
