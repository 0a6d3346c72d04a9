#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reading/packed_rows.h"
#include "reading/seen_ids.h"
#include "rows/format.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/snapshot_builder.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::paste {

/// Holds the sockets of a paste until all of it is read, since what comes last may tell the
/// direction and the owners of what came first. Bounded.
class row_store {
 public:
  /// What a row says that is no property of the socket.
  struct beside {
    std::optional<std::uint32_t> incomplete = {};  ///< A listener's unfinished handshakes (BSD).
    direction told_by_names = direction::unknown;  ///< One end has a service's name for a port.
  };
  row_store();

  /// A hundred megabytes of memory. A text with more rows tells as much by its first ones.
  static constexpr std::size_t rows_max = 2'000'000;

  /// A record whose owner is `owned`, or `hidden` when its row shows an empty owner column, or
  /// `unknown` when its row has none. Past the bound it is counted only.
  /// `incomplete` is a listener's count of unfinished handshakes (BSD).
  /// A socket that a row named before is not counted again. False where the row tells of no other
  /// descriptor either: lsof behind ss tells of the same sockets and of descriptors.
  bool add(const socket_record& s, const format& f, const beside& more);
  /// The command says that the tool shows owners, although a row may have none (ss -p).
  void owners_are_shown(std::string_view tool);
  /// Has a row been added of a format that only this system prints?
  [[nodiscard]] bool has_rows_of(os_family system) const;
  [[nodiscard]] bool has_state(tcp::state state) const;

  /// The rows since the last call are the output of one command. ss prints a timer only where one
  /// runs: when the command was told to show them, or a row of the block has one, an established
  /// connection without has none. In TIME-WAIT a timer runs always and ss shows it so, which tells
  /// nothing of the rest.
  void end_block(bool timers_asked_for);

  /// A command or a heading: what follows may be another look at what was shown before.
  void begin_look();
  /// After tell_directions(): the open connections to one destination in the last look and before,
  /// where that look names nearly all again that were shown before, and more.
  [[nodiscard]] std::optional<count_series> growth() const;

  /// Tells the directions of all rows: from listeners; else an endpoint of one side that many
  /// rows share is the service; else by the port range; else by which port is better known.
  void tell_directions(const std::optional<tcp::port_range>& range);
  /// Turns "the owner column is empty" into "nobody" or "hidden". `all_visible`: the paste was
  /// made by root; it is, too, where another row of the same format shows an owner and no line
  /// says that some were left out.
  void tell_owners(bool some_are_hidden);

  using row = stored_row;
  [[nodiscard]] const packed_rows& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  /// Rows that named a socket again.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }
  /// Hands everything to the builder, listeners first.
  void pour_into(snapshot_builder& builder) const;

 private:
  class endpoint_counts;
  /// Owners of sockets that an earlier row named without one, by what identifies the socket.
  static constexpr std::size_t later_owners_max = 65'536;
  void take_later_owners();
  struct known {
    bool socket = false;      ///< An earlier row is of it.
    bool descriptor = false;  ///< And of the same descriptor, where its format lists these.
  };
  [[nodiscard]] known is_known(const socket_record& s, const format& f);
  [[nodiscard]] static bool is_client_of_windows(const row& r, const endpoint_counts& counts);
  [[nodiscard]] direction direction_of_row(const row& r, const endpoint_counts& counts,
                                           const std::optional<tcp::port_range>& range) const;

  packed_rows rows_;
  std::size_t block_start_ = 0;
  std::size_t look_start_ = 0;    ///< The first row of the last look.
  std::uint64_t open_again_ = 0;  ///< ESTABLISHED that it names again.
  listener_index listeners_;
  struct seen_format {
    bool rows = false;
    bool owners = false;  ///< A row without an owner has none to show.
  };
  std::vector<seen_format> formats_;
  std::uint64_t dropped_ = 0;
  std::uint64_t repeated_ = 0;
  /// Sockets by inode, by a hash of both ends, and by that of those that have an inode.
  enum class seen_by : std::uint8_t { inode, ends, ends_of_descriptors };
  std::array<seen_ids, 3> seen_;
  std::unordered_map<std::uint64_t, owner_ref> later_owners_;
};

}  // namespace waitstate::paste
