#pragma once

#include <string>
#include <string_view>

namespace waitstate::netlab {

/// Moves this process into a network namespace of its own, with loopback up and nothing else.
/// The namespace ends with the last process in it, so a crashed test leaves nothing behind.
/// Throws std::system_error where the machine does not allow it.
void enter_private_network();

/// Writes a setting of the current namespace: set_sysctl("net.ipv4.tcp_tw_reuse", "0").
void set_sysctl(std::string_view name, std::string_view value);

/// Makes a second namespace, joined to this one by a veth pair: this end has `near`, the other
/// `far`. Returns the pid of a process that holds it open and dies with this one; programs enter
/// it by that pid.
int join_second_network(const std::string& near, const std::string& far);

/// From now on nothing comes back from that second namespace: what it would send to `near` is
/// dropped without a word, as by a firewall.
void answer_no_more(int pid, const std::string& near, const std::string& far);

/// Moves this process into the namespace of another one.
void enter_network_of(int pid);

}  // namespace waitstate::netlab
