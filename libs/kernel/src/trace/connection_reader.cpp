#include "trace/connection_reader.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "bpf/connection_record.h"

namespace waitstate::kernel {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::system_clock;

template <std::size_t size>
std::string name_in(const char (&text)[size]) {  // NOLINT(*-avoid-c-arrays): as C has it
  return {std::begin(text), std::find(std::begin(text), std::end(text), '\0')};
}

tcp::address address_in(const connection_record& r,
                        const unsigned char (&bytes)[16]) {  // NOLINT(*-avoid-c-arrays)
  std::array<std::uint8_t, 16> all{};
  std::ranges::copy(bytes, all.begin());
  if (r.family == AF_INET) return tcp::address::v4({all[0], all[1], all[2], all[3]});
  return tcp::address::v6(all);
}

template <std::size_t size>
std::optional<traced_process> process_of(unsigned int pid,
                                         const char (&name)[size]) {  // NOLINT(*-avoid-c-arrays)
  if (pid == 0) return std::nullopt;
  return traced_process{.pid = static_cast<std::int32_t>(pid), .name = name_in(name)};
}

/// ETIMEDOUT says that the kernel waited in vain, but not for what.
connection_ending timed_out(const connection_record& r) {
  if (r.is_established == 0) return connection_ending::connect_timed_out;
  const bool probed = r.probes > 0 && r.retransmits == 0;
  return probed ? connection_ending::not_alive : connection_ending::not_acknowledged;
}

connection_ending ending_of(const connection_record& r) {
  switch (r.end) {
    case end_by_peer:
      return r.error == ECONNREFUSED ? connection_ending::refused
                                     : connection_ending::reset_by_peer;
    case end_by_unread: return connection_ending::unread_data;
    case end_with_listener: return connection_ending::never_accepted;
    case end_by_linger: return connection_ending::linger_zero;
    case end_by_time: return timed_out(r);
    case end_by_kill: return connection_ending::killed;
    case end_by_error: return connection_ending::network_error;
    case end_before_start: return connection_ending::given_up;
    case end_without_port: return connection_ending::no_port;
    default: return connection_ending::closed;
  }
}

first_closer first_of(const connection_record& r) {
  if (r.first_fin == first_fin_of_ours) return first_closer::local;
  return r.first_fin == first_fin_of_the_peer ? first_closer::peer : first_closer::nobody;
}

direction direction_in(const connection_record& r) {
  if (r.is_followed == 0) return direction::unknown;
  return r.is_accepted != 0 ? direction::inbound : direction::outbound;
}

}  // namespace

std::optional<ended_connection> read_connection(std::span<const std::byte> bytes,
                                                system_clock::time_point boot) {
  connection_record r;
  if (bytes.size() != sizeof(r)) return std::nullopt;
  std::memcpy(&r, bytes.data(), sizeof(r));
  ended_connection c{
      .ended = boot + duration_cast<system_clock::duration>(nanoseconds(r.ended_ns)),
      .flow = {.local = {.address = address_in(r, r.local), .port = ntohs(r.local_port)},
               .remote = {.address = address_in(r, r.remote), .port = ntohs(r.remote_port)}},
      .net_namespace = r.net_namespace,
      .direction = direction_in(r),
      .ending = ending_of(r),
      .closed_first = first_of(r),
      .opener = process_of(r.opener, r.opener_name),
      .closer = process_of(r.closer, r.closer_name),
      .was_established = r.is_established != 0,
      .bytes_sent = r.sent,
      .bytes_received = r.received,
      .error = static_cast<int>(r.error)};
  if (r.life_ns > 0) c.life = duration_cast<microseconds>(nanoseconds(r.life_ns));
  if (c.ending == connection_ending::unread_data) c.bytes_unread = r.unread;
  return c;
}

}  // namespace waitstate::kernel
