#include "reading/reading.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/words.h"
#include "waitstate/base/text.h"
#include "waitstate/tcp/address.h"

namespace waitstate::paste {
namespace {

using row_reader = std::optional<row> (*)(std::string_view);

struct format_reader {
  row_reader read;
  row_store::format format;
  std::string_view name;
};

constexpr std::array<format_reader, 6> row_readers{{
    {read_netstat_linux_row, row_store::format::netstat, "netstat"},
    {read_ss_row, row_store::format::ss, "ss"},
    {read_lsof_row, row_store::format::lsof, "lsof"},
    {read_netstat_windows_row, row_store::format::windows, "netstat"},
    {read_netstat_bsd_row, row_store::format::netstat, "netstat"},
    {read_proc_net_tcp_row, row_store::format::proc, "/proc/net/tcp"},
}};

/// Every row has two endpoints or an upper-case word with digits near: most prose has neither.
bool may_be_row(std::string_view line) {
  return line.size() >= 12 && std::ranges::any_of(line, is_digit);
}

/// Moves a view from one text into a copy of it.
void rebase(std::string_view& view, std::string_view from, const std::string& to) {
  if (view.empty() || view.data() < from.data() || view.data() > from.data() + from.size()) return;
  const auto offset = static_cast<std::size_t>(view.data() - from.data());
  view = std::string_view(to).substr(offset, view.size());
}

bool is_owner_notice(std::string_view line) {
  return line.contains("Not all processes could be identified") ||
         line.contains("No info could be read for \"-p\"") ||
         line.contains("you would have to be root to see it all");
}

/// A header of `watch`: "Every 2.0s: netstat -an | ..."
std::optional<command> watch_command(std::string_view line) {
  if (!line.starts_with("Every ")) return std::nullopt;
  const auto colon = line.find("s: ");
  if (colon == std::string_view::npos) return std::nullopt;
  auto c = parse_command(line.substr(colon + 3));
  if (const auto seconds = leading_number(line.substr(6)); seconds && *seconds > 0) {
    c.interval = std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86'400));
  }
  return c;
}

}  // namespace

reading::reading() : processes_(builder_), messages_(builder_) {
  builder_.add_namespace({});
}

void reading::saw(std::string_view format) {
  if (std::ranges::find(formats_, format) == formats_.end()) formats_.push_back(format);
}

void reading::take(std::string_view line) {
  ++lines_since_count_;
  if (trimmed(line).empty()) {
    flush_row();
    return;
  }
  messages_.look_at(line);
  if (take_continuation(line)) return;
  flush_row();
  if (take_command(line)) return;
  if (take_row(line) || take_row_without_state(line)) return;
  const bool taken = take_totals(line) || take_setting(line) || take_count(line) ||
                     take_counter(line) || take_host(line) || take_descriptor(line) ||
                     take_message(line);
  if (!taken) note_unread(line);
}

bool reading::take_command(std::string_view line) {
  auto watched = watch_command(line);
  const auto typed = typed_command(line);
  if (!typed && !watched) return false;
  rows_.end_block(command_.shows_timers);
  // "# key = value" is a comment; a row or a message after "> " is not typed.
  command_ = watched ? std::move(*watched) : parse_command(*typed);
  has_command_ = true;
  windows_typed_ = windows_typed_ || is_typed_on_windows(line);
  ++block_;
  masked_.clear();
  unread_since_command_ = 0;
  state_column_missing_ = false;
  // To anybody but root an empty owner column may also mean that the owner is another user's.
  const auto prompt = line.substr(0, line.find(typed.value_or(line)));
  const bool by_root = prompt.contains('#') || line.contains("sudo ");
  if (command_.shows_owners && by_root && command_.what == command::tool::sockets) {
    rows_.owners_are_shown(line.contains("ss ") ? row_store::format::ss
                                                : row_store::format::netstat);
  }
  if (!command_.value.empty() && !command_.key.empty()) {
    return take_setting(command_.key + " = " + command_.value);
  }
  if (command_.result) take_number(*command_.result);
  return true;
}

bool reading::take_row(std::string_view line) {
  if (!may_be_row(line)) return false;
  for (std::size_t i = 0; i < row_readers.size(); ++i) {
    // Neighbouring lines are mostly of one format.
    const auto which = i == 0 ? favourite_ : (i <= favourite_ ? i - 1 : i);
    const auto& reader = row_readers[which];
    if (const auto found = reader.read(line)) {
      favourite_ = which;
      const auto f = reader.format;
      bsd_rows_ = bsd_rows_ || reader.read == read_netstat_bsd_row;
      windows_rows_ = windows_rows_ || f == row_store::format::windows;
      linux_rows_ = linux_rows_ || reader.read == read_netstat_linux_row ||
                    f == row_store::format::ss || f == row_store::format::proc;
      saw(reader.name);
      keep_row(*found, f, line);
      return true;
    }
  }
  return false;
}

bool reading::take_row_without_state(std::string_view line) {
  const auto header = table_of_header(line);
  if (header != table::none) {
    state_column_missing_ = header == table::ss_without_state;
    return true;
  }
  const bool asked = has_command_ && command_.what == command::tool::sockets &&
                     command_.state != tcp::state::unknown;
  if (!state_column_missing_ && !asked) return false;
  auto found = read_ss_row_without_state(line);
  if (!found) return false;
  if (has_command_) found->state = command_.state;
  saw("ss");
  linux_rows_ = true;
  keep_row(*found, row_store::format::ss, line);
  return true;
}

void reading::keep_row(row r, row_store::format f, std::string_view line) {
  pinned_[0] = line;
  pins_ = 1;
  rebase(r.local.host, line, pinned_[0]);
  rebase(r.remote.host, line, pinned_[0]);
  rebase(r.program, line, pinned_[0]);
  pending_ = r;
  pending_format_ = f;
}

bool reading::take_continuation(std::string_view line) {
  if (!pending_ || pins_ >= std::size(pinned_)) return false;
  const bool indented = line.starts_with(' ') || line.starts_with('\t');
  const bool of_ss =
      pending_format_ == row_store::format::ss && (indented || line.starts_with("users:"));
  const bool of_windows = pending_format_ == row_store::format::windows && line.contains('[') &&
                          trimmed(line).starts_with('[');
  if (!of_ss && !of_windows) return false;
  if (of_ss && read_ss_row(line)) return false;
  auto& pinned = pinned_[pins_];
  pinned = line;
  const bool taken =
      of_ss ? read_ss_continuation(pinned, *pending_) : read_windows_program(pinned, *pending_);
  if (taken) ++pins_;
  return taken;
}

tcp::endpoint reading::endpoint_of(const text_endpoint& e) {
  return named_endpoint(builder_, e);
}

void reading::flush_row() {
  if (!pending_) return;
  const row r = *pending_;
  pending_.reset();
  socket_record s{.flow = {.local = endpoint_of(r.local), .remote = endpoint_of(r.remote)},
                  .state = r.state,
                  .cookie = r.cookie,
                  .inode = r.inode.value_or(0),
                  .uid = r.uid,
                  .receive_queue = r.receive_queue.value_or(0),
                  .send_queue = r.send_queue.value_or(0),
                  .has_queues = r.receive_queue.has_value(),
                  .timer = r.timer,
                  .timer_ms = r.timer_ms,
                  .last_data_ms = r.last_data_ms,
                  .last_ack_ms = r.last_ack_ms,
                  .bind_address_no_port = {}};
  if (!r.program.empty() || r.pid != 0) {
    s.owner = {.kind = ownership::owned, .process = processes_.index_of(r.pid, r.program)};
  } else if (r.owner_shown_empty) {
    s.owner.kind = ownership::hidden;
  }
  const bool is_new = rows_.add(s, pending_format_, r.incomplete);
  if (is_new && pending_format_ == row_store::format::lsof && s.owner.kind == ownership::owned) {
    processes_.add_socket_descriptor(s.owner.process);
  }
}

bool reading::take_descriptor(std::string_view line) {
  const auto found = read_lsof_other(line);
  if (!found) return false;
  processes_.add_descriptor(*found);
  saw("lsof");
  return true;
}

void reading::note_unread(std::string_view line) {
  ++unread_since_command_;
  if (is_owner_notice(line)) {
    some_owners_hidden_ = true;
    return;
  }
  const auto text = trimmed(line);
  constexpr std::string_view other_protocols[] = {"udp", "unix", "raw", "icmp", "u_str", "nl "};
  for (const auto protocol : other_protocols) {
    if (starts_with_word(text, protocol)) return;
  }
  // A row that no reader takes has the protocol first, or a state among at least four words.
  const word_list words(text);
  const bool of_tcp = starts_with_word(text, "tcp") && words.size() >= 4 && is_digit(words[1][0]);
  const bool has_state = words.size() >= 4 && words.size() <= 14 && text.contains(':') &&
                         std::ranges::any_of(words.all(), [](auto w) {
                           return w.size() > 4 && (w.contains("_WAIT") || w.contains("-WAIT") ||
                                                   w == "ESTABLISHED" || w == "LISTEN");
                         });
  if (!of_tcp && !has_state) return;
  if (unread_++ == 0) first_unread_ = text.substr(0, 80);
}

}  // namespace waitstate::paste
