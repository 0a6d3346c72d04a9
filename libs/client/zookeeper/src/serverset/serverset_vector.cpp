#include "serverset/serverset_vector.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "serverset/serverset_json.h"
#include "waitstate/client/core/endpoint_set.h"

namespace waitstate::client {
namespace {

constexpr std::string_view by_inet = "inet=";
constexpr std::string_view by_member = "member=";
constexpr std::string_view by_shard = "shard=";

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<serverset_selector> selector_in(std::string_view select) {
  serverset_selector found;
  if (select.starts_with(by_inet)) {
    select.remove_prefix(by_inet.size());
    const auto colon = select.rfind(':');
    if (colon == 0 || colon == select.npos) return std::nullopt;
    const auto port = whole_number<std::uint16_t>(select.substr(colon + 1));
    if (!port) return std::nullopt;
    found.what = endpoint{.host = std::string(select.substr(0, colon)), .port = *port};
    return found;
  }
  if (select.starts_with(by_member)) {
    found.what = serverset_selector::member{std::string(select.substr(by_member.size()))};
    return found;
  }
  if (!select.starts_with(by_shard)) return std::nullopt;
  const auto number = whole_number<std::int32_t>(select.substr(by_shard.size()));
  if (!number) return std::nullopt;
  found.what = serverset_selector::shard{*number};
  return found;
}

std::optional<serverset_selector> selector_in(const nlohmann::json& entry) {
  if (!entry.is_object()) return std::nullopt;
  const auto select = entry.find("select");
  if (select == entry.end() || !select->is_string()) return std::nullopt;
  auto found = selector_in(std::string_view(select->get_ref<const std::string&>()));
  const auto weight = entry.find("weight");
  if (!found || weight == entry.end()) return found;
  if (!weight->is_number()) return std::nullopt;
  found->weight = weight->get<double>();
  return found;
}

bool is_for(const serverset_selector& selector, const serverset_candidate& of) {
  if (const auto* at = std::get_if<endpoint>(&selector.what)) return of.at && *of.at == *at;
  if (const auto* by = std::get_if<serverset_selector::member>(&selector.what)) {
    return by->node == of.node;
  }
  return of.shard == std::get<serverset_selector::shard>(selector.what).number;
}

}  // namespace

result<serverset_vector> parse_serverset_vector(std::string_view data) {
  const auto json = parse_serverset_json(data, "serverset vector");
  if (!json) return failure(json.error());
  const auto list = json->find("vector");
  if (list == json->end() || !list->is_array()) {
    return failure(
        {.code = errc::corrupt, .what = "serverset vector: no list 'vector'", .hint = {}});
  }
  serverset_vector vector;
  for (const auto& entry : *list) {
    auto found = selector_in(entry);
    if (found) {
      vector.selectors.push_back(*std::move(found));
    } else {
      ++vector.unusable;
    }
  }
  return vector;
}

std::size_t limit_selectors(std::vector<serverset_vector>& vectors, std::size_t most) {
  std::size_t cut = 0;
  for (auto& vector : vectors) {
    auto& selectors = vector.selectors;
    const auto kept = std::min(selectors.size(), most);
    cut += selectors.size() - kept;
    most -= kept;
    selectors.erase(selectors.begin() + static_cast<std::ptrdiff_t>(kept), selectors.end());
  }
  return cut;
}

std::optional<double> serverset_weight(const std::vector<serverset_vector>& vectors,
                                       const serverset_candidate& of) {
  double weight = 1;
  for (const auto& vector : vectors) {
    for (const auto& selector : vector.selectors) {
      if (!is_for(selector, of)) continue;
      if (selector.weight < 0) return std::nullopt;
      weight = std::min(weight * selector.weight, weight_max);
    }
  }
  return weight;
}

}  // namespace waitstate::client
