#include "proc/container_names.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "proc/proc_file.h"

namespace waitstate::kernel {
namespace {

using nlohmann::json;

constexpr std::size_t name_max = 128;
constexpr std::size_t file_max = std::size_t{4} << 20;  // Podman's is one for all

json parsed(std::string_view text) {
  return json::parse(text, nullptr, false);
}

/// The text of a member, or empty.
std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return found->get<std::string>().substr(0, name_max);
}

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

}  // namespace

std::string name_in_docker(std::string_view config) {
  return without_slash(text_of(parsed(config), "Name"));
}

std::string name_in_bundle(std::string_view config) {
  const auto bundle = parsed(config);
  if (!bundle.is_object()) return {};
  const auto found = bundle.find("annotations");
  if (found == bundle.end()) return {};
  constexpr std::array<std::pair<const char*, const char*>, 2> pod_and_container{
      {{"io.kubernetes.cri.sandbox-name", "io.kubernetes.cri.container-name"},
       {"io.kubernetes.pod.name", "io.kubernetes.container.name"}}};
  for (const auto& [pod_key, container_key] : pod_and_container) {
    const auto container = text_of(*found, container_key);
    const auto pod = text_of(*found, pod_key);
    if (container.empty() && pod.empty()) continue;
    return fmt::format("{}{}{}", pod, container.empty() || pod.empty() ? "" : "/", container);
  }
  return text_of(*found, "nerdctl/name");
}

std::string name_in_podman(std::string_view list, std::string_view id) {
  const auto containers = parsed(list);
  if (!containers.is_array()) return {};
  for (const auto& one : containers) {
    if (text_of(one, "id") != id) continue;
    const auto names = one.find("names");
    if (names == one.end() || !names->is_array() || names->empty()) return {};
    const auto& first = names->front();
    return first.is_string() ? first.get<std::string>().substr(0, name_max) : std::string();
  }
  return {};
}

const std::string& container_names::of(std::string_view id) {
  if (id.empty()) return unknown_;
  if (const auto found = known_.find(id); found != known_.end()) return found->second;
  if (known_.size() >= ids_max) return unknown_;
  return known_.emplace(std::string(id), look_up(std::string(id))).first->second;
}

std::string container_names::look_up(const std::string& id) const {
  const auto text = [&](const std::string& path) {
    return read_file(root_ + path, file_max).value_or("");
  };
  auto name = name_in_docker(text(fmt::format("/var/lib/docker/containers/{}/config.v2.json", id)));
  for (const auto* kept : {"/run/containerd/io.containerd.runtime.v2.task/k8s.io",
                           "/run/containerd/io.containerd.runtime.v2.task/default",
                           "/run/containers/storage/overlay-containers"}) {
    if (!name.empty()) return name;
    const bool is_userdata = std::string_view(kept).ends_with("overlay-containers");
    name = name_in_bundle(
        text(fmt::format("{}/{}/{}config.json", kept, id, is_userdata ? "userdata/" : "")));
  }
  if (!name.empty()) return name;
  return name_in_podman(text("/var/lib/containers/storage/overlay-containers/containers.json"), id);
}

}  // namespace waitstate::kernel
