#include <benchmark/benchmark.h>

#include "inet_diag_writer.h"
#include "look/cookie_set.h"
#include "netlink/inet_diag_message.h"
#include "proc/owner_table.h"

namespace {

using namespace waitstate;

/// A datagram as the kernel fills one: 32 KiB of sockets.
std::vector<std::byte> datagram(bool with_info) {
  socket_record s{.flow = {.local = *tcp::parse_endpoint("10.0.0.1:40000"),
                           .remote = *tcp::parse_endpoint("10.0.0.2:5432")},
                  .state = tcp::state::established,
                  .cgroup_id = 4711,
                  .inode = 1,
                  .bind_address_no_port = false};
  if (with_info) s.last_data_ms = s.last_ack_ms = 5;
  kernel::inet_diag_writer writer(1);
  while (writer.bytes().size() < 32'000) {
    ++s.cookie;
    writer.add(s);
  }
  return writer.bytes();
}

void read_inet_diag(benchmark::State& state, bool with_info) {
  const auto bytes = datagram(with_info);
  std::uint64_t sockets = 0;
  const kernel::socket_sink sink = [](const socket_record& s) {
    benchmark::DoNotOptimize(s.cookie);
  };
  for (auto _ : state) sockets += kernel::read_inet_diag(bytes, 1, sink).sockets;
  state.SetItemsProcessed(static_cast<std::int64_t>(sockets));
}
BENCHMARK_CAPTURE(read_inet_diag, plain, false);
BENCHMARK_CAPTURE(read_inet_diag, with_info, true);

void cookie_set_insert(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    kernel::cookie_set seen;
    for (std::uint64_t cookie = 1; cookie <= count; ++cookie) {
      benchmark::DoNotOptimize(seen.insert(cookie * 3));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(cookie_set_insert)->Arg(10'000)->Arg(1'000'000);

void owner_lookup(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  kernel::owner_table owners;
  for (std::uint32_t inode = 1; inode <= count; ++inode) owners.insert({.inode = inode * 3});
  std::uint32_t inode = 0;
  for (auto _ : state) {
    inode = inode % count + 1;
    benchmark::DoNotOptimize(owners.owner_of(inode * 3));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(owner_lookup)->Arg(10'000)->Arg(1'000'000);

}  // namespace
