#include "proc/thread_places.h"

#include <dirent.h>

#include <algorithm>
#include <cstddef>
#include <map>

#include <fmt/format.h>

#include "proc/directory.h"
#include "proc/proc_file.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t threads_max = 512;

}  // namespace

std::vector<thread_place> counted_places(const std::vector<std::string>& places) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& place : places) ++counts[place == "0" ? std::string() : place];
  std::vector<thread_place> counted;
  counted.reserve(counts.size());
  for (const auto& [place, threads] : counts) {
    counted.push_back({.place = place, .threads = threads});
  }
  std::ranges::sort(counted, [](const thread_place& a, const thread_place& b) {
    return a.threads != b.threads ? a.threads > b.threads : a.place < b.place;
  });
  return counted;
}

std::vector<thread_place> read_thread_places(std::int32_t pid) {
  const auto folder = fmt::format("/proc/{}/task", pid);
  const auto tasks = open_directory(folder);
  std::vector<std::string> places;
  places.reserve(threads_max);
  while (tasks != nullptr && places.size() < threads_max) {
    const auto* const entry = ::readdir(tasks.get());
    if (entry == nullptr) break;
    if (!to_number<std::int32_t>(entry->d_name)) continue;
    auto place = read_file(fmt::format("{}/{}/wchan", folder, entry->d_name), 256);
    if (place) places.push_back(*std::move(place));
  }
  return counted_places(places);
}

}  // namespace waitstate::kernel
