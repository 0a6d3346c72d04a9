// Whatever sockets are read from any bytes: written again and read again they are the same, and
// a datagram cut anywhere gives a prefix of them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "inet_diag_writer.h"
#include "netlink/inet_diag_message.h"

namespace {

using namespace waitstate;

std::vector<socket_record> read_all(std::span<const std::byte> bytes, std::uint32_t sequence) {
  std::vector<socket_record> sockets;
  const auto summary = kernel::read_inet_diag(
      bytes, sequence, [&](const socket_record& s) { sockets.push_back(s); });
  if (summary.sockets != sockets.size()) std::abort();
  return sockets;
}

void must_be_a_prefix(const std::vector<socket_record>& part,
                      const std::vector<socket_record>& whole) {
  if (part.size() > whole.size()) std::abort();
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!kernel::same_on_the_wire(part[i], whole[i])) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The sequence number is that of the first message, so that most inputs are read at all.
  std::uint32_t sequence = 0;
  if (size >= 12) std::memcpy(&sequence, data + 8, sizeof(sequence));
  // A copy of the exact size, so that a read past the end is seen.
  const std::vector<std::byte> bytes(reinterpret_cast<const std::byte*>(data),
                                     reinterpret_cast<const std::byte*>(data) + size);
  const auto sockets = read_all(bytes, sequence);

  kernel::inet_diag_writer writer(sequence);
  for (const auto& s : sockets) writer.add(s);
  const auto again = read_all(writer.bytes(), sequence);
  if (again.size() != sockets.size()) std::abort();
  must_be_a_prefix(again, sockets);

  const std::vector<std::byte> half(bytes.begin(),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(size / 2));
  must_be_a_prefix(read_all(half, sequence), sockets);
  return 0;
}
