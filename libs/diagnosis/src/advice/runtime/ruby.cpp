#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice ruby_advice{
    .name = "ruby",
    .runtime = runtime::ruby,
    .close = R"(Net::HTTP.start(uri.host, uri.port, read_timeout: 30) do |http|
  http.request(request)                    # closed at the end of the block
end
)",
    .evict = R"(HTTP = Net::HTTP::Persistent.new(name: 'app')
HTTP.idle_timeout = 5                      # seconds; shorter than the server's
)",
    .serve = R"(# config/puma.rb
persistent_timeout 20
first_data_timeout 10
# a handler that never ends: the gem rack-timeout
use Rack::Timeout, service_timeout: 30
)",
    .workers = R"(# config/puma.rb
workers 4
threads 5, 16
# unicorn
worker_processes 8
timeout 30
)",
    .threads = "rbspy dump --pid {pid}\n",
    .keep = {.text = "Keep connections: net-http-persistent, or a started Net::HTTP in a pool",
             .command = R"(HTTP = Net::HTTP::Persistent.new(name: 'app')
HTTP.request(uri)
)",
             .risk = idle_risk},
    .keep_in_short = "Net::HTTP::Persistent",
    .bind = {.command = "socket.setsockopt(0, 24, 1)\n"},
    .backlog = "puma: bind 'tcp://0.0.0.0:9292?backlog=4096'",
};

}  // namespace waitstate::diagnosis
