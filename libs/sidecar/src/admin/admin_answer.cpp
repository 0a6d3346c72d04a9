#include "admin/admin_answer.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/metrics_text.h"
#include "admin/status_json.h"
#include "waitstate/base/words.h"

namespace waitstate::sidecar {
namespace {

admin_answer failed(const error& why) {
  const int status = why.code == errc::not_found ? 404 : 400;
  return {.status = status,
          .body = why.hint.empty() ? why.what + "\n"
                                   : fmt::format("{}\n  hint: {}\n", why.what, why.hint)};
}

/// Routes none of whose servers could get a call.
std::string routes_without_servers(const std::vector<route_status>& routes) {
  std::string names;
  for (const auto& route : routes) {
    if (route.is_draining) continue;
    const bool has_one = std::ranges::all_of(route.servers, [](const auto& of_loop) {
      return std::ranges::any_of(of_loop.endpoints, [](const auto& one) {
        return !one.leaving && one.state != client::health::dead;
      });
    });
    if (!has_one) names += fmt::format("route '{}' has no server\n", route.of.name);
  }
  return names;
}

std::optional<server_order> parse_order(std::string_view name) {
  if (name == "drain") return server_order::drain;
  if (name == "kill") return server_order::kill;
  if (name == "ready") return server_order::ready;
  return std::nullopt;
}

/// {"route": "api", "server": "10.0.0.5:80", "order": "drain"}
admin_answer steer(std::string_view body, const admin_hooks& hooks) {
  const auto asked = nlohmann::json::parse(body, nullptr, false);
  const auto text = [&](const char* key) -> std::string {
    const bool has_it = asked.is_object() && asked.contains(key) && asked[key].is_string();
    return has_it ? asked[key].get<std::string>() : std::string();
  };
  const auto order = parse_order(text("order"));
  if (!order) {
    return failed({.code = errc::invalid_input,
                   .what = fmt::format("there is no order '{}'", quotable(text("order"))),
                   .hint = "drain, kill or ready"});
  }
  const auto at = client::parse_endpoint(text("server"));
  if (!at) return failed(at.error());
  const auto done = hooks.steer(text("route"), *at, *order);
  return done ? admin_answer{.body = "done\n"} : failed(done.error());
}

admin_answer get(std::string_view path, const admin_hooks& hooks) {
  if (path == "/healthz") return {.body = "ok\n"};
  if (path == "/status") return {.type = "application/json", .body = to_json(hooks.status())};
  if (path == "/metrics") {
    return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = to_metrics(hooks.status())};
  }
  if (path == "/readyz") {
    auto without = routes_without_servers(hooks.status());
    if (without.empty()) return {.body = "ok\n"};
    return {.status = 503, .body = std::move(without)};
  }
  return {.status = 404, .body = "there are /status, /metrics, /healthz and /readyz\n"};
}

}  // namespace

admin_answer answer_admin(const admin_request& asked, const admin_hooks& hooks) {
  const auto path = asked.target;
  if (asked.method == "GET") return get(path, hooks);
  if (asked.method != "POST") return {.status = 405, .body = "GET or POST\n"};
  if (!asked.may_order) return {.status = 403, .body = "orders are taken on the unix socket\n"};
  if (path == "/servers") return steer(asked.body, hooks);
  if (path == "/reload") {
    const auto done = hooks.reload();
    return done ? admin_answer{.body = "read again\n"} : failed(done.error());
  }
  if (path == "/replaced") {
    hooks.end_replaced();
    return {.body = "it drains and ends\n"};
  }
  return {.status = 404, .body = "there are /servers, /reload, /hand-over and /replaced\n"};
}

}  // namespace waitstate::sidecar
