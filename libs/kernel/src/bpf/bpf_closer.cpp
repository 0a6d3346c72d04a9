#include "bpf/bpf_closer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

#include <closing.skel.h>

#include "bpf/bpf_load.h"
#include "bpf/closing_record.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

using link = std::unique_ptr<bpf_link, released_by<bpf_link__destroy>>;
using skeleton = std::unique_ptr<closing_bpf, released_by<closing_bpf__destroy>>;

static_assert(CLOSING_MAX == bpf_closer::sockets_max);

closing_socket as_judged(const socket_record& s) {
  return {.bytes_received = s.bytes_received.value_or(0),
          .receive_queue = s.receive_queue,
          .send_queue = s.send_queue,
          .data_segments_sent = s.data_segments_sent.value_or(0),
          .state = static_cast<unsigned char>(s.state),
          .outcome = closing_not_met,
          .error = 0};
}

result<bpf_closer::outcome> outcome_of(const closing_socket& s) {
  using outcome = bpf_closer::outcome;
  switch (s.outcome) {
    case closing_changed: return outcome::changed;
    case closing_not_whole: return outcome::not_whole;
    case closing_not_met: return outcome::not_met;
    default: break;
  }
  if (s.error == 0) return outcome::closed;
  if (s.error == ENOENT) return outcome::gone;
  return bpf_refused(s.error, "BPF: closing a socket");
}

/// One pass; the program writes nothing but into its map.
result<> pass(const bpf_link* attached) {
  const fd iterator(bpf_iter_create(bpf_link__fd(attached)));
  if (!iterator) return bpf_refused(errno, "BPF: starting an iterator");
  std::array<std::byte, 4096> nothing{};
  while (true) {
    const auto size = ::read(iterator.get(), nothing.data(), nothing.size());
    // EAGAIN: see bpf_descriptors.cpp.
    if (size < 0 && errno != EINTR && errno != EAGAIN) {
      return bpf_refused(errno, "BPF: reading an iterator");
    }
    if (size == 0) return {};
  }
}

}  // namespace

struct bpf_closer::programs {
  skeleton made;
  link attached;
};

bpf_closer::bpf_closer(std::unique_ptr<programs> loaded) : loaded_(std::move(loaded)) {}
bpf_closer::~bpf_closer() = default;
bpf_closer::bpf_closer(bpf_closer&&) noexcept = default;
bpf_closer& bpf_closer::operator=(bpf_closer&&) noexcept = default;

result<bpf_closer> bpf_closer::load() {
  if (!has_capability(CAP_NET_ADMIN)) return bpf_refused(EPERM, "BPF: closing sockets");
  auto made = load_programs<closing_bpf__open, closing_bpf__load, closing_bpf__destroy>(
      [](const closing_bpf& /*as it is*/) {});
  if (!made) return failure(std::move(made).error());
  auto loaded = std::make_unique<programs>();
  loaded->made = *std::move(made);
  loaded->attached = link(bpf_program__attach_iter(loaded->made->progs.close_chosen, nullptr));
  if (!loaded->attached) return bpf_refused(errno, "BPF: attaching an iterator");
  return bpf_closer(std::move(loaded));
}

std::vector<result<bpf_closer::outcome>> bpf_closer::close(const net_namespace& where,
                                                           std::span<const socket_record> judged) {
  assert(judged.size() <= sockets_max);
  const int chosen = bpf_map__fd(loaded_->made->maps.chosen);
  result<> passed;
  for (const auto& s : judged) {
    const auto value = as_judged(s);
    const bool is_put = bpf_map_update_elem(chosen, &s.cookie, &value, BPF_ANY) == 0;
    if (!is_put && passed) passed = bpf_refused(errno, "BPF: choosing a socket");
  }
  if (passed) passed = run_inside(where, [&] { return pass(loaded_->attached.get()); });
  std::vector<result<outcome>> outcomes;
  outcomes.reserve(judged.size());
  for (const auto& s : judged) {
    closing_socket value{};
    (void)bpf_map_lookup_elem(chosen, &s.cookie, &value);
    (void)bpf_map_delete_elem(chosen, &s.cookie);
    auto one = outcome_of(value);
    if (!passed && one && *one == outcome::not_met) one = failure(passed.error());
    outcomes.push_back(std::move(one));
  }
  return outcomes;
}

}  // namespace waitstate::kernel
