#include "waitstate/remedy/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace waitstate::remedy {
namespace {

std::string time_text(std::chrono::system_clock::time_point at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto part = std::chrono::duration_cast<std::chrono::milliseconds>(at - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), part.count());
}

/// sudo says who it was; its word is as good as that of whoever set it, as any of root's.
std::string login_name() {
  const auto* const name = std::getenv("SUDO_USER");
  return name == nullptr ? std::string() : std::string(name);
}

/// A line of a log, and its parts as fields that journalctl finds: WAITSTATE_PEER=10.0.0.7:80.
journal::fields fields_of(const audit_entry& e, std::string line) {
  if (line.ends_with('\n')) line.pop_back();
  constexpr auto notice = "5";
  journal::fields fields{{"MESSAGE", std::move(line)},
                         {"PRIORITY", notice},
                         {"SYSLOG_IDENTIFIER", "waitstate"},
                         {"WAITSTATE_VERB", std::string(e.verb)},
                         {"WAITSTATE_OUTCOME", std::string(e.outcome)}};
  for (const auto& [key, value] : e.facts) {
    std::string name = "WAITSTATE_";
    for (const char c : key) {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : '_';
    }
    fields.emplace_back(std::move(name), value);
  }
  return fields;
}

error worded(int number, const std::string& path, std::string_view option) {
  auto e = from_errno(number, fmt::format("audit log '{}'", path));
  const bool is_right = number == EACCES || number == EPERM;
  e.hint = fmt::format("{}{} FILE writes it elsewhere; nothing is done that is not recorded",
                       is_right ? "run as root; " : "", option);
  return e;
}

}  // namespace

std::string to_json_line(const audit_entry& e, std::uint32_t uid, std::string_view login) {
  nlohmann::ordered_json line{
      {"time", time_text(e.at)}, {"verb", e.verb}, {"outcome", e.outcome}, {"uid", uid}};
  if (!login.empty()) line["login"] = login;
  for (const auto& [key, value] : e.facts) line[std::string(key)] = value;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

result<audit_log> audit_log::open(const std::string& path, std::string_view option, journal also) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && ::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) {
    return failure(worded(errno, path, option));
  }
  fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                 0600));
  if (!file) return failure(worded(errno, path, option));
  return audit_log(std::move(file), path, std::string(option), std::move(also));
}

result<> audit_log::record(const audit_entry& e) {
  const auto line = to_json_line(e, ::getuid(), login_name());
  ssize_t written = 0;
  do {
    written = ::write(file_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) {
    static_cast<void>(journal_.send(fields_of(e, line)));
    return {};
  }
  return failure(worded(written < 0 ? errno : ENOSPC, path_, option_));
}

}  // namespace waitstate::remedy
