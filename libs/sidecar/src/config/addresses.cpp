#include "config/addresses.h"

#include <arpa/inet.h>

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/words.h"
#include "waitstate/client/zookeeper.h"

namespace waitstate::sidecar {
namespace {

constexpr std::string_view forms =
    "http://HOST:PORT, https://HOST, redis://HOST, thrift://HOST:PORT, thriftmux://HOST:PORT, "
    "tcp://HOST:PORT, http+unix:/PATH, http+file:/PATH or http+zk://HOST:PORT/PATH";

failure wrong(std::string_view text, std::string_view why, std::string_view hint) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("'{}': {}", quotable(text), why),
                  .hint = std::string(hint)});
}

bool is_address(const std::string& host) {
  in6_addr into{};
  return ::inet_pton(AF_INET, host.c_str(), &into) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &into) == 1;
}

struct scheme {
  std::string_view name;
  protocol speaks;
  bool is_tls;
  std::uint16_t port;  ///< Where none is written; 0: one has to be.
  bool is_mux = false;
};

constexpr std::array schemes{
    scheme{.name = "http", .speaks = protocol::http, .is_tls = false, .port = 80},
    scheme{.name = "https", .speaks = protocol::http, .is_tls = true, .port = 443},
    scheme{.name = "redis", .speaks = protocol::redis, .is_tls = false, .port = 6379},
    scheme{.name = "rediss", .speaks = protocol::redis, .is_tls = true, .port = 6379},
    scheme{.name = "thrift", .speaks = protocol::thrift, .is_tls = false, .port = 0},
    scheme{.name = "thriftmux",
           .speaks = protocol::thrift,
           .is_tls = false,
           .port = 0,
           .is_mux = true},
    scheme{.name = "tcp", .speaks = protocol::tcp, .is_tls = false, .port = 0},
};

std::optional<scheme> scheme_named(std::string_view name) {
  for (const auto& one : schemes) {
    if (one.name == name) return one;
  }
  return std::nullopt;
}

/// "user:word@" of a Redis URL, and "/2" at its end.
result<std::string_view> take_login(std::string_view text, std::string_view rest, route& into) {
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const auto login = rest.substr(0, at);
    const auto colon = login.find(':');
    if (colon == login.npos) {
      return wrong(text, "a login is USER:PASSWORD, or :PASSWORD", "redis://:word@10.0.0.5:6379");
    }
    into.redis.username = login.substr(0, colon);
    into.redis.password = login.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  if (const auto slash = rest.find('/'); slash != rest.npos) {
    const auto number = rest.substr(slash + 1);
    const auto* const end = number.data() + number.size();
    const auto [stop, status] = std::from_chars(number.data(), end, into.redis.database);
    if (!number.empty() && (status != std::errc{} || stop != end)) {
      return wrong(text, "the database is no number", "redis://10.0.0.5:6379/2");
    }
    rest = rest.substr(0, slash);
  }
  return rest;
}

result<client::endpoint> host_and_port(std::string_view text, const scheme& of,
                                       std::string_view rest) {
  const bool has_port = rest.find(':') != rest.npos && !rest.ends_with(']');
  if (!has_port && of.port == 0) {
    return wrong(text, "there is no port", fmt::format("{}://{}:PORT", of.name, quotable(rest)));
  }
  auto at =
      client::parse_endpoint(has_port ? std::string(rest) : fmt::format("{}:{}", rest, of.port));
  if (!at) return wrong(text, at.error().what, at.error().hint);
  if (at->is_unix()) return wrong(text, "a path is written with +unix", "http+unix:/run/app.sock");
  return at;
}

result<> add_from(std::string_view text, std::string_view from, std::string_view rest,
                  bool is_first, route& into) {
  const bool is_path = rest.starts_with('/');
  if (from == "unix") {
    if (!is_path) return wrong(text, "there is no path", "http+unix:/run/app.sock");
    into.servers.fixed.push_back({.host = std::string(rest), .port = 0});
    return {};
  }
  if (!is_first) return wrong(text, "it is one among several", "to = one text, or a list of hosts");
  if (from == "file") {
    if (!is_path) return wrong(text, "there is no path", "http+file:/etc/waitstate/api.servers");
    into.servers.file = rest;
    return {};
  }
  if (from != "zk") return wrong(text, "servers come from unix, file or zk", forms);
  rest.remove_prefix(rest.starts_with("//") ? 2 : 0);
  const auto slash = rest.find('/');
  if (slash == rest.npos || slash == 0 || slash + 1 == rest.size()) {
    return wrong(text, "it has no ensemble or no path", "http+zk://10.0.0.1:2181/services/search");
  }
  zookeeper_servers servers{.ensemble = std::string(rest.substr(0, slash)),
                            .path = std::string(rest.substr(slash))};
  const auto known = client::parse_serverset_address(servers.address());
  if (!known) return wrong(text, known.error().what, known.error().hint);
  into.servers.zookeeper = std::move(servers);
  return {};
}

}  // namespace

result<front_address> parse_front(std::string_view text) {
  constexpr std::string_view hint = "127.0.0.1:8080, unix:/run/api.sock or systemd:NAME";
  constexpr std::string_view inherited = "systemd:";
  front_address front;
  if (text.starts_with(inherited)) {
    front.inherited = text.substr(inherited.size());
    if (front.inherited.empty()) return wrong(text, "the socket has no name", "systemd:api");
    return front;
  }
  auto at = client::parse_endpoint(text);
  if (!at) return wrong(text, at.error().what, hint);
  if (!at->is_unix() && !is_address(at->host)) {
    return wrong(text, fmt::format("'{}' is no address", quotable(at->host)), hint);
  }
  front.at = *std::move(at);
  return front;
}

result<> add_upstream(std::string_view text, bool is_first, route& into) {
  const auto colon = text.find(':');
  if (colon == text.npos) return wrong(text, "it has no scheme", forms);
  const auto name = text.substr(0, colon);
  const auto plus = name.find('+');
  const auto of = scheme_named(name.substr(0, plus));
  if (!of) return wrong(text, fmt::format("there is no scheme '{}'", quotable(name)), forms);
  const bool is_another = of->speaks != into.speaks || of->is_tls != into.tls.has_value() ||
                          of->is_mux != into.thrift.is_mux;
  if (!is_first && is_another) {
    return wrong(text, "its scheme is another than that of the first", "a route for each");
  }
  into.speaks = of->speaks;
  into.thrift.is_mux = of->is_mux;
  if (of->is_tls && !into.tls) into.tls.emplace();
  auto rest = text.substr(colon + 1);
  if (plus != name.npos) return add_from(text, name.substr(plus + 1), rest, is_first, into);
  if (!rest.starts_with("//")) return wrong(text, "it has no //", forms);
  rest.remove_prefix(2);
  if (of->speaks == protocol::redis) {
    const auto without = take_login(text, rest, into);
    if (!without) return failure(without.error());
    rest = *without;
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != rest.npos) {
    return wrong(text, "it has a path, and requests have theirs", "http://10.0.0.5:80");
  }
  auto at = host_and_port(text, *of, rest);
  if (!at) return failure(at.error());
  into.servers.fixed.push_back(*std::move(at));
  return {};
}

}  // namespace waitstate::sidecar
