#include "words/finding_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/snapshot/container.h"

namespace waitstate::diagnosis {
namespace {

void name_process(const snapshot& s, const owner_ref& owner, subject& named) {
  const auto* process = s.owner_of(owner);
  if (process == nullptr) return;
  named.pid = process->pid;
  named.process = process->name;
  named.container = container_of(process->cgroup);
  named.container_name = process->container_name;
}

}  // namespace

std::string source_of(const snapshot& s) {
  if (s.source == source_kind::live) return s.source_detail.empty() ? "sock_diag" : s.source_detail;
  return s.source_detail.empty() ? "pasted text" : "pasted " + s.source_detail;
}

os_family system_of(const snapshot& s) {
  return s.host.os == os_family::unknown ? os_family::linux_kernel : s.host.os;
}

std::string owner_text(const snapshot& s, const owner_ref& owner) {
  const auto* process = s.owner_of(owner);
  return process == nullptr ? std::string() : to_string(*process);
}

runtime runtime_of_owner(const snapshot& s, const owner_ref& owner) {
  const auto* process = s.owner_of(owner);
  return process == nullptr ? runtime::unknown : process->runtime;
}

runtime runtime_of_message(const message& m) {
  const auto by_name = runtime_of(m.program, {}, {});
  if (by_name != runtime::unknown && by_name != runtime::native) return by_name;
  using clue = std::pair<std::string_view, runtime>;
  constexpr std::array clues{clue{"urllib3", runtime::python},
                             clue{"requests.exceptions", runtime::python},
                             clue{"Traceback", runtime::python},
                             clue{"OSError", runtime::python},
                             clue{"httpx", runtime::python},
                             clue{"aiohttp", runtime::python},
                             clue{"Predis", runtime::php},
                             clue{"PHP ", runtime::php},
                             clue{"PDOException", runtime::php},
                             clue{"RedisException", runtime::php},
                             clue{"java.net.", runtime::java},
                             clue{"java.io.", runtime::java},
                             clue{"System.Net", runtime::dotnet},
                             clue{"SocketException (", runtime::dotnet},
                             clue{"traefik", runtime::traefik},
                             clue{"dial tcp", runtime::go},
                             clue{"connect EADDRNOTAVAIL", runtime::node},
                             clue{"syscall: 'connect'", runtime::node},
                             clue{"Errno::E", runtime::ruby},
                             clue{"(os error ", runtime::rust}};
  const auto found = std::ranges::find_if(
      clues, [&](const clue& c) { return m.text.find(c.first) != std::string::npos; });
  return found == clues.end() ? by_name : found->second;
}

std::string namespace_text(const snapshot& s, std::uint32_t net_namespace) {
  if (s.namespaces.size() < 2 || net_namespace >= s.namespaces.size()) return {};
  const auto& ns = s.namespaces[net_namespace];
  return ns.name.empty() ? fmt::format("net:[{}]", ns.inode) : ns.name;
}

subject host_subject(const snapshot& s) {
  return {.kind = subject_kind::host, .text = s.host.name.empty() ? "this host" : s.host.name};
}

subject namespace_subject(const snapshot& s, std::uint32_t net_namespace) {
  if (s.namespaces.size() < 2 || net_namespace >= s.namespaces.size()) return host_subject(s);
  const auto& ns = s.namespaces[net_namespace];
  return {.kind = subject_kind::network_namespace,
          .text = ns.name.empty() ? fmt::format("namespace {}", ns.inode) : ns.name,
          .net_namespace = namespace_text(s, net_namespace)};
}

subject process_subject(const snapshot& s, const owner_ref& owner) {
  auto text = owner_text(s, owner);
  subject named{.kind = subject_kind::process, .text = text.empty() ? "a process" : text};
  name_process(s, owner, named);
  if (const auto* process = s.owner_of(owner)) {
    named.net_namespace = namespace_text(s, process->net_namespace);
  }
  return named;
}

subject destination_subject(const snapshot& s, const tcp::endpoint& remote, const owner_ref& owner,
                            std::uint32_t net_namespace) {
  subject named{.kind = subject_kind::destination,
                .text = s.text_of(remote),
                .net_namespace = namespace_text(s, net_namespace)};
  name_process(s, owner, named);
  return named;
}

subject listener_subject(const snapshot& s, const tcp::endpoint& local, const owner_ref& owner,
                         std::uint32_t net_namespace) {
  subject named{.kind = subject_kind::listener,
                .text = s.text_of(local),
                .net_namespace = namespace_text(s, net_namespace)};
  name_process(s, owner, named);
  return named;
}

const message* message_of(const snapshot& s, message_kind kind) {
  const auto found = std::ranges::find(s.messages, kind, &message::kind);
  return found == s.messages.end() ? nullptr : &*found;
}

std::uint64_t messages_of(const snapshot& s, message_kind kind) {
  std::uint64_t lines = 0;
  for (const auto& m : s.messages) {
    if (m.kind == kind) lines += m.count;
  }
  return lines;
}

evidence message_evidence(const message& m) {
  return {.fact = m.count == 1 ? std::string("an error says")
                               : fmt::format("an error says, {} times", grouped(m.count)),
          .value = m.text,
          .source = m.program.empty() ? "log line" : m.program + " log"};
}

evidence setting_evidence(std::string_view key, std::string_view value) {
  return {.fact = std::string(key), .value = std::string(value), .source = "sysctl"};
}

const std::string* setting_of(const snapshot& s, std::uint32_t net_namespace,
                              std::string_view key) {
  if (net_namespace < s.namespaces.size()) {
    const auto& sysctls = s.namespaces[net_namespace].sysctls;
    if (const auto found = sysctls.find(key); found != sysctls.end()) return &found->second;
  }
  const auto found = s.host.sysctls.find(key);
  return found == s.host.sysctls.end() ? nullptr : &found->second;
}

std::string setting_text(const snapshot& s, std::uint32_t net_namespace, std::string_view key) {
  const auto* value = setting_of(s, net_namespace, key);
  return value == nullptr ? "unknown" : *value;
}

std::string listed(const std::vector<std::string>& words, std::size_t most) {
  const auto shown = std::min(words.size(), most);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == words.size();
    if (i > 0) text += last ? " and " : ", ";
    text += words[i];
  }
  if (words.size() > shown) text += fmt::format(" and {} more", grouped(words.size() - shown));
  return text;
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    return letter || digit || std::string_view(" \t,._:%-[]").contains(c);
  });
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && text.front() != '-' && is_plain(text) &&
         text.find_first_of(" \t") == std::string_view::npos;
}

std::string pid_text(const snapshot& s, const process* p) {
  const bool known = s.source == source_kind::live && p != nullptr && p->pid > 0;
  return known ? std::to_string(p->pid) : "PID";
}

}  // namespace waitstate::diagnosis
