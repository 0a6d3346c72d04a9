#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// What every rule needs to word a finding, in one place, so that one thing has one name
/// throughout a report.

/// Where the sockets of a snapshot were read: "sock_diag", "pasted ss, sysctl".
[[nodiscard]] std::string source_of(const snapshot& s);

/// The system whose defaults apply: Linux where the source does not say.
[[nodiscard]] os_family system_of(const snapshot& s);

/// "nginx (pid 812)"; empty when the owner is not one known process.
[[nodiscard]] std::string owner_text(const snapshot& s, const owner_ref& owner);

/// The runtime of a known owner, else `unknown`.
[[nodiscard]] runtime runtime_of_owner(const snapshot& s, const owner_ref& owner);

/// The runtime that a program's log line gives away, by the program's name or by the words of its
/// error ("urllib3", "System.Net.Sockets", "dial tcp"); else `unknown`.
[[nodiscard]] runtime runtime_of_message(const message& m);

/// "blue" or "net:[4026532177]"; empty where there is one namespace only.
[[nodiscard]] std::string namespace_text(const snapshot& s, std::uint32_t net_namespace);

/// Subjects. The process at fault is filled in whenever `owner` is a known process, and where they
/// are whenever there is more than one namespace. A message of a paste is of the only one, 0.
[[nodiscard]] subject host_subject(const snapshot& s);
[[nodiscard]] subject namespace_subject(const snapshot& s, std::uint32_t net_namespace);
[[nodiscard]] subject process_subject(const snapshot& s, const owner_ref& owner);
[[nodiscard]] subject destination_subject(const snapshot& s, const tcp::endpoint& remote,
                                          const owner_ref& owner, std::uint32_t net_namespace);
[[nodiscard]] subject listener_subject(const snapshot& s, const tcp::endpoint& local,
                                       const owner_ref& owner, std::uint32_t net_namespace);

/// The first message of a kind, or nullptr; and the lines of that kind with their repeats.
[[nodiscard]] const message* message_of(const snapshot& s, message_kind kind);
[[nodiscard]] std::uint64_t messages_of(const snapshot& s, message_kind kind);

/// The message as evidence: what it says, how often, and that a log or a program said it.
[[nodiscard]] evidence message_evidence(const message& m);

/// A sysctl as evidence, exactly as it was read; `value` may carry more ("1 (does nothing here)").
[[nodiscard]] evidence setting_evidence(std::string_view key, std::string_view value);

/// The pasted or live value of a sysctl, of the namespace or of the host; nullptr where it was not
/// read. The same as text, "unknown" then.
[[nodiscard]] const std::string* setting_of(const snapshot& s, std::uint32_t net_namespace,
                                            std::string_view key);
[[nodiscard]] std::string setting_text(const snapshot& s, std::uint32_t net_namespace,
                                       std::string_view key);

/// "a", "a and b", "a, b and c"; at most `most` of them, then "and 4 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& words, std::size_t most = 4);

/// Holds nothing that means something to a shell or a configuration file: letters, digits, blanks
/// and `,._:%-[]`. Words of a paste go into a command only when they are plain.
[[nodiscard]] bool is_plain(std::string_view text);
/// The same and no blank, nor a dash at the start, which a program would take for an option.
[[nodiscard]] bool is_plain_word(std::string_view text);
/// The pid for a command that is to be pasted: the number where the process is on this host, else
/// "PID", since the numbers of a paste are another host's.
[[nodiscard]] std::string pid_text(const snapshot& s, const process* p);

}  // namespace waitstate::diagnosis
