#include "advice/reuse.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "waitstate/tcp/service.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr const char* idle_risk =
    "an idle connection that the other side closed first fails its next use: keep connections for "
    "less time than the server does, and retry once";

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

remedy nginx(const reuse_target& target) {
  const auto to = destination_or(target, "HOST:PORT");
  return {.text =
              "Keep nginx's upstream connections: a keepalive pool, HTTP/1.1, no Connection: "
              "close (all three lines are needed)",
          .command = fmt::format("upstream app {{\n"
                                 "    server {};\n"
                                 "    keepalive 64;\n"
                                 "}}\n"
                                 "location / {{\n"
                                 "    proxy_pass http://app;\n"
                                 "    proxy_http_version 1.1;\n"
                                 "    proxy_set_header Connection \"\";\n"
                                 "}}\n",
                                 to),
          .risk =
              "each worker keeps up to 64 idle connections; the upstream's idle time-out must "
              "be longer than nginx's keepalive_timeout (60 s)",
          .undo = "remove the lines, then: nginx -s reload"};
}

remedy haproxy(const reuse_target& target) {
  return {.text =
              "Let HAProxy reuse server connections, and drop `option httpclose` and `option "
              "http-server-close`",
          .command = fmt::format("backend app\n"
                                 "    option http-keep-alive\n"
                                 "    http-reuse always\n"
                                 "    server app1 {} pool-max-conn 256 pool-purge-delay 30s\n",
                                 destination_or(target, "HOST:PORT")),
          .risk =
              "with `always` a request may meet a connection that the server just closed; "
              "`http-reuse safe` avoids that for the first request of a client",
          .undo = "http-reuse never, then reload"};
}

remedy envoy() {
  return {.text =
              "Let Envoy keep its upstream connections: no max_requests_per_connection: 1, an "
              "idle time-out shorter than the upstream's",
          .command =
              "typed_extension_protocol_options:\n"
              "  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:\n"
              "    \"@type\": "
              "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions\n"
              "    common_http_protocol_options:\n"
              "      idle_timeout: 30s\n"
              "    explicit_http_config:\n"
              "      http_protocol_options: {}\n",
          .risk = idle_risk,
          .undo = "remove the block"};
}

remedy traefik() {
  return {.text =
              "Let Traefik keep more idle connections for each back end (static configuration; "
              "a provider with a transport of its own needs it there)",
          .command =
              "serversTransport:\n"
              "  maxIdleConnsPerHost: 200\n"
              "  forwardingTimeouts:\n"
              "    idleConnTimeout: 30s\n",
          .risk = idle_risk,
          .undo = "remove the block and restart"};
}

remedy apache(const reuse_target& target) {
  return {.text =
              "Let mod_proxy reuse back-end connections, and drop proxy-nokeepalive, "
              "force-proxy-request-1.0 and proxy-initial-not-pooled",
          .command = fmt::format("ProxyPass \"/\" \"http://{}/\" enablereuse=on max=64 ttl=30\n",
                                 destination_or(target, "HOST:PORT")),
          .risk = "`max` is for each child process",
          .undo = "disablereuse=on, then: apachectl graceful"};
}

remedy caddy(const reuse_target& target) {
  return {.text = "Let Caddy keep more idle connections for each upstream",
          .command = fmt::format("reverse_proxy {} {{\n"
                                 "    transport http {{\n"
                                 "        keepalive 30s\n"
                                 "        keepalive_idle_conns_per_host 64\n"
                                 "    }}\n"
                                 "}}\n",
                                 destination_or(target, "HOST:PORT")),
          .risk = idle_risk,
          .undo = "remove the transport block and reload"};
}

remedy varnish() {
  return {.text =
              "Let Varnish keep back-end connections; look for return (pipe) and for back ends "
              "that answer Connection: close",
          .command = "varnishadm param.set backend_idle_timeout 60\n",
          .risk = idle_risk,
          .undo = "varnishadm param.reset backend_idle_timeout"};
}

remedy squid() {
  return {.text = "Let Squid keep its server connections",
          .command =
              "server_persistent_connections on\n"
              "pconn_timeout 60 seconds\n",
          .risk = idle_risk,
          .undo = "server_persistent_connections off, then: squid -k reconfigure"};
}

/// Databases that are spoken to over HTTP get HTTP's remedies.
tcp::service_kind spoken_by(std::uint16_t port) {
  constexpr std::array<std::uint16_t, 5> over_http{2379, 5984, 8086, 8123, 9200};
  if (std::ranges::find(over_http, port) != over_http.end()) return tcp::service_kind::web;
  const auto service = tcp::service_of(port);
  return service ? service->kind : tcp::service_kind::other;
}

remedy php(const reuse_target& target) {
  using enum tcp::service_kind;
  const auto kind = spoken_by(target.port);

  if (kind == cache) {
    return {.text = "Use persistent connections: PHP closes all others at the end of every request",
            .command = fmt::format(
                "$redis->pconnect('{0}', {1});                            // phpredis\n"
                "new Predis\\Client(['host' => '{0}', 'port' => {1}, 'persistent' => true]);\n",
                host_of(target), target.port),
            .risk =
                "each worker keeps one connection: workers must fit the server's maxclients; a "
                "SELECT or a transaction left open is inherited",
            .undo = "connect() again"};
  }
  if (kind == database) {
    return {.text = "Use persistent connections: PHP closes all others at the end of every request",
            .command =
                "new PDO($dsn, $user, $password, [PDO::ATTR_PERSISTENT => true]);\n"
                "mysqli_connect('p:' . $host, $user, $password);\n",
            .risk =
                "each worker keeps one connection: workers must fit max_connections; open "
                "transactions and session settings are inherited",
            .undo = "remove ATTR_PERSISTENT or the p:"};
  }
  return {.text =
              "Keep one curl handle for all calls of a request; between requests PHP closes "
              "everything, so put a local proxy with keep-alive in front of the service",
          .command =
              "function http() { static $handle; return $handle = $handle ?: curl_init(); }\n"
              "# and a local nginx:\n"
              "upstream app { server " +
              destination_or(target, "HOST:PORT") +
              "; keepalive 32; }\n"
              "server { listen 127.0.0.1:8081; location / { proxy_pass http://app;\n"
              "  proxy_http_version 1.1; proxy_set_header Connection \"\"; } }\n",
          .risk = "one more process on the way",
          .undo = "call the service directly again"};
}

remedy python() {
  return {.text =
              "Make one session or client for the process and use it for every call; "
              "requests.get() and httpx.get() open a connection each",
          .command =
              "session = requests.Session()          # once, not for each call\n"
              "session.get(url)\n"
              "client = httpx.Client()               # the same with httpx\n"
              "client.get(url)\n",
          .risk = "a requests.Session is for one thread; its pool keeps 10 connections a host",
          .undo = {}};
}

remedy node() {
  return {.text =
              "Give every request one agent that keeps connections (the default only since "
              "Node.js 19)",
          .command =
              "const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });\n"
              "http.get(url, { agent }, onResponse);\n",
          .risk = idle_risk,
          .undo = "leave the agent out"};
}

remedy go() {
  return {.text =
              "Share one http.Client, keep more than 2 idle connections a host, and read every "
              "body to its end before closing it",
          .command =
              "var client = &http.Client{Transport: &http.Transport{\n"
              "    MaxIdleConns: 256, MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * "
              "time.Second}}\n"
              "resp, err := client.Do(req)\n"
              "if err != nil { return err }\n"
              "defer resp.Body.Close()\n"
              "io.Copy(io.Discard, resp.Body)\n",
          .risk = idle_risk,
          .undo = {}};
}

remedy java() {
  return {.text =
              "Make one pooling HTTP client for the application and consume every entity; "
              "database calls go through a pool (HikariCP)",
          .command =
              "// Apache HttpClient 5 (4: PoolingHttpClientConnectionManager, setMaxPerRoute)\n"
              "var pool = PoolingHttpClientConnectionManagerBuilder.create()\n"
              "    .setMaxConnPerRoute(64).setMaxConnTotal(256).build();\n"
              "var client = HttpClients.custom().setConnectionManager(pool)\n"
              "    .evictIdleConnections(TimeValue.ofSeconds(30)).build();\n"
              "// JDK: one static final HttpClient, never one for each call\n",
          .risk = idle_risk,
          .undo = {}};
}

remedy dotnet() {
  return {.text =
              "Make one HttpClient (or use IHttpClientFactory) and one GrpcChannel for the "
              "process; leave Pooling=true in connection strings",
          .command =
              "static readonly HttpClient Client = new(new SocketsHttpHandler {\n"
              "    PooledConnectionLifetime = TimeSpan.FromMinutes(2) });\n"
              "services.AddHttpClient();   // or the factory\n",
          .risk =
              "a client that lives for ever sees DNS changes only when its connections end: "
              "PooledConnectionLifetime",
          .undo = {}};
}

remedy ruby() {
  return {.text = "Keep connections: net-http-persistent, or a started Net::HTTP in a pool",
          .command =
              "HTTP = Net::HTTP::Persistent.new(name: 'app')\n"
              "HTTP.request(uri)\n",
          .risk = idle_risk,
          .undo = {}};
}

remedy perl() {
  return {.text = "Make one user agent with keep-alive for the process",
          .command = "my $agent = LWP::UserAgent->new(keep_alive => 16);\n",
          .risk = idle_risk,
          .undo = {}};
}

remedy any_runtime(const reuse_target& target) {
  using enum tcp::service_kind;
  const auto service = tcp::service_of(target.port);
  const auto kind = spoken_by(target.port);
  if (service && (kind == database || kind == cache || kind == queue)) {
    return {.text = fmt::format("Keep connections to {} in a pool that lives as long as the "
                                "process, instead of one for each call",
                                service->name),
            .command =
                "PHP: pconnect(), PDO::ATTR_PERSISTENT; Python: redis.ConnectionPool, "
                "SQLAlchemy's engine;\n"
                "Java: HikariCP, JedisPool; .NET: Pooling=true; Go: one sql.DB or one "
                "client; Node.js: createPool()\n",
            .risk = "all workers' pools together must fit the server's limit of connections",
            .undo = {}};
  }
  return {.text =
              "Keep connections and use them again: one client object for the process instead "
              "of one for each call",
          .command =
              "PHP: a local proxy with keep-alive; Python: requests.Session, httpx.Client;\n"
              "Node.js: http.Agent({ keepAlive: true }); Go: one http.Client, bodies read to "
              "the end;\n"
              "Java: one pooling HttpClient; .NET: one HttpClient; gRPC: one channel; "
              "Thrift: keep the transport open\n",
          .risk = idle_risk,
          .undo = {}};
}

}  // namespace

std::vector<remedy> keep_upstream_connections(const reuse_target& target) {
  switch (target.runtime) {
    case runtime::nginx: return {nginx(target)};
    case runtime::haproxy: return {haproxy(target)};
    case runtime::envoy: return {envoy()};
    case runtime::traefik: return {traefik()};
    case runtime::apache: return {apache(target)};
    case runtime::varnish: return {varnish()};
    case runtime::caddy: return {caddy(target)};
    case runtime::squid: return {squid()};
    case runtime::go: return {go()};
    case runtime::node: return {node()};
    case runtime::java: return {java()};
    default: return {nginx(target), haproxy(target)};
  }
}

std::vector<remedy> keep_connections(const reuse_target& target) {
  if (is_proxy(target.runtime)) return keep_upstream_connections(target);
  switch (target.runtime) {
    case runtime::php: return {php(target)};
    case runtime::python: return {python()};
    case runtime::node: return {node()};
    case runtime::go: return {go()};
    case runtime::java: return {java()};
    case runtime::dotnet: return {dotnet()};
    case runtime::ruby: return {ruby()};
    case runtime::perl: return {perl()};
    default: return {any_runtime(target)};
  }
}

}  // namespace waitstate::diagnosis
