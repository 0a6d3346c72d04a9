#include "waitstate/kernel/tracer.h"

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

struct destroy {
  void operator()(connections_bpf* loaded) const { connections_bpf__destroy(loaded); }
  void operator()(ring_buffer* open) const { ring_buffer__free(open); }
};

/// When CLOCK_BOOTTIME was 0, by the clock on the wall as it is now.
system_clock::time_point boot_time() {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return system_clock::now() - std::chrono::seconds(since_boot.tv_sec) -
         std::chrono::duration_cast<system_clock::duration>(
             std::chrono::nanoseconds(since_boot.tv_nsec));
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
  std::unique_ptr<connections_bpf, destroy> program;
  std::unique_ptr<ring_buffer, destroy> endings;
  system_clock::time_point boot;
  const std::function<void(const ended_connection&)>* sink = nullptr;
  std::exception_ptr thrown;

  /// Called by libbpf, through which nothing may be thrown.
  static int take(void* self, void* data, std::size_t size) noexcept;
};

int tracer::state::take(void* self, void* data, std::size_t size) noexcept {
  auto& s = *static_cast<state*>(self);
  if (s.thrown) return 0;
  try {
    const auto ended = read_connection({static_cast<const std::byte*>(data), size}, s.boot);
    if (ended) (*s.sink)(*ended);
  } catch (...) {
    s.thrown = std::current_exception();
  }
  return 0;
}

tracer::tracer(std::unique_ptr<state> s) : state_(std::move(s)) {}
tracer::~tracer() = default;
tracer::tracer(tracer&&) noexcept = default;
tracer& tracer::operator=(tracer&&) noexcept = default;

result<tracer> tracer::start(std::string_view net_namespace) {
  const auto wanted = inode_of(net_namespace);
  if (!wanted) return failure(wanted.error());
  if (!may_load_bpf()) return bpf_refused(EPERM, "BPF");
  silence_libbpf();
  auto made = std::make_unique<state>();
  made->program.reset(connections_bpf__open());
  if (!made->program) return bpf_refused(errno, "BPF: reading the program");
  const auto pid_namespace = own_pid_namespace();
  if (!pid_namespace) return failure(pid_namespace.error());
  made->program->rodata->pid_namespace = *pid_namespace;
  made->program->rodata->net_namespace = *wanted;
  if (const auto failed = connections_bpf__load(made->program.get()); failed != 0) {
    return bpf_refused(-failed, "BPF: loading the program");
  }
  made->boot = boot_time();
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
  const auto got = ring_buffer__poll(state_->endings.get(), static_cast<int>(at_most.count()));
  state_->sink = nullptr;
  if (state_->thrown) std::rethrow_exception(std::exchange(state_->thrown, nullptr));
  if (got < 0 && got != -EINTR) return bpf_refused(-got, "BPF: reading the ring of endings");
  return {};
}

std::uint64_t tracer::lost() const {
  return state_->program->bss->lost;
}
std::uint64_t tracer::not_followed() const {
  return state_->program->bss->not_followed;
}

}  // namespace waitstate::kernel
