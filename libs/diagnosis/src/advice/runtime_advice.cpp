#include "advice/runtime_advice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::array rows{
    &apache_advice,   &caddy_advice,   &dotnet_advice, &elixir_advice, &envoy_advice, &go_advice,
    &gunicorn_advice, &haproxy_advice, &java_advice,   &native_advice, &nginx_advice, &node_advice,
    &perl_advice,     &php_advice,     &python_advice, &ruby_advice,   &rust_advice,  &squid_advice,
    &traefik_advice,  &uwsgi_advice,   &varnish_advice};

const runtime_advice& row_of(runtime r) {
  const auto found =
      std::ranges::find_if(rows, [&](const runtime_advice* row) { return row->runtime == r; });
  return found == rows.end() ? any_advice : **found;
}

void fill_in(std::string_view& text, std::string_view stand_in) {
  if (text.empty()) text = stand_in;
}

void fill_in(advice& a, const advice& stand_in) {
  if (a.text.empty() && a.command.empty()) a = stand_in;
}

}  // namespace

runtime_advice advice_for(runtime r) {
  auto whole = row_of(r);
  if (whole.like == runtime::unknown) return whole;
  const auto& like = row_of(whole.like);
  for (const auto topic :
       {&runtime_advice::close, &runtime_advice::evict, &runtime_advice::serve,
        &runtime_advice::workers, &runtime_advice::threads, &runtime_advice::keep_in_short,
        &runtime_advice::keep_stores_in_short, &runtime_advice::backlog}) {
    fill_in(whole.*topic, like.*topic);
  }
  for (const auto topic : {&runtime_advice::keep, &runtime_advice::keep_to_cache,
                           &runtime_advice::keep_to_database, &runtime_advice::bind}) {
    fill_in(whole.*topic, like.*topic);
  }
  return whole;
}

std::span<const runtime_advice* const> runtime_rows() {
  return rows;
}

std::string filled(std::string_view text, const advice_values& values) {
  const std::array<std::pair<std::string_view, const std::string*>, 4> places{
      {{"{destination}", &values.destination},
       {"{host}", &values.host},
       {"{port}", &values.port},
       {"{pid}", &values.pid}}};
  std::string made;
  while (!text.empty()) {
    const auto found = std::ranges::find_if(
        places, [&](const auto& place) { return text.starts_with(place.first); });
    if (found == places.end()) {
      made += text.front();
      text.remove_prefix(1);
    } else {
      made += *found->second;
      text.remove_prefix(found->first.size());
    }
  }
  return made;
}

remedy filled(const advice& a, const advice_values& values) {
  return {.text = filled(a.text, values),
          .command = filled(a.command, values),
          .risk = filled(a.risk, values),
          .undo = filled(a.undo, values)};
}

}  // namespace waitstate::diagnosis
