#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice go_advice{
    .name = "go",
    .runtime = runtime::go,
    .close = R"(resp, err := client.Do(req)
if err != nil {
	return err
}
defer resp.Body.Close()
_, err = io.Copy(io.Discard, resp.Body) // to its end, so that the connection is used again
)",
    .evict = R"(transport := &http.Transport{
	MaxIdleConnsPerHost: 50,
	IdleConnTimeout:     30 * time.Second, // shorter than the server's
}
)",
    .serve = R"(server := &http.Server{
	ReadHeaderTimeout: 5 * time.Second,
	ReadTimeout:       30 * time.Second,
	IdleTimeout:       60 * time.Second,
}
// a hijacked or WebSocket connection: close it when either side of the handler ends, and let
// no goroutine wait on it without a deadline
defer conn.Close()
conn.SetReadDeadline(time.Now().Add(60 * time.Second))
)",
    .threads =
        "curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2'   # with net/http/pprof\n",
    .keep = {.text = "Share one http.Client, keep more than 2 idle connections a host, and read "
                     "every body to its end before closing it",
             .command = R"(var client = &http.Client{Transport: &http.Transport{
    MaxIdleConns: 256, MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second}}
resp, err := client.Do(req)
if err != nil { return err }
defer resp.Body.Close()
io.Copy(io.Discard, resp.Body)
)",
             .risk = idle_risk},
    .keep_in_short = "one http.Client, bodies read to the end",
    .keep_stores_in_short = "one sql.DB or one client",
    .bind = {.command = "in Dialer.Control, unix.SetsockoptInt(fd, unix.IPPROTO_IP, "
                        "unix.IP_BIND_ADDRESS_NO_PORT, 1)\n"},
    .backlog = "net.Listen() takes net.core.somaxconn: raise that and restart",
};

}  // namespace waitstate::diagnosis
