#pragma once

#include <ostream>
#include <string>

#include <fmt/format.h>

#include "rows/row.h"

namespace waitstate::paste {

/// A row in one line, with every field that is set, for tests: two rows have the same text when
/// they are equal but for the zone and brackets that an endpoint had.
inline std::string to_text(const text_endpoint& e) {
  if (e.host.empty()) return "-";
  const auto address = e.address.is_known() ? "=" + tcp::to_string(e.address) : "";
  return fmt::format("{}{}|{}", e.host, address == "=" + std::string(e.host) ? "" : address,
                     e.port);
}

inline std::string to_text(const row& r) {
  auto text = fmt::format("{} {} {}", tcp::to_string(r.state), to_text(r.local), to_text(r.remote));
  const auto add = [&](std::string_view name, const auto& value) {
    if (value) text += fmt::format(" {}={}", name, *value);
  };
  add("rq", r.receive_queue);
  add("sq", r.send_queue);
  add("incomplete", r.incomplete);
  if (!r.program.empty()) text += fmt::format(" program={}", r.program);
  if (r.pid != 0) text += fmt::format(" pid={}", r.pid);
  if (r.owner_shown_empty) text += " no-owner";
  add("uid", r.uid);
  add("inode", r.inode);
  if (r.cookie != 0) text += fmt::format(" cookie={:x}", r.cookie);
  if (r.timer != socket_timer::unknown) {
    text += fmt::format(" timer={}:{}ms", static_cast<int>(r.timer), r.timer_ms);
  }
  if (r.retransmits != 0) text += fmt::format(" again={}", r.retransmits);
  add("data", r.last_data_ms);
  add("ack", r.last_ack_ms);
  return text;
}

inline std::string to_text(const std::optional<row>& r) {
  return r ? to_text(*r) : "nothing";
}

inline void PrintTo(const row& r, std::ostream* out) {
  *out << to_text(r);
}

}  // namespace waitstate::paste
