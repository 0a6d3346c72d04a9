#include "waitstate/kernel/tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <exception>
#include <span>
#include <utility>

#include <connections.skel.h>

#include "bpf/bpf_load.h"
#include "look/netns.h"
#include "trace/connection_reader.h"

namespace waitstate::kernel {
namespace {

using std::chrono::system_clock;

using connections = std::unique_ptr<connections_bpf, released_by<connections_bpf__destroy>>;

result<connections> load_connections(std::uint32_t net_namespace) {
  return load_programs<connections_bpf__open, connections_bpf__load, connections_bpf__destroy>(
      [&](connections_bpf& program) { program.rodata->net_namespace = net_namespace; });
}

// So that a caller comes to look at its clock and at Ctrl-C, however fast connections end.
constexpr std::size_t ends_in_a_read_max = 16'384;

/// How often the kernel did not run a program since it ran already.
std::uint64_t misses_of(int program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.recursion_misses : 0;
}

system_clock::duration since_boot() {
  timespec passed{};
  ::clock_gettime(CLOCK_BOOTTIME, &passed);
  return std::chrono::duration_cast<system_clock::duration>(
      std::chrono::seconds(passed.tv_sec) + std::chrono::nanoseconds(passed.tv_nsec));
}

/// As the program has it: 0 is every namespace.
result<std::uint32_t> inode_of(std::string_view net_namespace) {
  if (net_namespace == "all") return 0;
  const auto selected = select_namespaces(net_namespace);
  if (!selected) return failure(selected.error());
  return static_cast<std::uint32_t>(selected->front().inode);
}

}  // namespace

struct tracer::state {
  connections program;
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
  const auto wanted = inode_of(net_namespace);
  if (!wanted) return failure(wanted.error());
  auto program = load_connections(*wanted);
  if (!program) return failure(std::move(program).error());
  auto made = std::make_unique<state>();
  made->program = *std::move(program);
  made->boot = system_clock::now() - since_boot();
  made->endings.reset(
      ring_buffer__new(bpf_map__fd(made->program->maps.ended), &state::take, made.get(), nullptr));
  if (!made->endings) return bpf_refused(errno, "BPF: opening the ring of endings");
  if (const auto failed = connections_bpf__attach(made->program.get()); failed != 0) {
    return bpf_refused(-failed, "BPF: attaching to sock:inet_sock_set_state");
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
  return state_->boot + since_boot();
}
std::uint64_t tracer::lost() const {
  const auto& program = *state_->program;
  // Edges that the kernel kept from the first program, and the second did not get either.
  const auto kept = misses_of(bpf_program__fd(program.progs.follow));
  const auto taken = program.bss->taken_again;
  return program.bss->lost + (kept > taken ? kept - taken : 0);
}
std::uint64_t tracer::not_followed() const {
  return state_->program->bss->not_followed;
}

}  // namespace waitstate::kernel
