#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice python_advice{
    .name = "python",
    .runtime = runtime::python,
    .close = R"(# requests
with requests.Session() as session:
    with session.get(url, stream=True, timeout=(3, 30)) as response:
        body = response.content
# httpx: one client, closed at the end; a streamed response in a with block
with httpx.Client(timeout=30) as client:
    with client.stream("GET", url) as response:
        body = response.read()
)",
    .evict = R"(# httpx
client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=5))
# aiohttp
connector = aiohttp.TCPConnector(keepalive_timeout=5)
)",
    .serve = R"(# asyncio
try:
    await asyncio.wait_for(handle(reader, writer), timeout=30)
finally:
    writer.close()
    await writer.wait_closed()
# uvicorn --timeout-keep-alive 5     gunicorn --timeout 30
)",
    .threads = "py-spy dump --pid {pid}\n",
    .keep = {.text = "Make one session or client for the process and use it for every call; "
                     "requests.get() and httpx.get() open a connection each",
             .command = R"(session = requests.Session()          # once, not for each call
session.get(url)
client = httpx.Client()               # the same with httpx
client.get(url)
)",
             .risk = "a requests.Session is for one thread; its pool keeps 10 connections a host"},
    .keep_in_short = "requests.Session, httpx.Client",
    .keep_stores_in_short = "redis.ConnectionPool, SQLAlchemy's engine",
    .bind = {.command = "sock.setsockopt(socket.IPPROTO_IP, 24, 1)\n"},
    .backlog = "sock.listen(4096); asyncio: backlog=4096; uvicorn --backlog 4096",
};

}  // namespace waitstate::diagnosis
