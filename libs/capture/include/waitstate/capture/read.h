#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::capture {

/// Are these bytes a packet capture, pcap or pcapng?
[[nodiscard]] bool is_capture(std::string_view bytes);

/// Makes of a packet capture what the host on which it was taken would have shown when it ended:
/// each connection in the state that its packets leave it in, with its age, and in
/// snapshot::captured who closed first. Retransmissions, handshakes without an answer and
/// half-closed connections are found by the rules that find them live.
///
/// Which host it is, is told by the direction of packets where the capture has it (`tcpdump -i
/// any`), else by the one address that nearly all connections have; a limit says what was assumed.
/// Of a connection of others, and of one whose address is loopback, it is the end that opened it.
///
/// Fails with errc::invalid_input where libpcap cannot read it or it holds no TCP packet. Bounded:
/// connections past the bound are counted in a limit. Needs the bytes once more as long as it runs.
/// `progress` (may be empty) is called now and then with the packets read so far.
[[nodiscard]] result<snapshot> read(std::string_view bytes,
                                    const std::function<void(std::uint64_t)>& progress = {});

}  // namespace waitstate::capture
