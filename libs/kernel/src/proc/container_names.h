#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace waitstate::kernel {

/// The name in what Docker keeps of a container (config.v2.json): "web" of "/web". Empty where
/// there is none. This and the next two are pure; any bytes are safe.
[[nodiscard]] std::string name_in_docker(std::string_view config);

/// The name in the annotations of an OCI bundle (config.json), as containerd, CRI-O and nerdctl put
/// it there; of a container of Kubernetes "POD/CONTAINER".
[[nodiscard]] std::string name_in_bundle(std::string_view config);

/// The name of one container in Podman's list of them (containers.json).
[[nodiscard]] std::string name_in_podman(std::string_view list, std::string_view id);

/// What the runtimes of this host call their containers, read from their files; each id once.
class container_names {
 public:
  /// Of the files under another root than "/".
  explicit container_names(std::string root = {}) : root_(std::move(root)) {}

  /// Empty where no file says it, or we may not read it.
  [[nodiscard]] const std::string& of(std::string_view id);

 private:
  [[nodiscard]] std::string look_up(const std::string& id) const;

  static constexpr std::size_t ids_max = 4096;
  std::string root_;
  std::map<std::string, std::string, std::less<>> known_;
  std::string unknown_;
};

}  // namespace waitstate::kernel
