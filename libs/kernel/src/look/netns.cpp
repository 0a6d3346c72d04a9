#include "look/netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "proc/directory.h"
#include "proc/proc_file.h"
#include "waitstate/base/fd.h"
#include "waitstate/base/spelling.h"

namespace waitstate::kernel {
namespace {

constexpr std::string_view names_folder = "/run/netns";
constexpr std::string_view own_path = "/proc/thread-self/ns/net";

result<std::uint64_t> inode_of(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) == 0) return file.st_ino;
  return failure(from_errno(errno, path));
}

/// A name whose mount is gone leaves a plain file behind.
bool is_namespace_file(const std::string& path) {
  struct statfs about{};
  return ::statfs(path.c_str(), &about) == 0 && about.f_type == NSFS_MAGIC;
}

std::string path_of_name(std::string_view name) {
  return fmt::format("{}/{}", names_folder, name);
}

error worded(int number, std::string_view which) {
  auto e = from_errno(number, fmt::format("netns '{}'", which));
  if (e.code == errc::permission) e.hint = "run as root";
  return e;
}

error no_such(std::string_view which) {
  auto e = worded(ENOENT, which);
  auto names = named_namespaces();
  if (to_number<std::int32_t>(which)) {
    e.what = fmt::format("netns '{}': there is no such process", which);
    return e;
  }
  names.emplace_back("all");
  const auto nearest = nearest_word(which, names);
  e.hint = nearest.empty() ? "'ip netns' lists the names; a pid or 'all' will do too"
                           : fmt::format("did you mean '{}'?", nearest);
  return e;
}

result<net_namespace> named_or_pid(std::string_view which) {
  const bool could_be_name = which.find('/') == which.npos && which != "." && which != "..";
  const auto by_name = path_of_name(which);
  if (could_be_name && is_namespace_file(by_name)) {
    const auto inode = inode_of(by_name);
    if (!inode) return failure(worded(errno, which));
    return net_namespace{.path = by_name, .name = std::string(which), .inode = *inode};
  }
  const auto pid = to_number<std::int32_t>(which);
  if (!pid || *pid <= 0) return failure(no_such(which));
  const auto by_pid = fmt::format("/proc/{}/ns/net", *pid);
  struct stat file{};
  if (::stat(by_pid.c_str(), &file) == 0) {
    return net_namespace{.path = by_pid, .name = {}, .inode = file.st_ino};
  }
  return failure(errno == ENOENT || errno == ESRCH ? no_such(which) : worded(errno, which));
}

net_namespace own_namespace() {
  return {.path = {}, .name = {}, .inode = inode_of(std::string(own_path)).value_or(0)};
}

void name_by_inode(net_namespace& ns) {
  for (const auto& name : named_namespaces()) {
    if (inode_of(path_of_name(name)).value_or(0) == ns.inode && ns.inode != 0) ns.name = name;
  }
}

std::vector<net_namespace> all_namespaces() {
  std::vector<net_namespace> all{own_namespace()};
  name_by_inode(all.front());
  std::unordered_set<std::uint64_t> known{all.front().inode};
  const auto add = [&](std::string path, std::string name) {
    const auto inode = inode_of(path);
    if (!inode || !known.insert(*inode).second) return;
    all.push_back({.path = std::move(path), .name = std::move(name), .inode = *inode});
  };
  for (const auto& name : named_namespaces()) add(path_of_name(name), name);
  const auto proc = open_directory("/proc");
  while (const auto* const entry = proc == nullptr ? nullptr : ::readdir(proc.get())) {
    const auto pid = to_number<std::int32_t>(entry->d_name);
    if (pid) add(fmt::format("/proc/{}/ns/net", *pid), {});
  }
  return all;
}

result<namespace_view> view_from_here(settings_of wanted) {
  namespace_view view{.sockets = {}, .facts = read_network_namespace(wanted)};
  if (wanted != settings_of::every_namespace && !has_sockets(view.facts)) return view;
  auto sockets = sock_diag::open();
  if (!sockets) return failure(std::move(sockets).error());
  view.sockets = *std::move(sockets);
  return view;
}

std::string_view what_to_call(const net_namespace& ns) {
  return ns.name.empty() ? std::string_view(ns.path) : std::string_view(ns.name);
}

result<> enter(const net_namespace& ns) {
  const fd file(::open(ns.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failure(worded(errno, what_to_call(ns)));
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || about.st_ino != ns.inode) {
    return failure(worded(ENOENT, what_to_call(ns)));
  }
  if (::setns(file.get(), CLONE_NEWNET) != 0) return failure(worded(errno, what_to_call(ns)));
  return {};
}

}  // namespace

std::vector<std::string> named_namespaces() {
  std::vector<std::string> names;
  const auto folder = open_directory(std::string(names_folder));
  while (const auto* const entry = folder == nullptr ? nullptr : ::readdir(folder.get())) {
    if (is_namespace_file(path_of_name(entry->d_name))) names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

result<std::vector<net_namespace>> select_namespaces(std::string_view which) {
  if (which == "all") return all_namespaces();
  if (which.empty()) {
    auto own = own_namespace();
    name_by_inode(own);
    return std::vector{std::move(own)};
  }
  auto one = named_or_pid(which);
  if (!one) return failure(std::move(one).error());
  if (one->name.empty()) name_by_inode(*one);
  if (one->inode == own_namespace().inode) one->path.clear();
  return std::vector{*std::move(one)};
}

result<> run_inside(const net_namespace& ns, const std::function<result<>()>& work) {
  if (ns.path.empty()) return work();
  result<> done;
  std::exception_ptr thrown;
  try {
    std::jthread([&]() noexcept {
      try {
        done = enter(ns);
        if (done) done = work();
      } catch (...) {
        thrown = std::current_exception();
      }
    }).join();
  } catch (const std::system_error& e) {
    return failure(from_errno(e.code().value(), "start a thread for a network namespace"));
  }
  if (thrown) std::rethrow_exception(thrown);
  return done;
}

result<namespace_view> open_view(const net_namespace& ns, settings_of wanted) {
  namespace_view view;
  const auto opened = run_inside(ns, [&]() -> result<> {
    auto seen = view_from_here(wanted);
    if (!seen) return failure(std::move(seen).error());
    view = *std::move(seen);
    return {};
  });
  if (!opened) return failure(opened.error());
  view.facts.name = ns.name;
  view.facts.inode = ns.inode;
  return view;
}

}  // namespace waitstate::kernel
