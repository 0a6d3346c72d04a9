#include "advice/reuse.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advice/runtime_advice.h"
#include "waitstate/tcp/service.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::string destination_or(const reuse_target& target, const char* stand_in) {
  const bool usable = !target.destination.empty() && target.destination.front() != '*' &&
                      target.destination.front() != '?' && is_plain_word(target.destination);
  return usable ? target.destination : stand_in;
}

std::string host_of(const reuse_target& target) {
  const auto all = destination_or(target, "HOST:0");
  auto host = all.substr(0, all.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

/// Databases that are spoken to over HTTP get HTTP's remedies.
tcp::service_kind spoken_by(std::uint16_t port) {
  constexpr std::array<std::uint16_t, 5> over_http{2379, 5984, 8086, 8123, 9200};
  if (std::ranges::find(over_http, port) != over_http.end()) return tcp::service_kind::web;
  const auto service = tcp::service_of(port);
  return service ? service->kind : tcp::service_kind::other;
}

advice_values values_of(const reuse_target& target) {
  return {.destination = destination_or(target, "HOST:PORT"),
          .host = host_of(target),
          .port = std::to_string(target.port)};
}

remedy keep(const reuse_target& target) {
  return filled(advice_for(target.runtime).keep, values_of(target));
}

/// The runtimes that are met most, in lines of a few: "PHP: ...; Python: ...;".
std::string in_short(std::span<const std::span<const runtime>> lines,
                     std::string_view runtime_advice::* topic, std::string_view at_the_end) {
  std::string list;
  for (const auto& line : lines) {
    std::vector<std::string> words;
    for (const auto r : line)
      words.push_back(fmt::format("{}: {}", to_string(r), advice_for(r).*topic));
    list += fmt::format("{}{}", fmt::join(words, "; "), &line == &lines.back() ? "" : ";\n");
  }
  return list + std::string(at_the_end) + "\n";
}

std::string ways_to_keep() {
  using enum runtime;
  constexpr std::array first{php, python};
  constexpr std::array second{node, go};
  constexpr std::array third{java, dotnet};
  const std::array<std::span<const runtime>, 3> lines{first, second, third};
  return in_short(lines, &runtime_advice::keep_in_short,
                  "; gRPC: one channel; Thrift: keep the transport open");
}

std::string ways_to_keep_stores() {
  using enum runtime;
  constexpr std::array first{php, python};
  constexpr std::array second{java, dotnet, go, node};
  const std::array<std::span<const runtime>, 2> lines{first, second};
  return in_short(lines, &runtime_advice::keep_stores_in_short, "");
}

bool is_store(tcp::service_kind kind) {
  using enum tcp::service_kind;
  return kind == database || kind == cache || kind == queue;
}

remedy keep_to_store(const reuse_target& target, std::string_view service) {
  const auto own = advice_for(target.runtime).keep_stores_in_short;
  return {.text = fmt::format("Keep connections to {} in a pool that lives as long as the process, "
                              "instead of one for each call",
                              service),
          .command = own.empty() ? ways_to_keep_stores()
                                 : fmt::format("{}: {}\n", to_string(target.runtime), own),
          .risk = "all workers' pools together must fit the server's limit of connections"};
}

/// Programs in these are written to be proxies; of others a known one is in front.
bool may_be_a_proxy(runtime r) {
  return is_proxy(r) || r == runtime::go || r == runtime::node || r == runtime::java;
}

}  // namespace

std::vector<remedy> keep_upstream_connections(const reuse_target& target) {
  if (may_be_a_proxy(target.runtime)) return {keep(target)};
  std::vector<remedy> both;
  for (const auto known : {runtime::nginx, runtime::haproxy}) {
    both.push_back(filled(advice_for(known).keep, values_of(target)));
  }
  return both;
}

remedy keep_beside() {
  return {.text =
              "Where the program cannot keep them, let a sidecar on this host do it: the program "
              "connects to it, over a unix socket at best, and it keeps a few connections",
          .command =
              "waitstate sidecar suggest > sidecar.toml\n"
              "waitstate sidecar --config sidecar.toml\n",
          .risk = "what the program asks goes through one more process"};
}

bool may_run_here(const snapshot& s) {
  return s.host.os == os_family::linux_kernel || s.host.os == os_family::unknown;
}

std::vector<remedy> keep_connections(const reuse_target& target) {
  if (is_proxy(target.runtime)) return keep_upstream_connections(target);
  const auto known = advice_for(target.runtime);
  const auto kind = spoken_by(target.port);
  const auto& to_store = kind == tcp::service_kind::cache      ? known.keep_to_cache
                         : kind == tcp::service_kind::database ? known.keep_to_database
                                                               : advice{};
  if (!to_store.text.empty()) return {filled(to_store, values_of(target))};
  const auto service = tcp::service_of(target.port);
  if (service && is_store(kind)) return {keep_to_store(target, service->name)};
  auto made = keep(target);
  if (made.command.empty()) made.command = ways_to_keep();
  return {made};
}

}  // namespace waitstate::diagnosis
