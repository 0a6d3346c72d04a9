#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// How much a finding matters. `info` explains; `warning` will hurt; `critical` hurts now.
enum class severity : std::uint8_t { info, warning, critical };

[[nodiscard]] std::string_view to_string(severity s);

/// What a report comes to: the worst severity of its findings, where info counts as healthy;
/// `unknown` when the snapshot holds nothing to judge, or errors alone that no rule can place.
enum class verdict : std::uint8_t { healthy, attention, critical, unknown };

[[nodiscard]] std::string_view to_string(verdict v);

/// One fact that a finding stands on.
struct evidence {
  std::string fact;    ///< "free ports to 10.0.0.7:80"
  std::string value;   ///< "3 of 28,232"
  std::string source;  ///< Where it was read: "sock_diag", "net.ipv4.tcp_tw_reuse", "pasted ss".
};

/// One thing to do, ready to be done.
struct remedy {
  std::string text;  ///< One sentence for the person.
  std::string
      command;       ///< What to paste: commands, code or configuration; lines end in \n, or empty.
  std::string risk;  ///< What it may break, or empty.
  std::string undo;  ///< What undoes it, or empty when nothing needs undoing.
};

/// What a finding is about.
enum class subject_kind : std::uint8_t { host, network_namespace, process, destination, listener };

[[nodiscard]] std::string_view to_string(subject_kind k);

struct subject {
  subject_kind kind = subject_kind::host;
  std::string text;      ///< "10.0.0.7:80", "nginx (pid 812)", "0.0.0.0:443"
  std::int32_t pid = 0;  ///< Of the process at fault, where it is known; whatever the kind.
  std::string process;   ///< Its name, or empty.
};

/// One thing that is wrong, or that is fine and often asked about.
struct finding {
  std::string id;  ///< As in docs/findings.md; part of the interface.
  diagnosis::severity severity = severity::info;
  std::string title;  ///< One sentence with the numbers in it, no full stop.
  diagnosis::subject subject;
  std::vector<diagnosis::evidence> evidence;
  std::string cause;     ///< Why this happens, in plain sentences; says who closed first if known.
  std::string forecast;  ///< What happens next and when, with the arithmetic; or empty.
  std::vector<diagnosis::remedy> remedies;  ///< Best first.
};

/// A diagnosis: plain data; text and JSON are renderings of it.
struct report {
  diagnosis::verdict verdict = verdict::unknown;
  /// One sentence for the top of the screen: what is wrong, or why it is fine.
  std::string headline;
  std::vector<finding> findings;  ///< Most important first; infos last.
  std::vector<limit> limits;      ///< What the numbers lack and how to get it.
};

}  // namespace waitstate::diagnosis
