#include "trace/follower.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <tuple>
#include <utility>

#include "bpf/bpf_load.h"
#include "bpf/followed_record.h"
#include "trace/connections_program.h"
#include "trace/flow_reader.h"

namespace waitstate::kernel {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A TIME-WAIT lasts a minute, and an ownerless FIN-WAIT-2 no longer before it is one.
constexpr auto remembered = std::chrono::seconds(125);

/// Hands over every entry of a hash; with `takes` it is taken out.
template <class Key, class Value, class Sink>
result<> read_map(int map, bool takes, const Sink& sink) {
  constexpr std::uint32_t batch = 1024;  // more than the fullest bucket of any of them
  std::vector<Key> keys(batch);
  std::vector<Value> values(batch);
  std::array<std::uint64_t, 8> place{};
  void* from = nullptr;
  while (true) {
    std::uint32_t count = batch;
    const auto read = takes ? &bpf_map_lookup_and_delete_batch : &bpf_map_lookup_batch;
    const auto done = read(map, from, place.data(), keys.data(), values.data(), &count, nullptr);
    if (done < 0 && done != -ENOENT) return bpf_refused(-done, "BPF: reading what was followed");
    for (std::uint32_t i = 0; i < count; ++i) sink(keys[i], values[i]);
    if (done < 0) return {};
    from = place.data();
  }
}

std::uint32_t ms_since(std::uint64_t then, nanoseconds now) {
  const auto passed = duration_cast<milliseconds>(now - nanoseconds(then)).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(passed, 0, std::numeric_limits<std::uint32_t>::max() - 1));
}

followed_sockets::socket seen_of(const open_connection& c, nanoseconds now) {
  followed_sockets::socket seen{.closer = static_cast<std::int32_t>(c.closer)};
  if (c.close_wait_ns != 0) seen.close_wait_ms = ms_since(c.close_wait_ns, now) + 1;
  return seen;
}

}  // namespace

struct follower::state {
  connections_program program;
  nanoseconds began;

  [[nodiscard]] result<> take_flows(followed& to) const;
  [[nodiscard]] result<> take_sockets(followed& to) const;
};

result<> follower::state::take_flows(followed& to) const {
  return read_map<flow_key, flow_sums>(bpf_map__fd(program->maps.flows), true,
                                       [&](const flow_key& key, const flow_sums& sums) {
                                         to.flows.push_back(read_flow(key, sums, to.processes));
                                       });
}

result<> follower::state::take_sockets(followed& to) const {
  const auto now = since_boot();
  std::vector<followed_socket_key> old;
  const auto left = bpf_map__fd(program->maps.left);
  auto done = read_map<followed_socket_key, left_behind>(
      left, false, [&](const followed_socket_key& key, const left_behind& made) {
        if (now - nanoseconds(made.left_ns) > remembered) {
          old.push_back(key);
          return;
        }
        to.sockets.insert(key.cookie, key.net_namespace,
                          {.closer = static_cast<std::int32_t>(made.closer)});
      });
  if (!done) return done;
  for (const auto& key : old) std::ignore = bpf_map_delete_elem(left, &key);
  return read_map<std::uint64_t, open_connection>(
      bpf_map__fd(program->maps.open_connections), false,
      [&](std::uint64_t /*socket*/, const open_connection& c) {
        to.sockets.insert(c.cookie, c.net_namespace, seen_of(c, now));
      });
}

follower::follower(std::unique_ptr<state> s) : state_(std::move(s)) {}
follower::~follower() = default;
follower::follower(follower&&) noexcept = default;
follower& follower::operator=(follower&&) noexcept = default;

result<follower> follower::start(std::string_view net_namespace) {
  auto program = load_connections(net_namespace, ended_connections::added_up);
  if (!program) return failure(std::move(program).error());
  if (auto attached = attach(**program); !attached) return failure(std::move(attached).error());
  return follower(
      std::make_unique<state>(state{.program = *std::move(program), .began = since_boot()}));
}

result<followed> follower::take() {
  followed taken;
  const auto now = since_boot();
  taken.watched = duration_cast<milliseconds>(now - std::exchange(state_->began, now));
  if (auto done = state_->take_flows(taken); !done) return failure(std::move(done).error());
  if (auto done = state_->take_sockets(taken); !done) return failure(std::move(done).error());
  const auto& counts = *state_->program->bss;
  taken.not_counted = counts.not_added + counts.not_remembered + counts.not_followed +
                      edges_missed(*state_->program);
  return taken;
}

}  // namespace waitstate::kernel
