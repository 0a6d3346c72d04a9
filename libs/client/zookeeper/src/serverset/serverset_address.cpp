#include "waitstate/client/zookeeper/serverset_address.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::string_view wily_prefix = "/$/com.twitter.serverset/";
constexpr std::string_view default_port = ":2181";
constexpr std::size_t text_max = 8192;
constexpr std::size_t told_max = 200;  // of what was given
constexpr std::size_t ensembles_max = 16;

failure malformed(std::string_view text, std::string_view why) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("serverset '{}': {}", quotable(text, told_max), why),
                  .hint = "write zk2!host:port,host:port!/path or zk2!hosts!/path!endpoint"});
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int32_t> shard_in(std::string_view text) {
  std::int32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return value;
}

/// "a,b:9" as "a:2181,b:9"; nothing when a host is missing or has what no host has.
std::optional<std::string> ensemble_in(std::string_view hosts) {
  std::string ensemble;
  for (const auto host : split(hosts, ',')) {
    if (host.empty() || host.starts_with(':')) return std::nullopt;
    if (host.find_first_of("/!# \t\r\n") != host.npos || host.contains('\0')) return std::nullopt;
    if (!ensemble.empty()) ensemble += ',';
    ensemble += host;
    const auto colon = host.rfind(':');
    const bool is_port_missing = colon == host.npos || host.ends_with(']');
    if (is_port_missing) ensemble += default_port;
  }
  return ensemble;
}

result<> read_hosts(std::string_view text, std::string_view hosts, serverset_address& into) {
  for (const auto part : split(hosts, '#')) {
    auto ensemble = ensemble_in(part);
    if (!ensemble) return malformed(text, fmt::format("'{}' is no list of hosts", quotable(part)));
    into.ensembles.push_back(*std::move(ensemble));
  }
  if (into.ensembles.size() > ensembles_max) {
    return malformed(text, fmt::format("over {} ensembles", ensembles_max));
  }
  return {};
}

result<> read_path(std::string_view text, std::string_view path, serverset_address& into) {
  if (!path.starts_with('/')) return malformed(text, "the path starts with /");
  for (const auto part : split(path.substr(1), '/')) {
    const bool is_name = !part.empty() && part != "." && part != "..";
    const bool is_clean = std::ranges::none_of(
        part, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!is_name || !is_clean) {
      return malformed(text, fmt::format("'{}' is no path of a node", quotable(path)));
    }
  }
  into.path = path;
  return {};
}

/// \x2c as a comma, as the names of Finagle escape bytes.
std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (!text.starts_with('\\')) {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned value = 0;
    if (!text.starts_with("\\x") || text.size() < 4) return std::nullopt;
    const char* const digits = text.data() + 2;
    const auto [rest, status] = std::from_chars(digits, digits + 2, value, 16);
    if (status != std::errc{} || rest != digits + 2) return std::nullopt;
    plain += static_cast<char>(value);
    text.remove_prefix(4);
  }
  return plain;
}

result<serverset_address> wily_address(std::string_view text) {
  const auto plain = unescaped(text.substr(wily_prefix.size()));
  if (!plain) return malformed(text, "an escape is \\x and two digits");
  std::string_view rest = *plain;
  const auto slash = std::min(rest.find('/'), rest.size());
  serverset_address address;
  if (auto read = read_hosts(text, rest.substr(0, slash), address); !read) {
    return failure(std::move(read).error());
  }
  rest.remove_prefix(slash);
  const auto last = rest.rfind('/') == rest.npos ? 0 : rest.rfind('/');
  if (const auto hash = rest.find('#', last); hash != rest.npos) {
    address.shard = shard_in(rest.substr(hash + 1));
    if (!address.shard) return malformed(text, "the shard is no number");
    rest = rest.substr(0, hash);
  }
  if (const auto colon = rest.find(':', last); colon != rest.npos) {
    address.endpoint_name = std::string(rest.substr(colon + 1));
    if (address.endpoint_name->empty()) return malformed(text, "no name of an endpoint after ':'");
    rest = rest.substr(0, colon);
  }
  if (auto read = read_path(text, rest, address); !read) return failure(std::move(read).error());
  return address;
}

/// The hosts and the path of zk!hosts!path..., and what comes after.
result<serverset_address> bang_address(std::string_view text,
                                       std::vector<std::string_view>& parts) {
  parts = split(text, '!');
  if (text.size() > text_max) return malformed(text, "over 8192 bytes");
  if (parts.front() != "zk2" && parts.front() != "zk") {
    return malformed(text, "it starts with zk2!, zk! or /$/com.twitter.serverset/");
  }
  if (parts.size() < 3) return malformed(text, "hosts and a path are needed");
  serverset_address address;
  if (auto read = read_hosts(text, parts[1], address); !read) {
    return failure(std::move(read).error());
  }
  if (auto read = read_path(text, parts[2], address); !read) {
    return failure(std::move(read).error());
  }
  parts.erase(parts.begin(), parts.begin() + 3);
  return address;
}

result<> read_name(std::string_view text, std::string_view name, serverset_address& into) {
  if (name.empty()) return malformed(text, "the endpoint's name is empty");
  into.endpoint_name = std::string(name);
  return {};
}

}  // namespace

result<serverset_address> parse_serverset_address(std::string_view text) {
  if (text.starts_with(wily_prefix) && text.size() <= text_max) return wily_address(text);
  std::vector<std::string_view> more;
  auto address = bang_address(text, more);
  if (!address || more.empty()) return address;
  if (more.size() > 1) return malformed(text, "there is something after the endpoint's name");
  if (auto read = read_name(text, more[0], *address); !read) {
    return failure(std::move(read).error());
  }
  return address;
}

result<serverset_address> parse_announce_address(std::string_view text) {
  std::vector<std::string_view> more;
  auto address = bang_address(text, more);
  if (!address) return address;
  if (more.empty() || more.size() > 2)
    return malformed(text, "an announcement is zk!hosts!path!shard");
  address->shard = shard_in(more[0]);
  if (!address->shard)
    return malformed(text, fmt::format("the shard '{}' is no number", quotable(more[0])));
  if (more.size() < 2) return address;
  if (auto read = read_name(text, more[1], *address); !read) {
    return failure(std::move(read).error());
  }
  return address;
}

std::string to_string(const serverset_address& address) {
  const auto hosts = fmt::format("{}", fmt::join(address.ensembles, "#"));
  if (!address.shard) {
    const auto name = address.endpoint_name ? "!" + *address.endpoint_name : std::string();
    return fmt::format("zk2!{}!{}{}", hosts, address.path, name);
  }
  const auto name = address.endpoint_name ? ":" + *address.endpoint_name : std::string();
  return fmt::format("{}{}{}{}#{}", wily_prefix, hosts, address.path, name, *address.shard);
}

}  // namespace waitstate::client
