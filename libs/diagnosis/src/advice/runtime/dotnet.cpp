#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice dotnet_advice{
    .name = "dotnet",
    .runtime = runtime::dotnet,
    .close = R"(using var response = await client.SendAsync(
    request, HttpCompletionOption.ResponseHeadersRead, cancel);
await response.Content.CopyToAsync(Stream.Null, cancel);
// one HttpClient for the program; a socket or WebSocket is disposed when its loop ends
using var socket = new ClientWebSocket();
)",
    .evict = R"(var handler = new SocketsHttpHandler {
    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
};
)",
    .serve = R"(builder.WebHost.ConfigureKestrel(o => {
    o.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
    o.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
});
// pass HttpContext.RequestAborted to all that a handler awaits
)",
    .threads = "dotnet-stack report -p {pid}\n",
    .keep = {.text = "Make one HttpClient (or use IHttpClientFactory) and one GrpcChannel for the "
                     "process; leave Pooling=true in connection strings",
             .command = R"(static readonly HttpClient Client = new(new SocketsHttpHandler {
    PooledConnectionLifetime = TimeSpan.FromMinutes(2) });
services.AddHttpClient();   // or the factory
)",
             .risk = "a client that lives for ever sees DNS changes only when its connections end: "
                     "PooledConnectionLifetime"},
    .keep_in_short = "one HttpClient",
    .keep_stores_in_short = "Pooling=true",
    .bind = {.command = "socket.SetRawSocketOption(0, 24, BitConverter.GetBytes(1));\n"},
    .backlog = "builder.WebHost.UseSockets(o => o.Backlog = 4096)",
};

}  // namespace waitstate::diagnosis
