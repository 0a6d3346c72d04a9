#include "tests/kernel/settings_tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include <fmt/format.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel_test {

namespace fs = std::filesystem;

std::string text_of_file(const fs::path& path) {
  const fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 65'536> part{};
  ssize_t got = 0;
  while ((got = ::read(file.get(), part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return got < 0 ? "cannot be read" : text;
}

settings_tree tree_of(const std::vector<fs::path>& folders) {
  settings_tree tree;
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!entry.is_regular_file() || name == "nf_conntrack_count" || name == "flush") continue;
      tree[entry.path()] = fmt::format("{:o}\n{}", static_cast<int>(entry.status().permissions()),
                                       text_of_file(entry.path()));
    }
  }
  return tree;
}

std::string difference(const settings_tree& before, const settings_tree& after) {
  std::string text;
  for (const auto& [path, was] : before) {
    const auto is = after.find(path);
    if (is == after.end()) {
      text += path + " is gone\n";
    } else if (is->second != was) {
      text += fmt::format("{}: '{}' was '{}'\n", path, is->second, was);
    }
  }
  for (const auto& [path, is] : after) {
    if (!before.contains(path)) text += path + " is new\n";
  }
  return text;
}

}  // namespace waitstate::kernel_test
