#include "trace/connections_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <ctime>
#include <tuple>
#include <utility>

#include "bpf/bpf_load.h"
#include "look/netns.h"

namespace waitstate::kernel {
namespace {

/// As the program has it: 0 is every namespace.
result<std::uint32_t> inode_of(std::string_view net_namespace) {
  if (net_namespace == "all") return 0;
  const auto selected = select_namespaces(net_namespace);
  if (!selected) return failure(selected.error());
  return static_cast<std::uint32_t>(selected->front().inode);
}

/// How often the kernel did not run a program since it ran already.
std::uint64_t misses_of(int program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.recursion_misses : 0;
}

}  // namespace

result<connections_program> load_connections(std::string_view net_namespace,
                                             ended_connections become) {
  const auto wanted = inode_of(net_namespace);
  if (!wanted) return failure(wanted.error());
  auto loaded =
      load_programs<connections_bpf__open, connections_bpf__load, connections_bpf__destroy>(
          [&](connections_bpf& program) {
            program.rodata->net_namespace = *wanted;
            const bool adds_up = become == ended_connections::added_up;
            program.rodata->adds_up = adds_up ? 1 : 0;
            // What is not used takes the least memory there is.
            if (adds_up) {
              const auto page = static_cast<std::uint32_t>(::sysconf(_SC_PAGESIZE));
              std::ignore = bpf_map__set_max_entries(program.maps.ended, page);
            } else {
              std::ignore = bpf_map__set_max_entries(program.maps.flows, 1);
              std::ignore = bpf_map__set_max_entries(program.maps.left, 1);
            }
          });
  if (!loaded) return failure(std::move(loaded).error());
  return connections_program(loaded->release());
}

void connections_release::operator()(connections_bpf* made) const {
  connections_bpf__destroy(made);
}

result<> attach(connections_bpf& program) {
  if (const auto failed = connections_bpf__attach(&program); failed != 0) {
    return bpf_refused(-failed, "BPF: attaching to sock:inet_sock_set_state");
  }
  return {};
}

std::uint64_t edges_missed(const connections_bpf& program) {
  // Those that were kept from the first program, and the second did not get either.
  const auto kept = misses_of(bpf_program__fd(program.progs.follow));
  const auto taken = program.bss->taken_again;
  return kept > taken ? kept - taken : 0;
}

std::chrono::nanoseconds since_boot() {
  timespec passed{};
  ::clock_gettime(CLOCK_BOOTTIME, &passed);
  return std::chrono::seconds(passed.tv_sec) + std::chrono::nanoseconds(passed.tv_nsec);
}

}  // namespace waitstate::kernel
