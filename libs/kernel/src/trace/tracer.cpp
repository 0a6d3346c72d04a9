#include "waitstate/kernel/tracer.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstddef>
#include <exception>
#include <span>
#include <utility>

#include "bpf/bpf_load.h"
#include "trace/connection_reader.h"
#include "trace/connections_program.h"

namespace waitstate::kernel {
namespace {

using std::chrono::system_clock;

// So that a caller comes to look at its clock and at Ctrl-C, however fast connections end.
constexpr std::size_t ends_in_a_read_max = 16'384;

system_clock::duration by_clock(std::chrono::nanoseconds passed) {
  return std::chrono::duration_cast<system_clock::duration>(passed);
}

}  // namespace

struct tracer::state {
  connections_program program;
  std::unique_ptr<ring_buffer, released_by<ring_buffer__free>> endings;
  system_clock::time_point boot;
  const std::function<void(const ended_connection&)>* sink = nullptr;
  std::exception_ptr thrown;
  std::size_t handed_over = 0;

  /// Called by libbpf, through which nothing may be thrown.
  static int take(void* self, void* data, std::size_t size) noexcept;
};

int tracer::state::take(void* self, void* data, std::size_t size) noexcept {
  auto& s = *static_cast<state*>(self);
  try {
    const auto ended = read_connection({static_cast<const std::byte*>(data), size}, s.boot);
    if (ended) (*s.sink)(*ended);
  } catch (...) {
    s.thrown = std::current_exception();
    return -ECANCELED;
  }
  return ++s.handed_over < ends_in_a_read_max ? 0 : -ECANCELED;
}

tracer::tracer(std::unique_ptr<state> s) : state_(std::move(s)) {}
tracer::~tracer() = default;
tracer::tracer(tracer&&) noexcept = default;
tracer& tracer::operator=(tracer&&) noexcept = default;

result<tracer> tracer::start(std::string_view net_namespace) {
  auto program = load_connections(net_namespace, ended_connections::told);
  if (!program) return failure(std::move(program).error());
  auto made = std::make_unique<state>();
  made->program = *std::move(program);
  made->boot = system_clock::now() - by_clock(since_boot());
  made->endings.reset(
      ring_buffer__new(bpf_map__fd(made->program->maps.ended), &state::take, made.get(), nullptr));
  if (!made->endings) return bpf_refused(errno, "BPF: opening the ring of endings");
  if (auto attached = attach(*made->program); !attached) {
    return failure(std::move(attached).error());
  }
  return tracer(std::move(made));
}

result<> tracer::read(std::chrono::milliseconds at_most,
                      const std::function<void(const ended_connection&)>& sink) {
  state_->sink = &sink;
  state_->handed_over = 0;
  const auto got = ring_buffer__poll(state_->endings.get(), static_cast<int>(at_most.count()));
  state_->sink = nullptr;
  if (state_->thrown) std::rethrow_exception(std::exchange(state_->thrown, nullptr));
  if (got < 0 && got != -EINTR && got != -ECANCELED)
    return bpf_refused(-got, "BPF: reading the ring of endings");
  return {};
}

system_clock::time_point tracer::now() const {
  return state_->boot + by_clock(since_boot());
}
std::uint64_t tracer::lost() const {
  return state_->program->bss->lost + edges_missed(*state_->program);
}
std::uint64_t tracer::not_followed() const {
  return state_->program->bss->not_followed;
}

}  // namespace waitstate::kernel
