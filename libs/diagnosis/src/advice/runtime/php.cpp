#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice php_advice{
    .name = "php",
    .runtime = runtime::php,
    .close = R"($response = $client->request('GET', $url, ['timeout' => 30]);
try {
    $body = $response->getBody()->getContents();
} finally {
    $response->getBody()->close();
}
// streams and sockets of a long-running worker
fclose($stream);
)",
    .evict = R"(// PHP 8.2: no connection is used again that has been idle for longer
curl_setopt($handle, CURLOPT_MAXAGE_CONN, 30);
// a persistent connection: the server's idle time-out (wait_timeout) longer than the worker's pause,
// and connect again once when the first command fails
)",
    .serve = R"(; php-fpm pool: a request that never ends holds its connection
request_terminate_timeout = 60s
)",
    .workers = R"(; php-fpm pool
pm.max_children = 50
request_terminate_timeout = 30s
)",
    .threads = R"(; php-fpm pool
request_slowlog_timeout = 5s
slowlog = /var/log/php-fpm.slow.log
)",
    .keep = {.text = "Keep one curl handle for all calls of a request; between requests PHP closes "
                     "everything, so put a local proxy with keep-alive in front of the service",
             .command =
                 R"(function http() { static $handle; return $handle = $handle ?: curl_init(); }
# and a local nginx:
upstream app { server {destination}; keepalive 32; }
server { listen 127.0.0.1:8081; location / { proxy_pass http://app;
  proxy_http_version 1.1; proxy_set_header Connection ""; } }
)",
             .risk = "one more process on the way",
             .undo = "call the service directly again"},
    .keep_to_cache =
        {.text = "Use persistent connections: PHP closes all others at the end of every request",
         .command = R"($redis->pconnect('{host}', {port});                            // phpredis
new Predis\Client(['host' => '{host}', 'port' => {port}, 'persistent' => true]);
)",
         .risk = "each worker keeps one connection: workers must fit the server's maxclients; a "
                 "SELECT or a transaction left open is inherited",
         .undo = "connect() again"},
    .keep_to_database =
        {.text = "Use persistent connections: PHP closes all others at the end of every request",
         .command = R"(new PDO($dsn, $user, $password, [PDO::ATTR_PERSISTENT => true]);
mysqli_connect('p:' . $host, $user, $password);
)",
         .risk = "each worker keeps one connection: workers must fit max_connections; open "
                 "transactions and session settings are inherited",
         .undo = "remove ATTR_PERSISTENT or the p:"},
    .keep_in_short = "a local proxy with keep-alive",
    .keep_stores_in_short = "pconnect(), PDO::ATTR_PERSISTENT",
    .bind = {.command = "socket_set_option($socket, 0, 24, 1);\n"},
    .backlog = "php-fpm pool: listen.backlog = 4096",
};

}  // namespace waitstate::diagnosis
