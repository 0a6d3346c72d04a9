#include "reading/pool_reader.h"

#include <string>

#include <fmt/format.h>

#include "facts/pool_line.h"
#include "facts/tracked_flow.h"
#include "waitstate/base/text.h"

namespace waitstate::paste {

bool pool_reader::take_tracked(std::string_view line) {
  if (const auto total = read_tracked_total(line)) {
    builder_.host().conntrack_count = total;
    sources_.add("conntrack");
    return true;
  }
  const auto flow = read_tracked_flow(line);
  if (!flow) return false;
  builder_.add_tracked({.state = std::string(flow->state),
                        .destination = flow->opened.remote,
                        .unreplied = flow->unreplied,
                        .count = 1});
  sources_.add("conntrack");
  return true;
}

bool pool_reader::take_stat(std::string_view line) {
  if (pgbouncer_.read(line)) {
    if (const auto& pool = pgbouncer_.pool()) builder_.add_pool(*pool);
    sources_.add("SHOW POOLS");
    return true;
  }
  if (!haproxy_.read(line)) return false;
  if (const auto& pool = haproxy_.pool()) builder_.add_pool(*pool);
  sources_.add("show stat");
  return true;
}

bool pool_reader::take_gauge(std::string_view line) {
  if (nginx_.read(line)) {
    sources_.add("stub_status");
    return true;
  }
  if (workers_.read(line)) {
    if (const auto pool = workers_.workers()) builder_.add_pool(*pool);
    sources_.add("server status");
    return true;
  }
  if (clients_.read(line)) {
    if (const auto pool = clients_.clients()) builder_.add_pool(*pool);
    sources_.add("server status");
    return true;
  }
  const auto pool = read_pool_metric(line);
  if (!pool) return false;
  builder_.add_pool(*pool);
  sources_.add("pool gauges");
  return true;
}

void pool_reader::look_at(std::string_view line) {
  const auto pool = read_pool_line(line);
  if (!pool) return;
  builder_.add_pool(*pool);
  sources_.add("pool gauges");
}

void pool_reader::finish() {
  if (nginx_.dropped() == 0) return;
  builder_.add_message(
      {.kind = message_kind::no_worker,
       .text = fmt::format("stub_status: nginx accepted {} connections and handled {}",
                           grouped(nginx_.accepted().value_or(0)),
                           grouped(nginx_.accepted().value_or(0) - nginx_.dropped())),
       .count = nginx_.dropped(),
       .endpoint = {},
       .program = "nginx",
       .queued = {}});
}

}  // namespace waitstate::paste
