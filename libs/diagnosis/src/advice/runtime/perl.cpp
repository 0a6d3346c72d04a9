#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice perl_advice{
    .name = "perl",
    .runtime = runtime::perl,
    .close = R"(my $response = $agent->get($url);          # the agent closes or keeps it
# a socket of your own: sysread() returned 0, or a scope was left by die
close($socket);
)",
    .evict = R"(my $agent = LWP::UserAgent->new(keep_alive => 16);
$agent->conn_cache->prune;                 # before a call after a pause: drops what has ended
)",
    .serve = R"(eval {
  local $SIG{ALRM} = sub { die "time-out\n" };
  alarm 30;
  handle($client);
  alarm 0;
};
close($client);                            # on every path, whatever eval caught
)",
    .threads = native_threads,
    .keep = {.text = "Make one user agent with keep-alive for the process",
             .command = "my $agent = LWP::UserAgent->new(keep_alive => 16);\n",
             .risk = idle_risk},
    .keep_in_short = "LWP::UserAgent with keep_alive",
    .bind = {.command = "setsockopt($socket, 0, 24, pack('i', 1));\n"},
    .backlog = "IO::Socket::INET->new(Listen => 4096, ...)",
};

}  // namespace waitstate::diagnosis
