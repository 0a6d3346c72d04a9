#include "serverset/serverset_json.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/client/zookeeper/serverset_member.h"

namespace waitstate::client {
namespace {

constexpr int depth_max = 8;

failure corrupt(std::string_view step, std::string_view why) {
  return failure({.code = errc::corrupt, .what = fmt::format("{}: {}", step, why), .hint = {}});
}

}  // namespace

result<nlohmann::json> parse_serverset_json(std::string_view data, std::string_view step) {
  if (data.size() > serverset_data_max) {
    return corrupt(step, fmt::format("over {}", bytes(serverset_data_max)));
  }
  bool is_too_deep = false;
  const auto keep = [&](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    is_too_deep = is_too_deep || depth > depth_max;
    return !is_too_deep;
  };
  auto parsed = nlohmann::json::parse(data.begin(), data.end(), keep, false);
  if (is_too_deep) return corrupt(step, fmt::format("over {} levels of JSON", depth_max));
  if (parsed.is_discarded()) return corrupt(step, "not JSON");
  if (!parsed.is_object()) return corrupt(step, "not a JSON object");
  return parsed;
}

}  // namespace waitstate::client
