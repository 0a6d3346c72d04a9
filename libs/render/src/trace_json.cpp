#include "waitstate/render/trace_json.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "json_parts.h"
#include "trace_time.h"
#include "trace_words.h"
#include "waitstate/render/json.h"
#include "waitstate/render/trace_text.h"

namespace waitstate::render {
namespace {

json json_of(const std::optional<traced_process>& p) {
  if (!p) return nullptr;
  return json{{"pid", p->pid}, {"process", or_null(p->name)}};
}

json json_of(const ended_connection& c) {
  json object;
  object["local"] = to_string(c.flow.local);
  object["peer"] = to_string(c.flow.remote);
  object["direction"] = to_string(c.direction);
  object["namespace"] = c.net_namespace;
  object["opener"] = json_of(c.opener);
  object["closer"] = json_of(c.closer);
  object["closed_first"] = or_null(std::string(to_word(c.closed_first)));
  object["life_us"] = c.life ? json(c.life->count()) : json(nullptr);
  object["established"] = c.was_established;
  object["bytes_sent"] = c.bytes_sent;
  object["bytes_received"] = c.bytes_received;
  object["bytes_unread"] = c.bytes_unread;
  object["ending"] = to_string(c.ending);
  object["errno"] = c.error == 0 ? json(nullptr) : json(c.error);
  return object;
}

}  // namespace

std::string to_trace_json(const whole_connection& c) {
  json object;
  object["schema"] = json_schema;
  object["ended_at"] = exact_timestamp(c.end.ended);
  object["how"] = how_it_ended(c);
  object["end"] = json_of(c.end);
  object["other_end"] = c.other ? json_of(*c.other) : json(nullptr);
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace waitstate::render
