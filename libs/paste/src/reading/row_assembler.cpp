#include "reading/row_assembler.h"

#include <algorithm>

#include "reading/message_collector.h"
#include "rows/formats.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

/// Every row has two endpoints, or an upper-case word with digits near: most prose has neither. The
/// shortest one is longer than this: "*:80 *:* LISTEN".
constexpr std::size_t row_min = 12;

bool may_be_row(std::string_view line) {
  return line.size() >= row_min && std::ranges::any_of(line, is_digit);
}

/// The side, where one end has the name of a service and the other one a number.
direction told_by_names(const row& r) {
  if (r.local.is_service && r.remote.port != 0) return direction::inbound;
  if (r.remote.is_service && r.local.port != 0) return direction::outbound;
  return direction::unknown;
}

}  // namespace

void row_assembler::waiting_row::hold(const row& r, const format& f) {
  format_ = &f;
  local_host_ = r.local.host;
  remote_host_ = r.remote.host;
  program_ = r.program;
  columns_ = r;
  columns_.local.host = {};
  columns_.remote.host = {};
  columns_.program = {};
}

row row_assembler::waiting_row::get() const {
  row r = columns_;
  r.local.host = local_host_;
  r.remote.host = remote_host_;
  r.program = program_;
  return r;
}

void row_assembler::wait_for_more(const row& r, const format& f) {
  sources_.add(f.tool);
  waiting_.hold(r, f);
  continued_ = 0;
}

bool row_assembler::take_continuation(std::string_view line) {
  // ss -tie wraps into the peer, the owners, and one line of -i.
  constexpr int continued_max = 3;
  if (!waiting_.holds_one() || continued_ >= continued_max) return false;
  const auto& f = waiting_.of();
  if (f.continues == nullptr) return false;
  auto r = waiting_.get();
  if (!f.continues(line, r)) return false;
  waiting_.hold(r, f);
  ++continued_;
  return true;
}

bool row_assembler::take_row(std::string_view line) {
  if (!may_be_row(line)) return false;
  const auto all = formats();
  for (std::size_t i = 0; i < all.size(); ++i) {
    // Neighbouring lines are mostly of one format: that of the row before is asked first.
    const auto which = i == 0 ? last_format_ : (i <= last_format_ ? i - 1 : i);
    const auto found = all[which].read(line);
    if (!found) continue;
    last_format_ = which;
    wait_for_more(*found, all[which]);
    return true;
  }
  return false;
}

bool row_assembler::take_heading(std::string_view line) {
  const auto header = header_of(line);
  if (header == table_header::none) return false;
  rows_.begin_look();
  state_column_missing_ = header == table_header::without_state;
  return true;
}

bool row_assembler::take_row_without_state(std::string_view line, const command& typed) {
  const bool asked = typed.what == command::tool::sockets && typed.state != tcp::state::unknown;
  if (!state_column_missing_ && !asked) return false;
  for (const auto& f : formats()) {
    if (f.read_without_state == nullptr) continue;
    auto found = f.read_without_state(line);
    if (!found) continue;
    found->state = typed.state;
    wait_for_more(*found, f);
    return true;
  }
  return false;
}

void row_assembler::flush() {
  if (!waiting_.holds_one()) return;
  const auto& f = waiting_.of();
  const auto r = waiting_.get();
  waiting_.drop();
  socket_record s{.flow = {.local = named_endpoint(builder_, r.local),
                           .remote = named_endpoint(builder_, r.remote)},
                  .state = r.state,
                  .cookie = r.cookie,
                  .inode = r.inode.value_or(0),
                  .uid = r.uid,
                  .receive_queue = r.receive_queue.value_or(0),
                  .send_queue = r.send_queue.value_or(0),
                  .has_queues = r.receive_queue.has_value(),
                  .timer = r.timer,
                  .timer_ms = r.timer_ms,
                  .retransmits = r.retransmits,
                  .last_data_ms = r.last_data_ms,
                  .last_ack_ms = r.last_ack_ms,
                  .bind_address_no_port = {}};
  if (!r.program.empty() || r.pid != 0) {
    s.owner = {.kind = ownership::owned, .process = processes_.index_of(r.pid, r.program)};
  } else if (r.owner_shown_empty) {
    s.owner.kind = ownership::hidden;
  }
  const bool is_new =
      rows_.add(s, f, {.incomplete = r.incomplete, .told_by_names = told_by_names(r)});
  if (is_new && f.lists_descriptors && s.owner.kind == ownership::owned) {
    processes_.add_socket_descriptor(s.owner.process);
  }
}

}  // namespace waitstate::paste
