#include "trace/flow_reader.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

namespace waitstate::kernel {
namespace {

template <std::size_t size>
std::string name_in(const char (&text)[size]) {  // NOLINT(*-avoid-c-arrays): as C has it
  return {std::begin(text), std::find(std::begin(text), std::end(text), '\0')};
}

tcp::endpoint end_of(const flow_key& key) {
  if (key.side == side_unknown) return {};
  std::array<std::uint8_t, 16> all{};
  std::ranges::copy(key.address, all.begin());
  return {.address = key.family == AF_INET ? tcp::address::v4({all[0], all[1], all[2], all[3]})
                                           : tcp::address::v6(all),
          .port = ntohs(key.port)};
}

direction direction_of(const flow_key& key) {
  if (key.side == side_outbound) return direction::outbound;
  return key.side == side_inbound ? direction::inbound : direction::unknown;
}

size_classes classes_of(const unsigned (&counts)[FLOW_CLASSES]) {  // NOLINT(*-avoid-c-arrays)
  size_classes classes;
  std::ranges::copy(counts, classes.count.begin());
  return classes;
}

}  // namespace

met_flow read_flow(const flow_key& key, const flow_sums& sums,
                   std::map<std::int32_t, met_process>& processes) {
  met_flow met{.flow = {.direction = direction_of(key),
                        .end = end_of(key),
                        .opener = {},
                        .closer = {},
                        .started = {},
                        .opened = sums.opened,
                        .ended = sums.ended,
                        .established = sums.established,
                        .closed_here_first = sums.closed_here_first,
                        .closed_by_peer_first = sums.closed_by_peer_first,
                        .resets = sums.resets,
                        .bytes_sent = sums.sent,
                        .bytes_received = sums.received,
                        .lives_us = classes_of(sums.lives),
                        .sizes = classes_of(sums.sizes)},
               .net_namespace = key.net_namespace,
               .opener = static_cast<std::int32_t>(key.opener),
               .closer = static_cast<std::int32_t>(key.closer)};
  if (met.closer != 0) processes.try_emplace(met.closer, met_process{name_in(sums.closer_name)});
  if (met.opener == 0) return met;
  auto& opener = processes[met.opener];
  if (opener.name.empty()) opener.name = name_in(sums.opener_name);
  if (sums.opener_parent != 0) {
    opener.parent = static_cast<std::int32_t>(sums.opener_parent);
    opener.parent_name = name_in(sums.parent_name);
  }
  return met;
}

}  // namespace waitstate::kernel
