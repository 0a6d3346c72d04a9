#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice elixir_advice{
    .name = "elixir",
    .runtime = runtime::erlang,
    .close = R"(# hackney, HTTPoison: a body that nobody reads keeps the socket
{:ok, status, headers, ref} = :hackney.get(url, [], "", recv_timeout: 30_000)
:hackney.skip_body(ref)
# a socket of your own
receive do
  {:tcp_closed, ^socket} -> :gen_tcp.close(socket)
after
  30_000 -> :gen_tcp.close(socket)
end
)",
    .evict = R"(# Finch
{Finch, name: App, pools: %{default: [size: 50, conn_max_idle_time: 30_000]}}
# hackney
:hackney_pool.start_pool(:app, timeout: 30_000, max_connections: 50)
)",
    .serve = R"(# Cowboy, Plug
http: [protocol_options: [idle_timeout: 60_000, request_timeout: 10_000]]
# a process with a socket of its own ends when the peer does
def handle_info({:tcp_closed, _socket}, state), do: {:stop, :normal, state}
)",
    .threads = R"(# in a remote console: bin/app remote
for p <- Process.list(), do: Process.info(p, [:current_stacktrace, :message_queue_len])
)",
    .keep = {.text = "Start one pool with the application and send every request through it; "
                     "hackney without a pool opens a connection each time",
             .command = R"(children = [{Finch, name: App, pools: %{default: [size: 50]}}]
Finch.build(:get, url) |> Finch.request(App)
)",
             .risk = idle_risk},
    .keep_in_short = "one Finch or hackney pool",
    .keep_stores_in_short = "DBConnection, one Redix",
    .bind =
        {.command =
             ":gen_tcp.connect(host, port, [{:raw, 0, 24, <<1::32-native>>}, {:ip, address}])\n"},
    .backlog = "Cowboy: transport_options: [socket_opts: [backlog: 4096]]",
};

}  // namespace waitstate::diagnosis
