#pragma once

#include <string>
#include <vector>

#include "judgement/destination_use.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The words that the rules about ports have in common.

/// "10.0.0.7:80", "port 80" without an address, "a destination that is not named".
[[nodiscard]] std::string destination_text(const snapshot& s, const tcp::endpoint& e);

/// The same, with "from 10.0.0.5" where several source addresses go there.
[[nodiscard]] std::string destination_text(const snapshot& s, const destination_use& use);

/// Who was seen to open sockets, and how many within which time.
[[nodiscard]] evidence opener_evidence(const snapshot& s, const opener& o);

/// ", opened by python3 (pid 812)" where that was seen, ", most likely opened by python3 (pid 812)"
/// where it was concluded from who opens sockets now; else empty.
[[nodiscard]] std::string opener_text(const snapshot& s, const destination_use& use);

/// What a finding about it is about: the host or namespace where no destination is named.
[[nodiscard]] subject subject_of(const snapshot& s, const destination_use& use);

/// "28,190 in TIME-WAIT, 42 ESTABLISHED"
[[nodiscard]] std::string states_text(const port_headroom& headroom);

/// The ports in use and the settings that decide, as far as they are known.
[[nodiscard]] std::vector<evidence> port_evidence(const snapshot& s, const destination_use& use);

/// How long TIME-WAIT lasts on the system of the snapshot: "60 s".
[[nodiscard]] std::string time_wait_text(const snapshot& s);

/// What goes on happening, with its arithmetic; empty when nothing is known of the rate.
[[nodiscard]] std::string port_forecast(const port_headroom& headroom);

}  // namespace waitstate::diagnosis
