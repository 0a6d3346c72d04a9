#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Mux carries many calls over one connection, each with a tag; ThriftMux is Mux whose bodies are
/// Thrift messages. On the wire, after a frame length as Thrift's:
///
///     type:1 tag:3 body
///
/// The tag's highest bit says that more fragments of the same body follow. T is from a client to
/// a server, R the reply (some T go both ways).
enum class mux_type : std::int8_t {
  treq = 1,
  rreq = -1,
  tdispatch = 2,
  rdispatch = -2,
  tdrain = 64,
  rdrain = -64,
  tping = 65,
  rping = -65,
  tdiscarded = 66,  ///< Written as -62, which Finagle writes still; both are read.
  rdiscarded = -66,
  tlease = 67,
  tinit = 68,
  rinit = -68,
  rerr = -128,  ///< Written as 127, likewise.
};

enum class mux_status : std::uint8_t { ok = 0, error = 1, nack = 2 };

using mux_pairs = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::uint32_t mux_ping_tag = 1;
inline constexpr std::uint32_t mux_tag_first = 2;
inline constexpr std::uint32_t mux_tag_max = (1U << 23) - 1;

/// A frame with its body unread, which may be a fragment.
struct mux_frame {
  mux_type type = mux_type::rerr;
  std::uint32_t tag = 0;
  bool has_more = false;
  std::string_view body;  ///< A view into what was read.
};

/// A message; which members mean something depends on its type.
struct mux_message {
  mux_type type = mux_type::tping;
  std::uint32_t tag = mux_ping_tag;
  mux_status status = mux_status::ok;  ///< Rreq, Rdispatch
  mux_pairs contexts;                  ///< Tdispatch, Rdispatch; the headers of Tinit, Rinit
  std::string dest;                    ///< Tdispatch
  mux_pairs delegations;               ///< Tdispatch
  std::string body;                    ///< A dispatch's; the text of Rerr; why of Tdiscarded.
  std::uint32_t discarded = 0;         ///< Tdiscarded: the tag of the call that was given up.
  std::uint64_t lease_ms = 0;          ///< Tlease
  std::uint16_t version = 1;           ///< Tinit, Rinit

  friend bool operator==(const mux_message&, const mux_message&) = default;
};

/// Reads what is in one frame, without its length. Fails with errc::corrupt: "mux: ...".
[[nodiscard]] result<mux_frame> read_mux_frame(std::string_view frame);

/// Reads a body, put together where it came in fragments.
[[nodiscard]] result<mux_message> read_mux_message(mux_type type, std::uint32_t tag,
                                                   std::string_view body);

/// With its frame length, behind what `to` holds already.
void append_mux_message(std::string& to, const mux_message& m);

/// May the call be made again, by what the reply's contexts say of its failure (MuxFailure)?
[[nodiscard]] bool is_restartable(const mux_message& reply);

}  // namespace waitstate::client
