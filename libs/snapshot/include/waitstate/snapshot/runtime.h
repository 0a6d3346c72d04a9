#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate {

/// What a program is built on, as far as its remedies differ.
enum class runtime : std::uint8_t {
  unknown,
  // Proxies and web servers.
  nginx,
  haproxy,
  envoy,
  traefik,
  apache,  ///< Apache httpd.
  varnish,
  caddy,
  squid,
  // Languages.
  php,  ///< php-fpm, mod_php workers, php itself.
  python,
  gunicorn,  ///< Python behind it; uWSGI mostly too.
  uwsgi,
  node,
  java,
  dotnet,
  go,
  ruby,
  perl,
  erlang,  ///< Elixir too.
  rust,
  // Servers that are often the subject themselves.
  mysql,
  postgresql,
  redis,
  memcached,
  native,  ///< A known program in C or C++.
};

inline constexpr std::array all_runtimes{
    runtime::unknown, runtime::nginx,    runtime::haproxy,    runtime::envoy, runtime::traefik,
    runtime::apache,  runtime::varnish,  runtime::caddy,      runtime::squid, runtime::php,
    runtime::python,  runtime::gunicorn, runtime::uwsgi,      runtime::node,  runtime::java,
    runtime::dotnet,  runtime::go,       runtime::ruby,       runtime::perl,  runtime::erlang,
    runtime::rust,    runtime::mysql,    runtime::postgresql, runtime::redis, runtime::memcached,
    runtime::native};

/// "nginx", "PHP", ".NET": the name as its own makers write it; "unknown".
[[nodiscard]] std::string_view to_string(runtime r);
/// Of exactly such a name. For the runtime of a program's name see runtime_of().
[[nodiscard]] std::optional<runtime> parse_runtime(std::string_view name);

/// Reverse proxies: programs whose job is one upstream connection for a downstream one.
[[nodiscard]] bool is_proxy(runtime r);

/// The runtime of a process, from what /proc or a paste says of it. Every argument may be empty:
/// `name` is the short name (comm, at most 15 bytes on Linux: "php-fpm7.4", "java"), `command_line`
/// has its words separated by blanks, `executable` is the path of the file. Go programs cannot be
/// told by name: a source that has seen a Go build id says so by itself.
[[nodiscard]] runtime runtime_of(std::string_view name, std::string_view command_line,
                                 std::string_view executable);

}  // namespace waitstate
