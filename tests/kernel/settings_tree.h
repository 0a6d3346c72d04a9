#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace waitstate::kernel_test {

/// The files of some folders, whole: path to permissions and bytes. What the kernel counts by
/// itself is left out.
using settings_tree = std::map<std::string, std::string>;
[[nodiscard]] settings_tree tree_of(const std::vector<std::filesystem::path>& folders);

/// What differs between the two, for a person; empty where nothing does.
[[nodiscard]] std::string difference(const settings_tree& before, const settings_tree& after);

[[nodiscard]] std::string text_of_file(const std::filesystem::path& path);

}  // namespace waitstate::kernel_test
