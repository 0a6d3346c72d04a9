#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice rust_advice{
    .name = "rust",
    .runtime = runtime::rust,
    .close = R"(let response = client.get(url).timeout(Duration::from_secs(30)).send().await?;
let body = response.bytes().await?;        // to its end, so that the connection is used again
// a socket of your own: Ok(0) from read() is the end; drop the stream, and let no task that waits
// for something else own it without a time-out
if stream.read(&mut buffer).await? == 0 {
    return Ok(());
}
)",
    .evict = R"(let client = reqwest::Client::builder()
    .pool_idle_timeout(Duration::from_secs(30)) // shorter than the server's
    .pool_max_idle_per_host(50)
    .build()?;
// bb8 and deadpool: test a connection when it is lent, bound its idle time and its age
let pool = bb8::Pool::builder()
    .test_on_check_out(true)
    .idle_timeout(Some(Duration::from_secs(30)))
    .build(manager).await?;
)",
    .serve =
        R"(// every connection has a task, and every task a deadline; leaving the block drops the stream
tokio::spawn(async move {
    let _ = tokio::time::timeout(Duration::from_secs(60), handle(stream)).await;
});
)",
    .threads = native_threads,
    .keep = {.text = "Make one client for the process and clone it: a clone shares the pool; "
                     "reqwest::get() opens a connection each time",
             .command =
                 R"(static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
let body = CLIENT.get(url).send().await?.bytes().await?;
)",
             .risk = idle_risk},
    .keep_in_short = "one reqwest::Client",
    .keep_stores_in_short = "bb8, deadpool, sqlx::Pool",
    .bind = {.command = "unsafe { libc::setsockopt(fd, libc::IPPROTO_IP, 24, (&raw const "
                        "on).cast(), 4) };   // let on: i32 = 1\n"},
    .backlog = "tokio: TcpSocket::listen(4096); socket2: socket.listen(4096)",
};

}  // namespace waitstate::diagnosis
