#include "facts/totals.h"

#include "text/words.h"

namespace waitstate::paste {

bool totals_reader::read(std::string_view line) {
  const auto text = trimmed(line);
  return read_sockstat(text) || read_summary(text) || read_transport(text);
}

bool totals_reader::read_sockstat(std::string_view line) {
  if (line.starts_with("sockets: used")) return true;
  if (line.starts_with("TCP6: inuse")) {
    in_use_v6_ = number_after(line, "inuse");
    return in_use_v6_.has_value();
  }
  if (line.starts_with("TCP: inuse")) {
    const auto in_use = number_after(line, "inuse");
    if (!in_use) return false;
    saw_sockstat_ = true;
    totals_.in_use = in_use;
    totals_.orphan = number_after(line, "orphan");
    totals_.time_wait = number_after(line, " tw");
    totals_.allocated = number_after(line, "alloc");
    totals_.memory_pages = number_after(line, "mem");
    return true;
  }
  return line.starts_with("UDP: inuse") || line.starts_with("UDP6: inuse") ||
         line.starts_with("UDPLITE: inuse") || line.starts_with("UDPLITE6: inuse") ||
         line.starts_with("RAW: inuse") || line.starts_with("RAW6: inuse") ||
         line.starts_with("FRAG: inuse") || line.starts_with("FRAG6: inuse");
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

socket_totals totals_reader::totals() const {
  auto all = totals_;
  if (in_use_v6_ && saw_sockstat_) all.in_use = all.in_use.value_or(0) + *in_use_v6_;
  if (in_use_v6_ && !saw_sockstat_ && !all.in_use) all.in_use = in_use_v6_;
  return all;
}

}  // namespace waitstate::paste
