#include "judgement/host_tables.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "advice/settings.h"
#include "advice/system.h"
#include "judgement/near_limit.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

std::string table_title(const snapshot& s, const message* said) {
  const auto open = s.host.open_files.value_or(0);
  const auto most = s.host.open_files_max.value_or(0);
  if (most > 0 && open > 0) {
    return fmt::format("this host has {} open files of {} ({})", grouped(open), grouped(most),
                       share(open, most));
  }
  if (most > 0) {
    return fmt::format("this host's table of open files is full at {}", grouped(most));
  }
  return said == nullptr ? "" : "this host's table of open files is full, whoever opened them";
}

/// The host's table of open files.
std::optional<finding> file_table_of(const snapshot& s) {
  const auto open = s.host.open_files.value_or(0);
  const auto most = s.host.open_files_max.value_or(0);
  const auto* said = message_of(s, message_kind::file_table_full);
  const auto level =
      said != nullptr ? std::optional(severity::critical) : severity_near_limit(open, most);
  if (!level) return std::nullopt;
  const auto& system = advice_for(system_of(s));
  finding f{.id = "fd-exhaustion",
            .severity = *level,
            .title = table_title(s, said),
            .subject = host_subject(s),
            .cause =
                "The whole host shares this table: when it is full every program gets \"Too "
                "many open files in system\" (ENFILE). The limit of one process (ulimit -n) "
                "is another one, and raising that does not help."};
  if (said != nullptr) f.evidence.push_back(message_evidence(*said));
  if (most > 0) {
    f.evidence.push_back(
        {.fact = "open files",
         .value = fmt::format("{} of {}", open > 0 ? grouped(open) : "unknown", grouped(most)),
         .source = std::string(system.open_files)});
  }
  f.remedies.push_back({.text = "See who holds most", .command = std::string(system.count_files)});
  // Without the limit that was reached, the usual one of a host with 8 GiB, doubled.
  const auto wanted = most > 0 ? most * 2 : std::uint64_t{1'600'000};
  f.remedies.push_back(sysctl_remedy(s, {.key = system.open_files_max,
                                         .value = std::to_string(wanted),
                                         .text = "Enlarge the table",
                                         .risk = "memory, about 256 bytes a file"}));
  return f;
}

/// FreeBSD and its kin: each socket of any protocol takes an entry
/// (sys/kern/uipc_socket.c:soalloc).
std::optional<finding> socket_table_of(const snapshot& s) {
  constexpr const char* counted_by = "kern.ipc.numopensockets";
  constexpr const char* bounded_by = "kern.ipc.maxsockets";
  const auto open = s.host.sysctl(counted_by).value_or(0);
  const auto most = s.host.sysctl(bounded_by).value_or(0);
  if (open <= 0 || most <= 0) return std::nullopt;
  const auto used = static_cast<std::uint64_t>(open);
  const auto size = static_cast<std::uint64_t>(most);
  const auto level = severity_near_limit(used, size);
  if (!level) return std::nullopt;
  finding f{.id = "fd-exhaustion",
            .severity = *level,
            .title = fmt::format("this host has {} sockets of {} ({})", grouped(used),
                                 grouped(size), share(used, size)),
            .subject = host_subject(s),
            .evidence = {{.fact = "sockets",
                          .value = fmt::format("{} of {}", grouped(used), grouped(size)),
                          .source = counted_by}},
            .cause =
                "The whole host shares this table: when it is full, socket() and accept() of every "
                "program fail with \"No buffer space available\" (ENOBUFS). Raising a program's "
                "limit of descriptors does not help. Whatever state most sockets are in is what "
                "fills it."};
  f.remedies = {{.text = "See which state most of them are in, and then whose they are",
                 .command = "netstat -an -p tcp | awk '{print $NF}' | sort | uniq -c | sort -rn\n"},
                sysctl_remedy(s, {.key = bounded_by,
                                  .value = std::to_string(2 * size),
                                  .text = "Enlarge the table, which gives time",
                                  .risk = "kernel memory for each socket more"})};
  return f;
}

}  // namespace

std::vector<finding> full_tables_of(const snapshot& s) {
  std::vector<finding> found;
  if (auto f = file_table_of(s)) found.push_back(std::move(*f));
  if (auto f = socket_table_of(s)) found.push_back(std::move(*f));
  return found;
}

}  // namespace waitstate::diagnosis
