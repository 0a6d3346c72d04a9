#include "rows/lsof_columns.h"
#include "rows/readers.h"
#include "text/text_endpoint.h"

namespace waitstate::paste {
namespace {

/// "10.0.0.7:80->10.0.0.8:55123", "*:80", "...->host:https" (masked or cut).
bool read_name(std::string_view name, row& r) {
  const auto arrow = name.find("->");
  const auto local_text = name.substr(0, arrow);
  const auto local = read_colon_endpoint(local_text);
  if (arrow == name.npos) {
    if (local) r.local = *local;
    return local.has_value();
  }
  const auto remote = read_colon_endpoint(name.substr(arrow + 2));
  if (local) {
    r.local = *local;
  } else if (is_plausible_host(local_text)) {
    r.local.host = local_text;
  }
  if (remote) r.remote = *remote;
  return remote.has_value();
}

/// "(ESTABLISHED)", "(CLOSE_W" at a cut end, "(QR=0 QS=12 ESTABLISHED)" of -T.
void read_notes(const tokens& words, std::size_t index, row& r) {
  for (; index < words.size(); ++index) {
    auto word = words[index];
    if (word.starts_with('(')) word.remove_prefix(1);
    if (word.ends_with(')')) word.remove_suffix(1);
    if (word.starts_with("QR=")) {
      r.receive_queue = parse_number<std::uint32_t>(word.substr(3));
    } else if (word.starts_with("QS=")) {
      r.send_queue = parse_number<std::uint32_t>(word.substr(3));
    } else if (word.starts_with("ST=")) {
      word.remove_prefix(3);
    }
    const auto state = index + 1 == words.size() ? read_cut_state(word) : read_state(word);
    if (state && r.state == tcp::state::unknown) r.state = *state;
  }
}

bool is_name_of_socket(std::string_view name) {
  return name.find(':') != name.npos || name.find("->") != name.npos;
}

/// busybox lsof: pid, program, what the descriptor is a link to; between them tabs.
std::optional<lsof_other> read_busybox(const tokens& words) {
  if (!is_number(words[0]) || !words[1].starts_with('/')) return std::nullopt;
  const auto pid = parse_pid(words[0]);
  if (!pid) return std::nullopt;
  lsof_other other{.program = words[1], .pid = *pid};
  const auto target = words[2];
  if (target.starts_with("socket:[")) {
    other.kind = descriptor_kind::other_socket;
  } else if (target.starts_with("pipe:[")) {
    other.kind = descriptor_kind::pipe;
  } else if (target.starts_with("/dev/") || target.starts_with("anon_inode:")) {
    other.kind = descriptor_kind::other;
  } else if (target.starts_with('/')) {
    other.kind = descriptor_kind::file;
  } else {
    return std::nullopt;
  }
  return other;
}

bool lacks_protocol(std::string_view line) {
  return line.find("identify protocol") != line.npos || line.find("protocol: TCP") != line.npos ||
         line.find("no PCB") != line.npos;
}

descriptor_kind kind_of(const lsof_columns& columns, std::string_view line) {
  if (!columns.is_descriptor) return descriptor_kind::not_a_descriptor;
  if (columns.type == "REG" || columns.type == "DIR" || columns.type == "VREG" ||
      columns.type == "VDIR" || columns.type == "LINK") {
    return descriptor_kind::file;
  }
  if (columns.type == "FIFO" || columns.type == "PIPE") return descriptor_kind::pipe;
  if (columns.type == "IPv4" || columns.type == "IPv6" || columns.type == "sock" ||
      columns.type == "inet" || columns.type == "inet6") {
    return lacks_protocol(line) ? descriptor_kind::socket_without_protocol
                                : descriptor_kind::other_socket;
  }
  if (columns.type == "unix" || columns.type == "netlink" || columns.type == "pack" ||
      columns.type == "raw" || columns.type == "systm" || columns.type == "rte") {
    return descriptor_kind::other_socket;
  }
  return descriptor_kind::other;
}

}  // namespace

std::optional<row> read_lsof_row(std::string_view line) {
  if (line.find("TCP") == line.npos) return std::nullopt;
  const tokens words(line);
  const auto columns = find_lsof_columns(words);
  if (!columns) return std::nullopt;
  constexpr std::size_t columns_between_max = 3;  // DEVICE SIZE/OFF NODE
  for (auto i = columns->behind_type; i <= columns->behind_type + columns_between_max; ++i) {
    if (words[i] != "TCP" && words[i] != "TCPv6") continue;
    row r{.program = columns->program, .pid = columns->pid};
    // Two endpoints with a blank between them are a row of another tool.
    if (read_colon_endpoint(words[i + 2])) return std::nullopt;
    if (!is_name_of_socket(words[i + 1]) || !read_name(words[i + 1], r)) return std::nullopt;
    read_notes(words, i + 2, r);
    if (i > columns->behind_type) {
      r.inode = parse_number<std::uint32_t>(words[columns->behind_type]);
    }
    return r;
  }
  return std::nullopt;
}

std::optional<lsof_other> read_lsof_other(std::string_view line) {
  const tokens words(line);
  if (auto busybox = read_busybox(words); busybox && !read_lsof_row(line)) return busybox;
  const auto columns = find_lsof_columns(words);
  if (!columns || read_lsof_row(line)) return std::nullopt;
  return lsof_other{
      .program = columns->program, .pid = columns->pid, .kind = kind_of(*columns, line)};
}

table_header lsof_header(std::string_view line) {
  const bool is_header = line.contains("COMMAND") && line.contains("PID") &&
                         (line.contains("NAME") || line.contains("FD")) && !line.contains("PROTO");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
