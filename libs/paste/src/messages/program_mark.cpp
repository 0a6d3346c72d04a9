#include "messages/program_mark.h"

#include "messages/phrase.h"

namespace waitstate::paste {
namespace {

constexpr std::string_view digits = "0123456789";

struct program_mark {
  std::string_view mark;
  std::string_view program;
};

// The first that a line holds; proxies before the languages they are written in.
constexpr program_mark program_marks[] = {
    {"haproxy", "haproxy"},
    {"traefik", "traefik"},
    {"envoy", "envoy"},
    {"upstream connect error", "envoy"},
    {"delayed connect error", "envoy"},
    {"immediate connect error", "envoy"},
    {"caddy", "caddy"},
    {"varnish", "varnishd"},
    {"squid", "squid"},
    {"nginx", "nginx"},
    {"while connecting to upstream", "nginx"},
    {"ah00957", "apache2"},
    {"ah01114", "apache2"},
    {"proxy:error", "apache2"},
    {"ah00072", "apache2"},
    {"ah00161", "apache2"},
    {"ah00484", "apache2"},
    {"maxrequestworkers", "apache2"},
    {"worker_connections", "nginx"},
    {"pm.max_children", "php-fpm"},
    {"commbind", "squid"},
    {"gunicorn", "gunicorn"},
    {"uwsgi", "uwsgi"},
    {"predis", "php"},
    {"php", "php"},
    {"guzzlehttp", "php"},
    {"curl error", "php"},
    {"errno::e", "ruby"},
    {"java.net", "java"},
    {"java.io", "java"},
    {"hikaripool", "java"},
    {"hikari", "java"},
    {"org.apache.http", "java"},
    {"jedis", "java"},
    {"httpconnectionpool", "python"},
    {"httpsconnectionpool", "python"},
    {"urllib3", "python"},
    {"oserror: [errno", "python"},
    {"socket.error", "python"},
    {"aiohttp", "python"},
    {"httpx", "python"},
    {"sqlalchemy", "python"},
    {"queuepool", "python"},
    {"redis.exceptions", "python"},
    {"requests.exceptions", "python"},
    {"system.net", "dotnet"},
    {"socketexception", "dotnet"},
    {"stackexchange.redis", "dotnet"},
    {"npgsql", "dotnet"},
    {"system.data", "dotnet"},
    {"error: connect e", "node"},
    {"error: listen e", "node"},
    {"fetch failed", "node"},
    {"sequelize", "node"},
    {"knex", "node"},
    {"dial tcp", "go"},
    {"http: accept error", "go"},
};

/// "[crit] 2323#0: *535353 connect() ..." is how nginx writes: its process and thread.
bool is_nginx_log(std::string_view l) {
  for (const std::string_view level : {"[crit] ", "[error] ", "[alert] ", "[emerg] ", "[warn] "}) {
    const auto at = l.find(level);
    if (at == std::string_view::npos) continue;
    const auto process = l.substr(at + level.size());
    const auto sign = process.find_first_not_of(digits);
    if (sign == 0 || sign == std::string_view::npos || process[sign] != '#') continue;
    const auto thread = process.substr(sign + 1);
    const auto end = thread.find_first_not_of(digits);
    if (end != 0 && end != std::string_view::npos && thread[end] == ':') return true;
  }
  return false;
}

}  // namespace

std::string_view program_of(std::string_view l) {
  if (is_nginx_log(l)) return "nginx";
  for (const auto& [mark, program] : program_marks) {
    if (l.contains(mark)) return program;
  }
  return {};
}

bool is_to_upstream(std::string_view l) {
  if (has_any(l, {"connecting to upstream", "upstream connect error", "delayed connect error",
                  "immediate connect error", "to upstream", "to backend", "failed for backend",
                  "backend fetch failed", "backend connection", "attempt to connect to",
                  "to make connection to backend", "for server"})) {
    return true;
  }
  const bool gateway = has_any(l, {"502 bad gateway", "bad gateway", "reverse proxy", "proxy error",
                                   "http: proxy error", "reverseproxy"});
  return gateway && has_any(l, {"connect", "connecting", "connect()", "dial", "connection",
                                "upstream", "outgoing", "outbound", "newconnectionerror"});
}

}  // namespace waitstate::paste
