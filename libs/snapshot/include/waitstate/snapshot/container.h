#pragma once

#include <string>
#include <string_view>

#include "waitstate/snapshot/process.h"

namespace waitstate {

/// The id of the container that a cgroup is of, as Docker, containerd, CRI-O and Podman put it into
/// the path: its last run of 64 hexadecimal digits. Empty for a process of no container.
///
///     /system.slice/docker-4f0c...e1.scope
///     /kubepods.slice/kubepods-besteffort.slice/cri-containerd-4f0c...e1.scope
///     /docker/4f0c...e1
[[nodiscard]] std::string_view container_of(std::string_view cgroup);

/// The uid of the Kubernetes pod that a cgroup is of, "0e6c1f2a-7d34-4b1c-9a55-3f0d1c2b4a69", as
/// the kubelet puts it into the path with either driver. Empty for a process of no pod.
[[nodiscard]] std::string pod_of(std::string_view cgroup);

/// The innermost service of systemd that a cgroup is of, "nginx.service"; else the innermost scope
/// that is no container's, "session-4.scope". Empty where there is neither.
[[nodiscard]] std::string_view unit_of(std::string_view cgroup);

/// Where a process runs, for people: "container web (4f0c2a7be1d9)", with the id alone where no
/// runtime says its name, "pod 0e6c...", a unit of systemd, or "the host" itself. Empty where
/// its cgroup was not seen.
[[nodiscard]] std::string home_of(const process& p);

}  // namespace waitstate
