#pragma once

#include <string_view>

namespace waitstate {

/// The id of the container that a cgroup is of, as Docker, containerd, CRI-O and Podman put it into
/// the path: its last run of 64 hexadecimal digits. Empty for a process of no container.
///
///     /system.slice/docker-4f0c...e1.scope
///     /kubepods.slice/kubepods-besteffort.slice/cri-containerd-4f0c...e1.scope
///     /docker/4f0c...e1
[[nodiscard]] std::string_view container_of(std::string_view cgroup);

}  // namespace waitstate
