#include "waitstate/snapshot/runtime.h"

#include <array>
#include <cstddef>

#include "waitstate/base/names.h"

namespace waitstate {
namespace {

struct known_program {
  std::string_view word;
  runtime means;
};

// A name matches when it is the word, or the word followed by something that is no letter
// ("php-fpm7.4", "python3.11"). First match wins.
constexpr std::array programs{
    known_program{"nginx", runtime::nginx},
    known_program{"openresty", runtime::nginx},
    known_program{"tengine", runtime::nginx},
    known_program{"haproxy", runtime::haproxy},
    known_program{"envoy", runtime::envoy},
    known_program{"pilot-agent", runtime::envoy},
    known_program{"istio-proxy", runtime::envoy},
    known_program{"traefik", runtime::traefik},
    known_program{"httpd", runtime::apache},
    known_program{"apache2", runtime::apache},
    known_program{"apache", runtime::apache},
    known_program{"varnishd", runtime::varnish},
    known_program{"varnish", runtime::varnish},
    known_program{"cache-main", runtime::varnish},
    known_program{"caddy", runtime::caddy},
    known_program{"squid", runtime::squid},
    known_program{"php-fpm", runtime::php},
    known_program{"php-cgi", runtime::php},
    known_program{"php", runtime::php},
    known_program{"lsphp", runtime::php},
    known_program{"python", runtime::python},
    known_program{"pypy", runtime::python},
    known_program{"gunicorn", runtime::gunicorn},
    known_program{"uwsgi", runtime::uwsgi},
    known_program{"uvicorn", runtime::python},
    known_program{"celery", runtime::python},
    known_program{"node_exporter", runtime::go},
    known_program{"node", runtime::node},
    known_program{"nodejs", runtime::node},
    known_program{"electron", runtime::node},
    known_program{"java", runtime::java},
    known_program{"jsvc", runtime::java},
    known_program{"dotnet", runtime::dotnet},
    known_program{"mono", runtime::dotnet},
    known_program{"w3wp", runtime::dotnet},
    known_program{"ruby", runtime::ruby},
    known_program{"puma", runtime::ruby},
    known_program{"unicorn", runtime::ruby},
    known_program{"sidekiq", runtime::ruby},
    known_program{"perl", runtime::perl},
    known_program{"beam.smp", runtime::erlang},
    known_program{"beam", runtime::erlang},
    known_program{"mysqld", runtime::mysql},
    known_program{"mariadbd", runtime::mysql},
    known_program{"mysql", runtime::mysql},
    known_program{"postgres", runtime::postgresql},
    known_program{"postmaster", runtime::postgresql},
    known_program{"redis-server", runtime::redis},
    known_program{"redis-ser", runtime::redis},
    known_program{"memcached", runtime::memcached},
    // Programs in Go that are met often and that nothing else gives away.
    known_program{"dockerd", runtime::go},
    known_program{"containerd", runtime::go},
    known_program{"kubelet", runtime::go},
    known_program{"kube-proxy", runtime::go},
    known_program{"kube-apiserver", runtime::go},
    known_program{"etcd", runtime::go},
    known_program{"coredns", runtime::go},
    known_program{"prometheus", runtime::go},
    known_program{"consul", runtime::go},
    known_program{"vault", runtime::go},
    // And in Rust.
    known_program{"linkerd2-proxy", runtime::rust},
    known_program{"tikv-server", runtime::rust},
    known_program{"meilisearch", runtime::rust},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return text.size() == word.size() || !is_letter(text[word.size()]);
}

runtime match(std::string_view name) {
  for (const auto& program : programs) {
    if (starts_with_word(name, program.word)) return program.means;
  }
  return runtime::unknown;
}

std::string_view file_name(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return slash == path.npos ? path : path.substr(slash + 1);
}

}  // namespace

std::string_view to_string(runtime r) {
  switch (r) {
    case runtime::unknown: return "unknown";
    case runtime::nginx: return "nginx";
    case runtime::haproxy: return "HAProxy";
    case runtime::envoy: return "Envoy";
    case runtime::traefik: return "Traefik";
    case runtime::apache: return "Apache httpd";
    case runtime::varnish: return "Varnish";
    case runtime::caddy: return "Caddy";
    case runtime::squid: return "Squid";
    case runtime::php: return "PHP";
    case runtime::python: return "Python";
    case runtime::gunicorn: return "gunicorn";
    case runtime::uwsgi: return "uWSGI";
    case runtime::node: return "Node.js";
    case runtime::java: return "Java";
    case runtime::dotnet: return ".NET";
    case runtime::go: return "Go";
    case runtime::ruby: return "Ruby";
    case runtime::perl: return "Perl";
    case runtime::erlang: return "Erlang";
    case runtime::rust: return "Rust";
    case runtime::mysql: return "MySQL";
    case runtime::postgresql: return "PostgreSQL";
    case runtime::redis: return "Redis";
    case runtime::memcached: return "memcached";
    case runtime::native: return "native";
  }
  return "unknown";
}

std::optional<runtime> parse_runtime(std::string_view name) {
  return named_in(all_runtimes, name);
}

bool is_proxy(runtime r) {
  switch (r) {
    case runtime::nginx:
    case runtime::haproxy:
    case runtime::envoy:
    case runtime::traefik:
    case runtime::apache:
    case runtime::varnish:
    case runtime::caddy:
    case runtime::squid: return true;
    default: return false;
  }
}

runtime runtime_of(std::string_view name, std::string_view command_line,
                   std::string_view executable) {
  const auto by_file = match(file_name(executable));
  const auto by_name = match(file_name(name));
  // The file decides before the name: a worker renames itself as it likes. But gunicorn is a
  // script, so that its file is Python's.
  if (by_file == runtime::python && by_name == runtime::gunicorn) return by_name;
  if (by_file != runtime::unknown) return by_file;
  if (by_name != runtime::unknown) return by_name;
  const auto first_word = command_line.substr(0, command_line.find(' '));
  return match(file_name(first_word));
}

}  // namespace waitstate
