#include "waitstate/snapshot/container.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(container, is_found_in_the_paths_of_the_usual_runtimes) {
  const std::string id = "4f0c2a7be1d94c6f8a035b1e2d7c9f604f0c2a7be1d94c6f8a035b1e2d7c9f60";
  for (const auto& path :
       {"/docker/" + id, "/system.slice/docker-" + id + ".scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cri-containerd-" +
            id + ".scope",
        "/machine.slice/libpod-" + id + ".scope/container", "/kubepods/besteffort/pod1/" + id}) {
    EXPECT_EQ(container_of(path), id) << path;
  }
}

TEST(container, is_the_innermost_one) {
  const std::string outer(64, 'a');
  const std::string inner(64, 'b');
  EXPECT_EQ(container_of("/docker/" + outer + "/docker/" + inner), inner);
}

TEST(container, is_nothing_elsewhere) {
  for (const auto& path :
       {std::string(), std::string("/"), std::string("/system.slice/nginx.service"),
        "/docker/" + std::string(63, 'a'), "/docker/" + std::string(65, 'a')}) {
    EXPECT_EQ(container_of(path), "") << path;
  }
}

TEST(container, a_pod_is_found_with_either_driver_of_cgroups) {
  constexpr const char* uid = "0e6c1f2a-7d34-4b1c-9a55-3f0d1c2b4a69";
  EXPECT_EQ(pod_of("/kubepods.slice/kubepods-burstable.slice/"
                   "kubepods-burstable-pod0e6c1f2a_7d34_4b1c_9a55_3f0d1c2b4a69.slice/"
                   "cri-containerd-4f0c.scope"),
            uid);
  EXPECT_EQ(pod_of("/kubepods/besteffort/pod0e6c1f2a-7d34-4b1c-9a55-3f0d1c2b4a69/4f0c"), uid);
  EXPECT_EQ(pod_of("/kubepods/besteffort/podman"), "");
  EXPECT_EQ(pod_of("/system.slice/pod0e6c1f2a-7d34-4b1c-9a55-3f0d1c2b4a69.service"), "");
}

TEST(container, a_unit_is_the_innermost_service_or_else_a_scope) {
  EXPECT_EQ(unit_of("/system.slice/nginx.service"), "nginx.service");
  EXPECT_EQ(unit_of("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/a"),
            "web.service");
  EXPECT_EQ(unit_of("/user.slice/user-1000.slice/session-4.scope"), "session-4.scope");
  EXPECT_EQ(unit_of("/system.slice/docker-" + std::string(64, 'a') + ".scope"), "");
  EXPECT_EQ(unit_of("/"), "");
}

TEST(container, where_a_process_runs_is_said_for_people) {
  process p{.cgroup = "/system.slice/docker-" + std::string(64, 'a') + ".scope"};
  EXPECT_EQ(home_of(p), "container aaaaaaaaaaaa");
  p.container_name = "web";
  EXPECT_EQ(home_of(p), "container web (aaaaaaaaaaaa)");
  EXPECT_EQ(home_of({.cgroup = "/system.slice/nginx.service"}), "nginx.service");
  EXPECT_EQ(home_of({.cgroup = "/"}), "the host");
  EXPECT_EQ(home_of({}), "");
}

}  // namespace
}  // namespace waitstate
