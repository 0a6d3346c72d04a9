#include "waitstate/remedy/sidecar_routes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/runtime.h"
#include "waitstate/tcp/service.h"

namespace waitstate::remedy {
namespace {

using diagnosis::port_headroom;

/// Below about two closes a second a connection for each call does no harm.
constexpr std::uint64_t worth_a_route = 100;
constexpr std::uint64_t closed_for_each_open = 4;
/// Where fronts are looked for, if the server's own port cannot be one.
constexpr std::uint16_t first_front_port = 8080;
constexpr std::uint16_t privileged_below = 1024;
constexpr std::uint16_t https = 443;
constexpr std::uint16_t redis = 6379;

std::string_view scheme_of(std::uint16_t port) {
  if (port == redis) return "redis";
  // What is encrypted cannot be told apart: the program's own TLS goes through as it is.
  constexpr std::uint16_t https_alternative = 8443;
  if (port == https || port == https_alternative) return "tcp";
  const auto service = tcp::service_of(port);
  return service && service->kind == tcp::service_kind::web ? "http" : "tcp";
}

/// Letters, digits, '-', '_' and '.', as the name of a route has them.
std::string as_name(std::string text) {
  std::ranges::replace_if(
      text,
      [](char c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '_';
      },
      '-');
  return text;
}

/// A host that can stand in the text of an address.
bool is_plain_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
}

/// Several source addresses to one destination are one route.
struct use {
  tcp::endpoint to;
  const process* program = nullptr;
  std::uint64_t time_wait = 0;
  std::uint64_t established = 0;
  double closes_per_second = 0;
};

class finder {
 public:
  explicit finder(const snapshot& s) : s_(s), ports_(s) {}

  sidecar_routes find() {
    auto uses = uses_in(diagnosis::headrooms_of(s_, ports_));
    std::erase_if(uses, [](const use& u) {
      const bool is_churn =
          u.time_wait >= worth_a_route && u.time_wait >= closed_for_each_open * u.established;
      return !is_churn || (u.program != nullptr && is_proxy(u.program->runtime));
    });
    std::ranges::sort(uses, [](const use& a, const use& b) {
      return std::tie(b.time_wait, a.to) < std::tie(a.time_wait, b.to);
    });
    sidecar_routes all;
    all.routes.reserve(std::min(uses.size(), sidecar_routes::most));
    for (const auto& u : uses) {
      if (all.routes.size() == sidecar_routes::most) {
        ++all.left_out;
      } else if (auto route = route_for(u)) {
        all.routes.push_back(*std::move(route));
      }
    }
    return all;
  }

 private:
  [[nodiscard]] std::vector<use> uses_in(const std::vector<port_headroom>& headrooms) const {
    std::vector<use> uses;
    for (const auto& h : headrooms) {
      const bool is_place = h.destination.port != 0 && h.destination.address.is_known();
      if (h.net_namespace != 0 || !is_place) continue;
      auto at = std::ranges::find(uses, h.destination, &use::to);
      if (at == uses.end()) at = uses.insert(at, {.to = h.destination});
      at->time_wait += h.time_wait;
      at->established += h.established;
      at->closes_per_second += h.closes_per_second;
      if (const auto* p = s_.owner_of(h.owner)) at->program = p;
    }
    return uses;
  }

  [[nodiscard]] bool is_taken(std::uint16_t port) const {
    return fronts_.contains(port) || ports_.supply(0).range.contains(port) ||
           std::ranges::any_of(s_.listeners,
                               [&](const listener& l) { return l.local.port == port; });
  }

  /// The server's own where nobody has it, so that only the host changes in the program's settings.
  std::optional<std::uint16_t> front_for(std::uint16_t port) {
    const auto take = [this](std::uint16_t one) {
      fronts_.insert(one);
      return one;
    };
    if (port >= privileged_below && !is_taken(port)) return take(port);
    for (std::uint32_t next = first_front_port; next <= UINT16_MAX; ++next) {
      const auto one = static_cast<std::uint16_t>(next);
      if (!is_taken(one)) return take(one);
    }
    return std::nullopt;
  }

  std::optional<sidecar_route> route_for(const use& u) {
    auto server = s_.text_of(u.to);
    if (!is_plain_host(server)) return std::nullopt;
    const auto front = front_for(u.to.port);
    if (!front) return std::nullopt;
    const auto scheme = scheme_of(u.to.port);
    auto name = as_name(fmt::format("{}-{}", scheme, s_.text_of(u.to.address)));
    if (!names_.insert(name).second) {
      name += fmt::format("-{}", u.to.port);
      names_.insert(name);
    }
    return sidecar_route{
        .name = std::move(name),
        .scheme = scheme,
        .destination = u.to,
        .server = std::move(server),
        .front_port = *front,
        .program = u.program == nullptr ? std::string() : quotable(u.program->name),
        .time_wait = u.time_wait,
        .closes_per_second = u.closes_per_second};
  }

  const snapshot& s_;
  const diagnosis::port_table ports_;
  std::set<std::uint16_t> fronts_;
  std::set<std::string> names_;
};

std::string text_of(const sidecar_route& r) {
  auto text =
      fmt::format("# {}{} in TIME-WAIT to {}", r.program.empty() ? std::string() : r.program + ": ",
                  grouped(r.time_wait), r.server);
  if (r.closes_per_second > 0) {
    text += fmt::format(", {} connections a second", rate(r.closes_per_second));
  }
  text += fmt::format(
      ".\n# Let {} connect to 127.0.0.1:{}, or to the unix socket, which needs no port at all.\n",
      r.program.empty() ? "the program" : "it", r.front_port);
  if (r.scheme == "tcp") {
    text +=
        "# The port does not tell a protocol whose calls can share connections: each client still "
        "gets\n# one of its own, and none stays in TIME-WAIT here. If it is HTTP or Redis, say "
        "http:// or redis://.\n";
  }
  text += fmt::format(
      "[[route]]\nname = \"{0}\"\nlisten = [\"127.0.0.1:{1}\", \"unix:/run/waitstate/{0}.sock\"]\n"
      "to = \"{2}://{3}\"\n",
      r.name, r.front_port, r.scheme, r.server);
  return text;
}

}  // namespace

sidecar_routes suggest_sidecar_routes(const snapshot& s) {
  return finder(s).find();
}

std::string to_toml(const sidecar_routes& all) {
  if (all.routes.empty()) {
    return fmt::format(
        "# No route would help: to no place were {} connections closed here within a minute and "
        "next\n# to none kept, other than by a reverse proxy, which can keep them itself.\n",
        worth_a_route);
  }
  std::string text =
      "# Written by `waitstate sidecar suggest`. As sidecar.toml, `waitstate sidecar --check "
      "--config\n# sidecar.toml` reads it, and `waitstate sidecar --config sidecar.toml` serves "
      "it.\n";
  for (const auto& r : all.routes) text += "\n" + text_of(r);
  if (all.left_out > 0) {
    text += fmt::format("\n# {} are left out.\n", counted(all.left_out, "more destination"));
  }
  return text;
}

}  // namespace waitstate::remedy
