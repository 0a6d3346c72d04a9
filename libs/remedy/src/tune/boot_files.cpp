#include "waitstate/remedy/tune/boot_files.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::remedy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 1'024;
constexpr std::size_t bytes_max = std::size_t{1} << 20;

/// By name, each where it was found first.
std::map<std::string, fs::path> named_files(const std::vector<std::string>& folders) {
  std::map<std::string, fs::path> files;
  for (const auto& folder : folders) {
    std::error_code trouble;
    for (fs::directory_iterator at(folder, trouble), end; !trouble && at != end;
         at.increment(trouble)) {
      const auto name = at->path().filename().string();
      const bool counts = name.ends_with(".conf") && files.size() < files_max;
      if (counts) files.try_emplace(name, at->path());
    }
  }
  return files;
}

/// A link to /dev/null is an empty file: that is how one is turned off.
sysctl_file file_at(const fs::path& path) {
  sysctl_file file{.path = path.string(), .said = {}};
  std::error_code trouble;
  if (fs::is_directory(path, trouble)) return file;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    file.said.unread.push_back({.number = 1, .why = "the file may not be read"});
    return file;
  }
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  const bool is_cut = text.size() > bytes_max;
  // What is cut in the middle says something else.
  if (is_cut) text.resize(text.rfind('\n', bytes_max) + 1);
  file.said = parse_sysctl(text);
  const auto behind = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + 1);
  if (file.said.past_bound > 0) {
    file.said.unread.push_back({.number = static_cast<std::uint32_t>(behind - file.said.past_bound),
                                .why = fmt::format("this line and {} behind it were not looked at",
                                                   counted(file.said.past_bound - 1, "line"))});
  }
  if (is_cut) {
    file.said.unread.push_back(
        {.number = behind, .why = "what is past the first megabyte was not looked at"});
  }
  return file;
}

}  // namespace

std::vector<std::string> boot_folders() {
  return {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
          "/lib/sysctl.d"};
}

std::vector<sysctl_file> read_boot_files(const std::vector<std::string>& folders) {
  std::vector<sysctl_file> files;
  const auto named = named_files(folders);
  files.reserve(named.size());
  for (const auto& [name, path] : named) files.push_back(file_at(path));
  return files;
}

}  // namespace waitstate::remedy
