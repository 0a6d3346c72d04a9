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

}  // namespace
}  // namespace waitstate
