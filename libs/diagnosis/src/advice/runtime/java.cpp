#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice java_advice{
    .name = "java",
    .runtime = runtime::java,
    .close = R"(// Apache HttpClient: the response is closed and its body read on every path
try (CloseableHttpResponse response = client.execute(request)) {
  EntityUtils.consume(response.getEntity());
}
// JDK HttpClient with BodyHandlers.ofInputStream(): close that stream
try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
  body.readAllBytes();
}
)",
    .evict = R"(// HttpClient 5 (4: the same calls with (30, TimeUnit.SECONDS))
HttpClients.custom()
    .setConnectionManager(pool)
    .evictExpiredConnections()
    .evictIdleConnections(TimeValue.ofSeconds(30))
    .build();
// JDK HttpClient: java -Djdk.httpclient.keepalive.timeout=30
)",
    .serve =
        R"(// the end of the stream is read() == -1; close in finally or with try-with-resources
try (Socket client = server.accept()) {
  client.setSoTimeout(30_000);
  handle(client);
}
// Servlet: asyncContext.setTimeout(30_000) and complete() on every path
// Netty: new IdleStateHandler(60, 0, 0) in the pipeline, ctx.close() on its event
)",
    .workers = R"(# Tomcat, in server.xml; Spring Boot: server.tomcat.threads.max
<Connector maxThreads="400" acceptCount="100" connectionTimeout="20000" />
)",
    .threads = "jstack -l {pid}\n",
    .keep = {.text = "Make one pooling HTTP client for the application and consume every entity; "
                     "database calls go through a pool (HikariCP)",
             .command =
                 R"(// Apache HttpClient 5 (4: PoolingHttpClientConnectionManager, setMaxPerRoute)
var pool = PoolingHttpClientConnectionManagerBuilder.create()
    .setMaxConnPerRoute(64).setMaxConnTotal(256).build();
var client = HttpClients.custom().setConnectionManager(pool)
    .evictIdleConnections(TimeValue.ofSeconds(30)).build();
// JDK: one static final HttpClient, never one for each call
)",
             .risk = idle_risk},
    .keep_in_short = "one pooling HttpClient",
    .keep_stores_in_short = "HikariCP, JedisPool",
    .bind = {.text = "Leave the local address out where java.net opens the connection, which "
                     "cannot set the option; Netty's epoll transport can",
             .command = "bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);\n"},
    .backlog = "new ServerSocket(port, 4096); Tomcat: acceptCount=\"4096\"; Netty: SO_BACKLOG",
};

}  // namespace waitstate::diagnosis
