#include "proc/container_names.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(container_names, are_read_from_what_docker_keeps) {
  EXPECT_EQ(name_in_docker(R"({"ID":"4f0c","Name":"/web","Path":"nginx"})"), "web");
  EXPECT_EQ(name_in_docker(R"({"Name":7})"), "");
  EXPECT_EQ(name_in_docker("{\"Name\":\"/we"), "");
  EXPECT_EQ(name_in_docker(""), "");
}

TEST(container_names, are_read_from_the_annotations_of_a_bundle) {
  EXPECT_EQ(name_in_bundle(R"({"annotations":{"io.kubernetes.cri.sandbox-name":"shop-7d",
                               "io.kubernetes.cri.container-name":"php"}})"),
            "shop-7d/php");
  EXPECT_EQ(name_in_bundle(R"({"annotations":{"io.kubernetes.cri.sandbox-name":"shop-7d"}})"),
            "shop-7d");
  EXPECT_EQ(name_in_bundle(R"({"annotations":{"io.kubernetes.pod.name":"shop-7d",
                               "io.kubernetes.container.name":"php"}})"),
            "shop-7d/php");
  EXPECT_EQ(name_in_bundle(R"({"annotations":{"nerdctl/name":"web"}})"), "web");
  EXPECT_EQ(name_in_bundle(R"({"annotations":["nerdctl/name"]})"), "");
  EXPECT_EQ(name_in_bundle("[]"), "");
}

TEST(container_names, are_read_from_podmans_list) {
  constexpr const char* list = R"([{"id":"aa","names":["db"]},{"id":"bb","names":["web","w"]}])";
  EXPECT_EQ(name_in_podman(list, "bb"), "web");
  EXPECT_EQ(name_in_podman(list, "cc"), "");
  EXPECT_EQ(name_in_podman(R"([{"id":"bb","names":[]},7])", "bb"), "");
  EXPECT_EQ(name_in_podman(R"({"id":"bb"})", "bb"), "");
}

TEST(container_names, are_found_where_each_runtime_keeps_them) {
  const auto root = testing::TempDir() + "waitstate-container-names";
  const auto write = [&](const std::string& path, const char* text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  };
  write("/var/lib/docker/containers/aa/config.v2.json", R"({"Name":"/web"})");
  write("/run/containerd/io.containerd.runtime.v2.task/k8s.io/bb/config.json",
        R"({"annotations":{"io.kubernetes.cri.sandbox-name":"pod",
            "io.kubernetes.cri.container-name":"php"}})");
  write("/run/containers/storage/overlay-containers/cc/userdata/config.json",
        R"({"annotations":{"io.kubernetes.container.name":"crio"}})");
  write("/var/lib/containers/storage/overlay-containers/containers.json",
        R"([{"id":"dd","names":["podman"]}])");
  container_names names(root);
  EXPECT_EQ(names.of("aa"), "web");
  EXPECT_EQ(names.of("bb"), "pod/php");
  EXPECT_EQ(names.of("cc"), "crio");
  EXPECT_EQ(names.of("dd"), "podman");
  EXPECT_EQ(names.of("ee"), "");
  EXPECT_EQ(names.of(""), "");
  std::filesystem::remove_all(root);
  EXPECT_EQ(names.of("aa"), "web") << "each is looked up once";
}

}  // namespace
}  // namespace waitstate::kernel
