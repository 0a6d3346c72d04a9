#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/action.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::diagnosis {

/// How much a finding matters. `info` explains; `warning` will hurt; `critical` hurts now.
enum class severity : std::uint8_t { info, warning, critical };

inline constexpr std::array all_severities{severity::info, severity::warning, severity::critical};

[[nodiscard]] std::string_view to_string(severity s);
/// Of exactly such a name.
[[nodiscard]] std::optional<severity> parse_severity(std::string_view name);

/// How sure a finding is of its cause, by what was seen and not by a feeling. `certain`: it shows
/// this cause and no other. `likely`: another one would show the same, and does so more rarely.
/// `possible`: another one shows the same about as often.
enum class confidence : std::uint8_t { certain, likely, possible };

inline constexpr std::array all_confidences{confidence::certain, confidence::likely,
                                            confidence::possible};

[[nodiscard]] std::string_view to_string(confidence c);
/// Of exactly such a name.
[[nodiscard]] std::optional<confidence> parse_confidence(std::string_view name);

/// What a report comes to: the worst severity of its findings, where info counts as healthy;
/// `unknown` when the snapshot holds nothing to judge, or errors alone that no rule can place.
enum class verdict : std::uint8_t { healthy, attention, critical, unknown };

inline constexpr std::array all_verdicts{verdict::healthy, verdict::attention, verdict::critical,
                                         verdict::unknown};

[[nodiscard]] std::string_view to_string(verdict v);
/// Of exactly such a name.
[[nodiscard]] std::optional<verdict> parse_verdict(std::string_view name);

/// One fact that a finding stands on.
struct evidence {
  std::string fact;    ///< "free ports to 10.0.0.7:80"
  std::string value;   ///< "3 of 28,232"
  std::string source;  ///< Where it was read: "sock_diag", "net.ipv4.tcp_tw_reuse", "pasted ss".
};

/// One thing to do, ready to be done.
struct remedy {
  std::string text;  ///< One sentence for the person.
  /// What to paste: commands, code or configuration; lines end in \n, or empty.
  std::string command;
  std::string risk;  ///< What it may break, or empty.
  std::string undo;  ///< What undoes it, or empty when nothing needs undoing.
  /// What it does, where this program could do it; `command` and `undo` are rendered from it then.
  diagnosis::action action = no_action{};
};

/// How sure a finding is; and, unless it is certain, what else would show the same and how to tell
/// the two apart. Both are phrases: lower case, no full stop.
struct certainty {
  diagnosis::confidence confidence = confidence::certain;
  std::string other_cause;  ///< "a burst, and a program that does accept"
  std::string decided_by;   ///< "a second look: a queue that stays full is stuck"
};

/// What a finding is about.
enum class subject_kind : std::uint8_t { host, network_namespace, process, destination, listener };

inline constexpr std::array all_subject_kinds{subject_kind::host, subject_kind::network_namespace,
                                              subject_kind::process, subject_kind::destination,
                                              subject_kind::listener};

/// "host", "network-namespace", "process", "destination", "listener".
[[nodiscard]] std::string_view to_string(subject_kind k);
/// Of exactly such a name.
[[nodiscard]] std::optional<subject_kind> parse_subject_kind(std::string_view name);

struct subject {
  subject_kind kind = subject_kind::host;
  std::string text;      ///< "10.0.0.7:80", "nginx (pid 812)", "0.0.0.0:443"
  std::int32_t pid = 0;  ///< Of the process at fault, where it is known; whatever the kind.
  std::string process;   ///< Its name, or empty.
  std::string host;      ///< Which of several hosts it is on; empty where there is one.
  /// Where it is: the network namespace's name or "net:[4026532177]"; empty where one alone was
  /// looked into.
  std::string net_namespace;
  std::string container;       ///< The id of the container that the process is in, or empty.
  std::string container_name;  ///< As its runtime calls it, or empty.
};

/// One thing that is wrong, or that is fine and often asked about.
struct finding {
  std::string id;  ///< As in docs/findings.md; part of the interface.
  diagnosis::severity severity = severity::info;
  diagnosis::certainty certainty;
  std::string title;  ///< One sentence with the numbers in it, no full stop.
  diagnosis::subject subject;
  std::vector<diagnosis::evidence> evidence;
  std::string cause;     ///< Why this happens, in plain sentences; says who closed first if known.
  std::string forecast;  ///< What happens next and when, with the arithmetic; or empty.
  std::vector<diagnosis::remedy> remedies;  ///< Best first.
};

/// The title with where it is and as sure as the finding is: "on web1: in blue, container
/// 4f0c2a7b1d3e: likely: 12 connections ..."; alone where there is one host with one namespace and
/// it is certain.
[[nodiscard]] std::string stated(const finding& f);

/// A diagnosis: plain data and whole, so that it can be kept, sent and read back without the
/// snapshot that it was made from. Text and JSON are renderings of it.
struct report {
  snapshot_summary about;  ///< Host, source, time and states: what it is a diagnosis of.
  diagnosis::verdict verdict = verdict::unknown;
  /// One sentence for the top of the screen: what is wrong, or why it is fine.
  std::string headline;
  std::vector<finding> findings;  ///< Most important first; infos last.
  std::vector<limit> limits;      ///< What the numbers lack and how to get it.
};

}  // namespace waitstate::diagnosis
