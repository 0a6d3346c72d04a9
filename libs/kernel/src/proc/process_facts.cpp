#include "proc/process_facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "proc/go_program.h"
#include "proc/proc_file.h"
#include "waitstate/snapshot/container.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t small_max = 4096;  // command lines too: they can be megabytes

std::string first_line_of(const std::string& path) {
  const auto text = read_file(path, small_max).value_or("");
  std::string_view rest = text;
  return std::string(take_until(rest, '\n'));
}

std::string target_of(const std::string& link) {
  std::array<char, small_max> target{};
  const auto size = ::readlink(link.c_str(), target.data(), target.size());
  return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

/// The file was replaced while it runs, as an upgrade does: the path is followed by this.
std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view mark = " (deleted)";
  return path.ends_with(mark) ? path.substr(0, path.size() - mark.size()) : path;
}

}  // namespace

char parse_activity(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos || stat.size() < name_end + 3) return 0;
  return stat[name_end + 2];
}

std::int32_t parse_parent(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos) return 0;
  auto rest = stat.substr(name_end + 1);
  (void)take_word(rest);  // the state
  return to_number<std::int32_t>(take_word(rest)).value_or(0);
}

std::uint64_t parse_context_switches(std::string_view status) {
  std::uint64_t switches = 0;
  while (!status.empty()) {
    auto line = take_until(status, '\n');
    if (!take_word(line).ends_with("voluntary_ctxt_switches:")) continue;
    switches += to_number<std::uint64_t>(take_word(line)).value_or(0);
  }
  return switches;
}

std::string parse_cgroup(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const auto line = take_until(cgroup, '\n');
    if (line.starts_with("0::")) return std::string(line.substr(3));
  }
  return {};
}

std::string parse_command_line(std::string_view cmdline) {
  std::string text(cmdline.substr(0, cmdline.find_last_not_of('\0') + 1));
  std::ranges::replace(text, '\0', ' ');
  return text;
}

process process_reader::read(std::int32_t pid) {
  const auto folder = fmt::format("/proc/{}", pid);
  const auto limits = limits_of(pid);
  process p{.pid = pid, .name = first_line_of(folder + "/comm")};
  p.command_line = parse_command_line(read_file(folder + "/cmdline", small_max).value_or(""));
  p.cgroup = parse_cgroup(read_file(folder + "/cgroup", small_max).value_or(""));
  p.container_name = containers_.of(container_of(p.cgroup));
  p.fd_limit = limits.soft;
  p.fd_limit_hard = limits.hard;
  const auto stat = read_file(folder + "/stat", small_max).value_or("");
  p.activity = parse_activity(stat);
  p.parent = parse_parent(stat);
  p.waits_in = first_line_of(folder + "/wchan");
  if (p.waits_in == "0") p.waits_in.clear();

  const auto executable = target_of(folder + "/exe");
  p.runtime = runtime_of(p.name, p.command_line, without_deleted(executable));
  if (p.runtime == runtime::unknown && is_go(folder + "/exe")) p.runtime = runtime::go;
  return p;
}

procfs::fd_limits process_reader::limits_of(std::int32_t pid) {
  return procfs::parse_fd_limits(
      read_file(fmt::format("/proc/{}/limits", pid), small_max).value_or(""));
}

bool process_reader::is_go(const std::string& executable) {
  struct stat file{};
  if (::stat(executable.c_str(), &file) != 0) return false;
  const std::pair key{std::uint64_t{file.st_dev}, std::uint64_t{file.st_ino}};
  if (const auto known = is_go_.find(key); known != is_go_.end()) return known->second;
  const auto start = read_file(executable, go_program_bytes).value_or("");
  const bool go = is_go_program(std::as_bytes(std::span(start)));
  if (is_go_.size() < executables_max) is_go_.emplace(key, go);
  return go;
}

std::uint32_t add_process(snapshot& s, std::int32_t pid, std::uint32_t net_namespace) {
  const auto known = std::ranges::find(s.processes, pid, &process::pid);
  if (known != s.processes.end()) return static_cast<std::uint32_t>(known - s.processes.begin());
  auto p = process_reader().read(pid);
  p.net_namespace = net_namespace;
  s.processes.push_back(std::move(p));
  return static_cast<std::uint32_t>(s.processes.size() - 1);
}

}  // namespace waitstate::kernel
