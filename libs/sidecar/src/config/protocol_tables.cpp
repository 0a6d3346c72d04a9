#include "config/protocol_tables.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

using waitstate::config::toml_table;

constexpr std::array<std::string_view, 5> tls_keys{"host", "authorities", "certificate", "key",
                                                   "verify"};
constexpr std::array<std::string_view, 1> redis_keys{"client_password"};
constexpr std::array<std::string_view, 6> thrift_keys{"oneway",  "idempotent", "message_max",
                                                      "upgrade", "client_id",  "dest"};
constexpr std::size_t methods_max = 10'000;

result<> take_methods(const toml_table& t, std::string_view key, std::vector<std::string>& into) {
  auto read = t.take(key, into);
  if (!read) return read;
  const auto is_wrong = [](const std::string& name) { return name.empty() || name.size() > 1'000; };
  if (into.size() <= methods_max && std::ranges::none_of(into, is_wrong)) return {};
  return t.wrong(key, fmt::format("{} is a list of names of methods, {} at most", key, methods_max),
                 fmt::format(R"({} = ["log"])", key));
}

result<> take_text(const toml_table& t, std::string_view key, std::string& into) {
  constexpr std::size_t size_max = 1'000;
  auto read = t.take(key, into);
  if (!read || into.size() <= size_max) return read;
  return t.wrong(key, fmt::format("{} has {} bytes at most", key, size_max), "a shorter one");
}

result<> take_message_max(const toml_table& t, std::uint32_t& into) {
  std::optional<std::uint64_t> read;
  auto taken = t.take("message_max", read, {.low = 1'024, .high = 1'000'000'000});
  if (read) into = static_cast<std::uint32_t>(*read);
  return taken;
}

}  // namespace

result<> read_tls(const toml_table& t, route& r) {
  const auto found = t.table("tls");
  if (!found) return failure(found.error());
  if (!*found) return {};
  const auto tls = **found;
  if (!r.tls) {
    return t.wrong("tls", "the servers are reached without TLS", R"(to = "https://...")");
  }
  auto& into = *r.tls;
  return tls.knows_only(tls_keys)
      .and_then([&] { return tls.take("host", into.host); })
      .and_then([&] { return tls.take("authorities", into.authorities); })
      .and_then([&] { return tls.take("certificate", into.certificate); })
      .and_then([&] { return tls.take("key", into.key); })
      .and_then([&] { return tls.take("verify", into.verify); });
}

result<> read_redis(const toml_table& t, route& r) {
  const auto found = t.table("redis");
  if (!found) return failure(found.error());
  if (!*found) return {};
  const auto redis = **found;
  if (r.speaks != protocol::redis) {
    return t.wrong("redis", "the servers are none of Redis", R"(to = "redis://...")");
  }
  return redis.knows_only(redis_keys).and_then([&] {
    return redis.take("client_password", r.redis.client_password);
  });
}

result<> read_thrift(const toml_table& t, route& r) {
  const auto found = t.table("thrift");
  if (!found) return failure(found.error());
  if (!*found) return {};
  const auto thrift = **found;
  if (r.speaks != protocol::thrift) {
    return t.wrong("thrift", "the servers are none of Thrift", R"(to = "thrift://...")");
  }
  auto& into = r.thrift;
  return thrift.knows_only(thrift_keys)
      .and_then([&] { return take_methods(thrift, "oneway", into.oneway); })
      .and_then([&] { return take_methods(thrift, "idempotent", into.idempotent); })
      .and_then([&] { return take_message_max(thrift, into.message_max); })
      .and_then([&] { return thrift.take("upgrade", into.upgrade); })
      .and_then([&] { return take_text(thrift, "client_id", into.client_id); })
      .and_then([&] { return take_text(thrift, "dest", into.dest); });
}

}  // namespace waitstate::sidecar
