#include "advice/packets.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// pcap-filter(7): `tcp[...]` looks into IPv4 alone, so the flags of IPv6 are told by their place
/// behind the header of 40 bytes.
std::string_view flags_filter(const tcp::address& peer) {
  return peer.what() == tcp::address::kind::v6 ? "ip6[53] & 2 != 0"
                                               : "tcp[tcpflags] & tcp-syn != 0";
}

}  // namespace

remedy watch_packets(const snapshot& s, const tcp::endpoint& peer, packets which) {
  const bool known = peer.address.is_known() && is_plain_word(s.text_of(peer.address));
  const auto host = known ? s.text_of(peer.address) : std::string("HOST");
  const auto port = peer.port != 0 ? std::to_string(peer.port) : std::string("PORT");
  const auto filter = which == packets::all
                          ? std::string("tcp")
                          : std::string(flags_filter(known ? peer.address : tcp::address{}));
  const auto* const text = which == packets::all
                               ? "See whether what is sent leaves, arrives and is acknowledged: "
                                 "run it here and there"
                               : "See whether the SYN leaves, arrives and is answered: run it here "
                                 "and there";
  return {
      .text = text,
      .command = fmt::format("tcpdump -ni any '{} and host {} and port {}'\n", filter, host, port)};
}

}  // namespace waitstate::diagnosis
