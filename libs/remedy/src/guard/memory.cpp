#include "waitstate/remedy/guard/memory.h"

#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "waitstate/base/words.h"

namespace waitstate::remedy::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int schema = 1;

json json_of(const subject& who) {
  json object{{"namespace", who.net_namespace}, {"pid", who.pid}, {"process", who.process}};
  if (who.destination) {
    object["source"] = to_string(who.source);
    object["destination"] = to_string(*who.destination);
  }
  return object;
}

json json_of(const incident& i) {
  json object{{"who", json_of(i.who)},
              {"began_ms", i.began.count()},
              {"last_over_ms", i.last_over.count()},
              {"most", i.most},
              {"closed", i.closed}};
  if (i.last_command) object["last_command_ms"] = i.last_command->count();
  return object;
}

json json_of(const rule_memory& r) {
  json object{{"rule", r.rule}, {"is_stopped", r.is_stopped}, {"is_resumed", r.is_resumed}};
  object["open"] = json::array();
  for (const auto& i : r.open) object["open"].push_back(json_of(i));
  object["spent"] = json::array();
  for (const auto& e : r.spent) {
    object["spent"].push_back({{"at_ms", e.at.count()}, {"count", e.count}});
  }
  return object;
}

// What is read here may be anything: at() and get() throw for whatever to_json() did not write, and
// parse_memory() makes one error of all of it.

milliseconds time_in(const json& object, const char* key) {
  return milliseconds(object.at(key).get<std::uint64_t>() % (std::uint64_t{1} << 53U));
}

subject subject_in(const json& object) {
  subject who{.net_namespace = object.at("namespace").get<std::uint64_t>(),
              .pid = object.at("pid").get<std::int32_t>(),
              .process = object.at("process").get<std::string>()};
  if (!object.contains("destination")) return who;
  const auto source = tcp::parse_address(object.at("source").get<std::string>());
  const auto destination = tcp::parse_endpoint(object.at("destination").get<std::string>());
  if (!source || !destination) throw json::other_error::create(501, "no address", &object);
  who.source = *source;
  who.destination = *destination;
  return who;
}

incident incident_in(const json& object) {
  incident i{.who = subject_in(object.at("who")),
             .began = time_in(object, "began_ms"),
             .last_over = time_in(object, "last_over_ms"),
             .most = object.at("most").get<std::uint64_t>(),
             .closed = object.at("closed").get<std::uint64_t>()};
  if (object.contains("last_command_ms")) i.last_command = time_in(object, "last_command_ms");
  return i;
}

rule_memory rule_in(const json& object) {
  rule_memory r;
  r.rule = object.at("rule").get<std::string>();
  r.is_stopped = object.at("is_stopped").get<bool>();
  r.is_resumed = object.value("is_resumed", false);
  if (object.at("open").size() > rule_memory::incidents_max) {
    throw json::other_error::create(501, "more than a guard keeps", &object);
  }
  for (const auto& one : object.at("open")) r.open.push_back(incident_in(one));
  for (const auto& one : object.at("spent")) {
    r.spent.push_back({.at = time_in(one, "at_ms"), .count = one.at("count").get<std::uint64_t>()});
  }
  return r;
}

}  // namespace

result<moment> moment_now() {
  timespec since{};
  if (::clock_gettime(CLOCK_BOOTTIME, &since) != 0) return failure(from_errno(errno, "clock"));
  constexpr auto path = "/proc/sys/kernel/random/boot_id";
  std::ifstream in(path);
  moment now;
  if (!std::getline(in, now.boot_id) || now.boot_id.empty()) {
    return failure({.code = errc::unsupported,
                    .what = fmt::format("'{}' cannot be read: nothing tells one start of the host "
                                        "from another",
                                        path),
                    .hint = "mount /proc"});
  }
  now.since_boot = std::chrono::duration_cast<milliseconds>(
      std::chrono::seconds(since.tv_sec) + std::chrono::nanoseconds(since.tv_nsec));
  return now;
}

void memory::resume() {
  for (auto& r : rules) {
    r.is_resumed = r.is_resumed || r.is_stopped;
    r.is_stopped = false;
  }
}

std::string to_json(const memory& m) {
  json object{{"schema", schema}, {"boot_id", m.boot_id}};
  object["rules"] = json::array();
  for (const auto& r : m.rules) object["rules"].push_back(json_of(r));
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

result<memory> parse_memory(std::string_view text) {
  try {
    const auto object = json::parse(text);
    if (object.at("schema").get<int>() != schema) {
      return failure({.code = errc::corrupt, .what = "it is of another version", .hint = {}});
    }
    if (object.at("rules").size() > policy::rules_max) {
      return failure({.code = errc::corrupt, .what = "more rules than a policy has", .hint = {}});
    }
    memory m;
    m.boot_id = object.at("boot_id").get<std::string>();
    for (const auto& one : object.at("rules")) m.rules.push_back(rule_in(one));
    return m;
  } catch (const json::exception& e) {
    return failure({.code = errc::corrupt, .what = quotable(e.what()), .hint = {}});
  }
}

}  // namespace waitstate::remedy::guard
