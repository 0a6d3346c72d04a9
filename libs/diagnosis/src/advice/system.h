#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::diagnosis {

/// The commands, settings and words that one operating system has for what every system has. What
/// to do with them is told in one way for all, by the rules and their advice. A system is one row
/// in system.cpp; a test holds every row against every topic.
///
/// Commands to paste are whole lines that end in \n; the others stand inside a sentence. {port}
/// stands for a port.
struct system_advice {
  std::string_view administrator;  ///< Who sees every owner: "root".

  // To look at sockets; without a line's end, for a hint.
  std::string_view list_sockets;    ///< Every TCP socket with its owner.
  std::string_view list_time_wait;  ///< Those in TIME-WAIT.
  std::string_view count_states;    ///< How many are in each state, or all of them.

  // To look at one thing, as lines to paste.
  std::string_view count_time_wait_ports;  ///< TIME-WAIT by local or remote port.
  std::string_view list_close_wait;        ///< CLOSE-WAIT with their owners.
  std::string_view find_port_holder;       ///< Who has {port}.
  std::string_view list_bound;             ///< Sockets that hold a port and are not connected.
  std::string_view list_addresses;         ///< The addresses of the host.
  std::string_view ipv6_switches;          ///< Is IPv6 on; empty where there is no such switch.
  std::string_view count_files;            ///< Who holds most open files.

  std::string_view port_range;      ///< Where the ports for connect() are set.
  std::string_view show_ports;      ///< What prints that range; empty where it is not read.
  std::string_view open_files;      ///< The setting that counts the open files of the host.
  std::string_view open_files_max;  ///< The setting that bounds them.
  std::string_view time_wait;       ///< How long TIME-WAIT lasts.
  std::string_view time_wait_ends;  ///< When one is gone, as the end of "each is gone ...".
};

/// The row of a system; Linux' where it is not known.
[[nodiscard]] const system_advice& advice_for(os_family os);

/// More ports for connect() by the settings of a system that is not Linux, whose range is `now`.
/// Linux has more to choose from: see find_more_ports().
[[nodiscard]] std::vector<remedy> more_ports_elsewhere(os_family os, tcp::port_range now);

/// An accept queue of this length on a system that is not Linux.
[[nodiscard]] remedy longer_queue_elsewhere(std::uint64_t length);

}  // namespace waitstate::diagnosis
