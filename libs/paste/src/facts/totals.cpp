#include "facts/totals.h"

#include <algorithm>

#include "text/words.h"
#include "waitstate/procfs/sockstat.h"

namespace waitstate::paste {

bool totals_reader::read(std::string_view line) {
  const auto text = trimmed(line);
  return read_sockstat(text) || read_summary(text) || read_transport(text) || read_sar(text);
}

bool totals_reader::read_sockstat(std::string_view line) {
  using kind = procfs::sockstat_line::kind;
  const auto found = procfs::read_sockstat_line(line);
  if (!found) return false;
  const auto& read = found->totals;
  if (found->what == kind::tcp6) in_use_v6_ = read.in_use;
  if (found->what == kind::tcp) {
    saw_sockstat_ = true;
    totals_.in_use = read.in_use;
    totals_.orphan = read.orphan;
    totals_.time_wait = read.time_wait;
    totals_.allocated = read.allocated;
    totals_.memory_pages = read.memory_pages;
  }
  return true;
}

// TCP:   51582 (estab 2866, closed 48611, orphaned 92, synrecv 0, timewait 48611/0), ports 35279
bool totals_reader::read_summary(std::string_view line) {
  if (line.starts_with("Total: ") && whole_number(word_list(line)[1])) return true;
  if (!line.starts_with("TCP:") || !line.contains("(estab ")) return false;
  const auto established = number_after(line, "(estab ");
  if (!established) return false;
  saw_summary_ = true;
  totals_.established = established;
  totals_.closed = number_after(line, "closed ");
  totals_.orphan = number_after(line, "orphaned ");
  totals_.syn_received = number_after(line, "synrecv ");
  totals_.time_wait = number_after(line, "timewait ");
  totals_.local_ports = number_after(line, "), ports ");
  return true;
}

// TCP       12683     12658     25
bool totals_reader::read_transport(std::string_view line) {
  if (!saw_summary_) return false;
  if (line.starts_with("Transport ")) return true;
  const word_list words(line);
  if (words.size() != 4) return false;
  const auto name = words[0];
  if (name != "TCP" && name != "*" && name != "RAW" && name != "UDP" && name != "INET" &&
      name != "FRAG") {
    return false;
  }
  const auto total = whole_number(words[1]);
  if (name == "TCP" && total) totals_.in_use = total;
  return total.has_value();
}

// 10:12:01 AM    totsck    tcpsck    udpsck    rawsck   ip-frag    tcp-tw
// 10:12:02 AM       812       401        11         0         0     31022
bool totals_reader::read_sar(std::string_view line) {
  const auto from_right = [](const word_list& words, std::string_view name) {
    const auto all = words.all();
    return static_cast<std::size_t>(all.end() - std::ranges::find(all, name));
  };
  if (line.contains("totsck") && line.contains("tcp-tw")) {
    const word_list names(line);
    sar_columns_ = from_right(names, "totsck");
    sar_tcp_ = from_right(names, "tcpsck");
    sar_time_wait_ = from_right(names, "tcp-tw");
    return sar_columns_ > 0;
  }
  if (sar_columns_ == 0) return false;
  const word_list words(line);
  const bool has_time = words.size() > sar_columns_ && words[0].contains(':');
  if (!has_time || words.size() > sar_columns_ + 2) return false;
  const auto numbers = words.all().last(sar_columns_);
  const auto at = [&](std::size_t column) { return whole_number(numbers[sar_columns_ - column]); };
  const bool are_numbers =
      std::ranges::all_of(numbers, [](auto word) { return whole_number(word).has_value(); });
  if (!are_numbers || sar_time_wait_ == 0 || sar_tcp_ == 0) return false;
  saw_sockstat_ = true;
  // Of several looks the worst one, whole.
  const auto waiting = at(sar_time_wait_);
  if (totals_.time_wait && totals_.time_wait >= waiting) return true;
  totals_.time_wait = waiting;
  totals_.in_use = at(sar_tcp_);
  return true;
}

bool totals_reader::keep(std::string_view gauge, std::uint64_t value) {
  if (gauge == "TCP6_inuse") {
    in_use_v6_ = value;
    return true;
  }
  const struct {
    std::string_view name;
    std::optional<std::uint64_t>& total;
  } gauges[] = {{"TCP_inuse", totals_.in_use},
                {"TCP_orphan", totals_.orphan},
                {"TCP_tw", totals_.time_wait},
                {"TCP_alloc", totals_.allocated},
                {"TCP_mem", totals_.memory_pages}};
  for (const auto& [name, total] : gauges) {
    if (name != gauge) continue;
    total = value;
    saw_sockstat_ = true;
    return true;
  }
  return false;
}

socket_totals totals_reader::totals() const {
  auto all = totals_;
  if (in_use_v6_ && saw_sockstat_) all.in_use = all.in_use.value_or(0) + *in_use_v6_;
  if (in_use_v6_ && !saw_sockstat_ && !all.in_use) all.in_use = in_use_v6_;
  return all;
}

}  // namespace waitstate::paste
