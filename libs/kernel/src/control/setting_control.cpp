#include "waitstate/kernel/setting_control.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "look/netns.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t setting_max = 65'536;

/// Where it is in /proc/sys; nothing for what is no name of a setting.
std::optional<std::string> path_of(std::string_view key) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const bool is_name = !key.empty() && key.front() != '.' && key.back() != '.' &&
                       key.find("..") == key.npos && key.find_first_not_of(letters) == key.npos;
  if (!is_name) return std::nullopt;
  std::string path(key);
  std::ranges::replace(path, '.', '/');
  return "/proc/sys/" + path;
}

error no_name(std::string_view key) {
  return {.code = errc::invalid_input,
          .what = fmt::format("'{}' is no name of a setting", key),
          .hint = "such as net.ipv4.tcp_tw_reuse"};
}

error worded(int number, std::string_view key) {
  auto e = from_errno(number, fmt::format("set {}", key));
  if (number == EACCES || number == EPERM) {
    e.code = errc::permission;
    e.hint = "it takes root, and CAP_NET_ADMIN over the network namespace: run as root";
  }
  if (number == EROFS) {
    e.hint =
        "/proc/sys is read-only here, as in most containers: on the host, --netns PID of a process "
        "in the container reaches its settings";
  }
  if (number == ENOENT) {
    e.code = errc::unsupported;
    e.hint = "this kernel has no such setting, or it is none of a network namespace's";
  }
  if (number == EINVAL || number == ERANGE) e.code = errc::invalid_input;
  return e;
}

result<fd> open_setting(std::string_view key, int flags) {
  const auto path = path_of(key);
  if (!path) return failure(no_name(key));
  fd file(::open(path->c_str(), flags | O_CLOEXEC));
  if (!file) return failure(worded(errno, key));
  return file;
}

result<std::string> read_all(const fd& file, std::string_view key) {
  std::string text(setting_max, '\0');
  std::size_t had = 0;
  while (had < text.size()) {
    const auto got = ::read(file.get(), text.data() + had, text.size() - had);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(worded(errno, key));
    if (got == 0) break;
    had += static_cast<std::size_t>(got);
  }
  text.resize(had);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

result<setting_control> setting_control::open(std::string_view net_namespace) {
  if (net_namespace == "all") {
    return failure({.code = errc::invalid_input,
                    .what = "netns 'all': settings are changed in one namespace at a time",
                    .hint = "a name of 'ip netns', or the pid of a process in it"});
  }
  auto selected = select_namespaces(net_namespace);
  if (!selected) return failure(std::move(selected).error());
  setting_control control;
  control.path_ = std::move(selected->front().path);
  control.name_ = std::move(selected->front().name);
  control.inode_ = selected->front().inode;
  return control;
}

result<std::optional<std::string>> setting_control::read(std::string_view key) const {
  std::optional<std::string> text;
  const auto done = run_inside({.path = path_, .name = name_, .inode = inode_}, [&]() -> result<> {
    const auto file = open_setting(key, O_RDONLY);
    if (!file) {
      if (file.error().code == errc::unsupported) return {};
      return failure(file.error());
    }
    auto all = read_all(*file, key);
    if (!all) return failure(std::move(all).error());
    text = *std::move(all);
    return {};
  });
  if (!done) return failure(done.error());
  return text;
}

result<> setting_control::may_write(std::string_view key) const {
  return run_inside({.path = path_, .name = name_, .inode = inode_}, [&]() -> result<> {
    const auto file = open_setting(key, O_WRONLY);
    if (!file) return failure(file.error());
    return {};
  });
}

result<> setting_control::write(std::string_view key, std::string_view value) const {
  if (value.size() > value_max) {
    return failure(
        {.code = errc::invalid_input,
         .what = fmt::format("set {}: the value has {} bytes, and the kernel takes {} in "
                             "one write",
                             key, value.size(), value_max),
         .hint = "of ports, fewer and larger ranges are shorter"});
  }
  return run_inside({.path = path_, .name = name_, .inode = inode_}, [&]() -> result<> {
    const auto file = open_setting(key, O_WRONLY);
    if (!file) return failure(file.error());
    // An empty value is a line end: a write of nothing would change nothing.
    const auto line = std::string(value) + '\n';
    ssize_t written = 0;
    do {
      written = ::write(file->get(), line.data(), line.size());
    } while (written < 0 && errno == EINTR);
    if (written < 0) return failure(worded(errno, key));
    if (std::cmp_not_equal(written, line.size())) return failure(worded(EIO, key));
    return {};
  });
}

}  // namespace waitstate::kernel
