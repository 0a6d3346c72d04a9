#include "advice/close.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::string_view client_code(runtime r) {
  switch (r) {
    case runtime::java:
      return R"(// Apache HttpClient: the response is closed and its body read on every path
try (CloseableHttpResponse response = client.execute(request)) {
  EntityUtils.consume(response.getEntity());
}
// JDK HttpClient with BodyHandlers.ofInputStream(): close that stream
try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
  body.readAllBytes();
}
)";
    case runtime::python:
      return R"(# requests
with requests.Session() as session:
    with session.get(url, stream=True, timeout=(3, 30)) as response:
        body = response.content
# httpx: one client, closed at the end; a streamed response in a with block
with httpx.Client(timeout=30) as client:
    with client.stream("GET", url) as response:
        body = response.read()
)";
    case runtime::node:
      return R"(const request = http.get(url, { agent, timeout: 30_000 }, (response) => {
  response.resume();                       // a body that nobody reads keeps the socket
});
request.on("timeout", () => request.destroy());
// fetch: read the body or give it up
if (!response.ok) await response.body?.cancel();
// a socket or WebSocket of your own
socket.on("end", () => socket.destroy());
)";
    case runtime::go:
      return R"(resp, err := client.Do(req)
if err != nil {
	return err
}
defer resp.Body.Close()
_, err = io.Copy(io.Discard, resp.Body) // to its end, so that the connection is used again
)";
    case runtime::dotnet:
      return R"(using var response = await client.SendAsync(
    request, HttpCompletionOption.ResponseHeadersRead, cancel);
await response.Content.CopyToAsync(Stream.Null, cancel);
// one HttpClient for the program; a socket or WebSocket is disposed when its loop ends
using var socket = new ClientWebSocket();
)";
    case runtime::php:
      return R"($response = $client->request('GET', $url, ['timeout' => 30]);
try {
    $body = $response->getBody()->getContents();
} finally {
    $response->getBody()->close();
}
// streams and sockets of a long-running worker
fclose($stream);
)";
    case runtime::ruby:
      return R"(Net::HTTP.start(uri.host, uri.port, read_timeout: 30) do |http|
  http.request(request)                    # closed at the end of the block
end
)";
    case runtime::native:
      return R"(// read() or recv() returned 0: the peer closed; close(fd) on this path too.
// In an event loop ask for it (Linux: EPOLLIN | EPOLLRDHUP).
// In C++ let an object own the descriptor.
)";
    default: return {};
  }
}

std::string_view pool_code(runtime r) {
  switch (r) {
    case runtime::java:
      return R"(// HttpClient 5 (4: the same calls with (30, TimeUnit.SECONDS))
HttpClients.custom()
    .setConnectionManager(pool)
    .evictExpiredConnections()
    .evictIdleConnections(TimeValue.ofSeconds(30))
    .build();
// JDK HttpClient: java -Djdk.httpclient.keepalive.timeout=30
)";
    case runtime::python:
      return R"(# httpx
client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=5))
# aiohttp
connector = aiohttp.TCPConnector(keepalive_timeout=5)
)";
    case runtime::node:
      return R"(const agent = new http.Agent({ keepAlive: true, maxSockets: 50, timeout: 5_000 });
// fetch (undici)
setGlobalDispatcher(new Agent({ keepAliveTimeout: 4_000, keepAliveMaxTimeout: 30_000 }));
)";
    case runtime::go:
      return R"(transport := &http.Transport{
	MaxIdleConnsPerHost: 50,
	IdleConnTimeout:     30 * time.Second, // shorter than the server's
}
)";
    case runtime::dotnet:
      return R"(var handler = new SocketsHttpHandler {
    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
};
)";
    case runtime::nginx:
      return R"(upstream backend {
    server 10.0.0.7:8080;
    keepalive 32;
    keepalive_timeout 30s;   # shorter than the back end's
}
)";
    case runtime::haproxy:
      return R"(backend app
    timeout server 30s
    server app1 HOST:PORT pool-max-conn 100 pool-purge-delay 5s
)";
    default: return {};
  }
}

std::string_view server_code(runtime r) {
  switch (r) {
    case runtime::java:
      return R"(// the end of the stream is read() == -1; close in finally or with try-with-resources
try (Socket client = server.accept()) {
  client.setSoTimeout(30_000);
  handle(client);
}
// Servlet: asyncContext.setTimeout(30_000) and complete() on every path
// Netty: new IdleStateHandler(60, 0, 0) in the pipeline, ctx.close() on its event
)";
    case runtime::python:
      return R"(# asyncio
try:
    await asyncio.wait_for(handle(reader, writer), timeout=30)
finally:
    writer.close()
    await writer.wait_closed()
# uvicorn --timeout-keep-alive 5     gunicorn --timeout 30
)";
    case runtime::node:
      return R"(server.on("connection", (socket) => {
  socket.setTimeout(60_000, () => socket.destroy());
  socket.on("end", () => socket.end());    // with allowHalfOpen: true nobody else does
  socket.on("error", () => socket.destroy());
});
server.keepAliveTimeout = 5_000;
server.requestTimeout = 30_000;
)";
    case runtime::go:
      return R"(server := &http.Server{
	ReadHeaderTimeout: 5 * time.Second,
	ReadTimeout:       30 * time.Second,
	IdleTimeout:       60 * time.Second,
}
// a hijacked or WebSocket connection: close it when either side of the handler ends, and let
// no goroutine wait on it without a deadline
defer conn.Close()
conn.SetReadDeadline(time.Now().Add(60 * time.Second))
)";
    case runtime::dotnet:
      return R"(builder.WebHost.ConfigureKestrel(o => {
    o.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
    o.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
});
// pass HttpContext.RequestAborted to all that a handler awaits
)";
    case runtime::nginx:
      return R"(client_header_timeout 10s;
client_body_timeout 30s;
send_timeout 30s;
keepalive_timeout 30s;
)";
    case runtime::haproxy:
      return R"(defaults
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 5s
)";
    case runtime::php:
      return R"(; php-fpm pool: a request that never ends holds its connection
request_terminate_timeout = 60s
)";
    default:
      return R"(# on every descriptor: read() == 0 means that the client closed: close() it.
# In an event loop ask for it (Linux: EPOLLIN | EPOLLRDHUP),
# also while a request is being worked on.
)";
  }
}

std::string threads_command(runtime r, const std::string& pid) {
  switch (r) {
    case runtime::java: return fmt::format("jstack -l {}\n", pid);
    case runtime::python: return fmt::format("py-spy dump --pid {}\n", pid);
    case runtime::dotnet: return fmt::format("dotnet-stack report -p {}\n", pid);
    case runtime::go:
      return "curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2'   # with "
             "net/http/pprof\n";
    case runtime::node:
      return fmt::format("kill -USR1 {}   # starts the inspector; then: node inspect -p {}\n", pid,
                         pid);
    case runtime::ruby: return fmt::format("rbspy dump --pid {}\n", pid);
    case runtime::php:
      return "; php-fpm pool\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/php-fpm.slow.log\n";
    default:
      return fmt::format(
          "grep . /proc/{}/task/*/wchan\ngdb -p {} -batch -ex 'thread apply all bt'\n", pid, pid);
  }
}

/// ss wants brackets around an IPv6 address and takes no name that is masked.
std::string ss_address(const tcp::address& a) {
  switch (a.what()) {
    case tcp::address::kind::v4: return to_string(a);
    case tcp::address::kind::v6: return a.is_unspecified() ? "" : fmt::format("[{}]", to_string(a));
    default: return {};
  }
}

}  // namespace

remedy close_on_every_path(runtime r) {
  const auto code = client_code(r);
  return {.text =
              "Close the connection on every path, errors and time-outs too, and read each "
              "response to its end",
          .command = std::string(code.empty() ? client_code(runtime::native) : code)};
}

remedy evict_idle(runtime r) {
  return {.text =
              "Let the pool drop idle connections before the peer does: an idle time-out below "
              "the server's keep-alive, a check before a connection is lent, a bound on its age",
          .command = std::string(pool_code(r)),
          .risk = "a little more connecting after quiet times"};
}

remedy close_in_handlers(runtime r) {
  return {.text =
              "Find the handler path that does not reach close() once the client has gone, and "
              "give every wait in it a time-out",
          .command = std::string(server_code(r)),
          .risk = "a time-out that is too short cuts slow clients off"};
}

remedy show_threads(const snapshot& s, runtime r, const process* owner) {
  const auto command = threads_command(r, pid_text(s, owner));
  remedy made{.text = "Look where its threads are: what they all wait for is what holds it up",
              .command = command};
  if (command.contains("gdb")) made.risk = "gdb stops the program for the moment of the dump";
  if (r == runtime::node) {
    made.risk =
        "only if it is Node.js: the signal ends other programs. Every local user may run code in "
        "the service through the inspector's port, 127.0.0.1:9229, while it is open";
    made.undo = "require('inspector').close() in the program, or its restart";
  }
  return made;
}

remedy show_holders(const snapshot& s) {
  const auto* command = "ss -tnp state close-wait    # and: ss -tln for the listening ports\n";
  if (system_of(s) == os_family::windows) command = "netstat -ano | findstr CLOSE_WAIT\n";
  if (system_of(s) == os_family::macos) command = "lsof -nP -iTCP -sTCP:CLOSE_WAIT\n";
  return {.text =
              "See which program holds them, and on which side: a local port that is listened "
              "on makes it the server's, a remote one the client's",
          .command = command};
}

remedy list_descriptors(const snapshot& s, const process* owner) {
  const auto pid = pid_text(s, owner);
  return {.text = "See what the descriptors are, the most frequent kind first",
          .command = fmt::format("ls -l /proc/{}/fd | awk '{{print $NF}}' | sed 's/[0-9]\\+/N/g' "
                                 "| sort | uniq -c | sort -rn | head\n",
                                 pid)};
}

std::optional<remedy> close_from_outside(const snapshot& s, direction side,
                                         const tcp::endpoint& endpoint) {
  if (system_of(s) != os_family::linux_kernel || endpoint.port == 0) return std::nullopt;
  const bool is_outbound = side == direction::outbound;
  auto filter = fmt::format("{} = :{}", is_outbound ? "dport" : "sport", endpoint.port);
  const auto address = ss_address(endpoint.address);
  if (is_outbound && !address.empty()) filter = fmt::format("dst {} and {}", address, filter);
  return remedy{
      .text =
          "For now, close these sockets from outside: it frees ports and memory, not the "
          "descriptors",
      .command = fmt::format("ss -tn state close-wait '( {0} )'    # first look at what it hits\n"
                             "ss -K -tn state close-wait '( {0} )'\n",
                             filter),
      .risk =
          "the program keeps its descriptors and its pool entries until it closes them, and "
          "gets an error (or SIGPIPE) when it writes to one",
      .undo = "nothing brings a closed connection back"};
}

}  // namespace waitstate::diagnosis
