#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice node_advice{
    .name = "node",
    .runtime = runtime::node,
    .close = R"(const request = http.get(url, { agent, timeout: 30_000 }, (response) => {
  response.resume();                       // a body that nobody reads keeps the socket
});
request.on("timeout", () => request.destroy());
// fetch: read the body or give it up
if (!response.ok) await response.body?.cancel();
// a socket or WebSocket of your own
socket.on("end", () => socket.destroy());
)",
    .evict = R"(const agent = new http.Agent({ keepAlive: true, maxSockets: 50, timeout: 5_000 });
// fetch (undici)
setGlobalDispatcher(new Agent({ keepAliveTimeout: 4_000, keepAliveMaxTimeout: 30_000 }));
)",
    .serve = R"(server.on("connection", (socket) => {
  socket.setTimeout(60_000, () => socket.destroy());
  socket.on("end", () => socket.end());    // with allowHalfOpen: true nobody else does
  socket.on("error", () => socket.destroy());
});
server.keepAliveTimeout = 5_000;
server.requestTimeout = 30_000;
)",
    .workers = R"(// long work leaves the event loop
const { Worker } = require('node:worker_threads');
new Worker('./work.js', { workerData: job });
server.requestTimeout = 30_000;
)",
    .threads = "kill -USR1 {pid}   # starts the inspector; then: node inspect -p {pid}\n",
    .threads_risk =
        "only if it is Node.js: the signal ends other programs. Every local user may run code in "
        "the service through the inspector's port, 127.0.0.1:9229, while it is open",
    .threads_undo = "require('inspector').close() in the program, or its restart",
    .keep = {.text = "Give every request one agent that keeps connections (the default only since "
                     "Node.js 19)",
             .command = R"(const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
http.get(url, { agent }, onResponse);
)",
             .risk = idle_risk,
             .undo = "leave the agent out"},
    .keep_in_short = "http.Agent({ keepAlive: true })",
    .keep_stores_in_short = "createPool()",
    .bind = {.text =
                 "Leave localAddress out of requests and agents: Node.js cannot set the option"},
    .backlog = "server.listen({ port: 8080, backlog: 4096 })",
};

}  // namespace waitstate::diagnosis
