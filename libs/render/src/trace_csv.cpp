#include "waitstate/render/trace_csv.h"

#include <string_view>

#include <fmt/format.h>

#include "trace_time.h"
#include "trace_words.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/trace_text.h"

namespace waitstate::render {
namespace {

std::string field(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : clean(text)) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

struct process_fields {
  std::string pid;
  std::string name;
};

process_fields of(const std::optional<traced_process>& p) {
  if (!p) return {};
  return {.pid = std::to_string(p->pid), .name = field(p->name)};
}

}  // namespace

std::string trace_csv_heading() {
  return "ended_at,opener_pid,opener,closer_pid,closer,other_closer_pid,other_closer,local,peer,"
         "direction,namespace,life_us,bytes_sent,bytes_received,bytes_unread,closed_first,ending,"
         "how\r\n";
}

std::string to_trace_csv(const whole_connection& c) {
  const auto& end = c.end;
  const auto opener = of(end.opener);
  const auto closer = of(end.closer);
  const auto other = c.other ? of(c.other->closer) : process_fields{};
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
                     exact_timestamp(end.ended), opener.pid, opener.name, closer.pid, closer.name,
                     other.pid, other.name, to_string(end.flow.local), to_string(end.flow.remote),
                     to_string(end.direction), end.net_namespace,
                     end.life ? std::to_string(end.life->count()) : std::string(), end.bytes_sent,
                     end.bytes_received, end.bytes_unread, to_word(end.closed_first),
                     to_string(end.ending), field(how_it_ended(c)));
}

}  // namespace waitstate::render
