#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "filter_prompt.h"
#include "history.h"
#include "pane.h"
#include "state_diagram.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/view/screen.h"

namespace waitstate::view {

enum class pane_id : std::uint8_t { findings, ports, leaks, processes };
inline constexpr std::size_t pane_count = 4;

enum class page_kind : std::uint8_t { proof, explanation, remedies, limit, sockets, help };

/// A page over the panes. It keeps what it is about, so that it stays when that is over.
struct open_page {
  page_kind kind = page_kind::help;
  std::string key;  ///< Of the finding.
  diagnosis::finding finding;
  waitstate::limit limit;
  socket_selector sockets;
  bool is_over = false;    ///< The finding has gone since.
  std::size_t first = 0;   ///< The line at the top.
  std::size_t shift = 0;   ///< The column at the left.
  std::size_t room = 1;    ///< How many lines there was room for.
  std::size_t height = 0;  ///< How many it has.
};

/// What was seen last, with what is drawn of it.
struct picture {
  snapshot seen;
  diagnosis::report report;
  state_counts counts;  ///< Of what the filter selects.
  transitions rates;
  std::array<pane, pane_count> panes;
};

struct screen_state {
  screen_options options;
  std::optional<picture> shown;
  view::pace pace;
  moment taken;
  history past;
  socket_selector filter;
  std::optional<filter_prompt> prompt;
  std::array<pane_state, pane_count> cursors;
  pane_id focus = pane_id::findings;
  std::optional<open_page> page;
  std::optional<moment> paused_since;
  std::string message;  ///< In the last line, until `message_until`.
  moment message_until;

  [[nodiscard]] std::size_t focused() const { return static_cast<std::size_t>(focus); }
};

/// How a finding is known again at the next look.
[[nodiscard]] std::string key_of(const diagnosis::finding& f);

/// Makes the panes of what was seen, by the filter as it is now.
void refresh(screen_state& s);

}  // namespace waitstate::view
