// Fetches URLs in one trace: each attempt is a span, its id goes along as W3C traceparent, and all
// spans go to an OpenTelemetry collector over OTLP/HTTP, sent with the library itself.
#include <any>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "waitstate/client/http.h"

namespace {

using namespace waitstate::client;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t spans_max = 2048;  // kept until they are sent; more are counted and dropped

/// Where a span belongs: what http_call_options::context points to.
struct trace_context {
  std::string trace_id;  ///< 32 hexadecimal digits
  std::string span_id;   ///< 16
};

class tracer {
 public:
  explicit tracer(std::string service) : service_(std::move(service)) {}

  trace_context begin_trace() { return {.trace_id = hex() + hex(), .span_id = hex()}; }

  /// Makes every call of a cluster a span.
  call_hooks hooks() {
    return {.begins =
                [this](call_record& r) {
                  const auto parent = std::static_pointer_cast<const trace_context>(r.context);
                  if (!parent) return;
                  const trace_context span{.trace_id = parent->trace_id, .span_id = hex()};
                  r.fields.push_back({.name = "traceparent",
                                      .value = "00-" + span.trace_id + "-" + span.span_id + "-01"});
                  r.mine = span;
                },
            .ended =
                [this](const call_record& r) {
                  const auto* const span = std::any_cast<trace_context>(&r.mine);
                  if (span != nullptr) keep(span_of(r, *span));
                }};
  }

  /// What was kept, as the body of an OTLP/HTTP request; empty when there is nothing.
  std::string take() {
    const std::scoped_lock held(lock_);
    if (spans_.empty()) return {};
    const json body = {
        {"resourceSpans",
         {{{"resource", {{"attributes", {text("service.name", service_)}}}},
           {"scopeSpans", {{{"scope", {{"name", "waitstate"}}}, {"spans", spans_}}}}}}}};
    spans_.clear();
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  [[nodiscard]] std::uint64_t dropped() const {
    const std::scoped_lock held(lock_);
    return dropped_;
  }

 private:
  static json text(std::string_view key, std::string_view value) {
    return {{"key", key}, {"value", {{"stringValue", value}}}};
  }
  static json number(std::string_view key, std::int64_t value) {
    return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
  }

  /// The record's clock is monotonic; a span's is the wall's.
  [[nodiscard]] std::string nanoseconds(time_point at) const {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch() + wall_is_ahead_)
            .count());
  }

  /// By OpenTelemetry's conventions for HTTP.
  [[nodiscard]] json span_of(const call_record& r, const trace_context& id) const {
    const auto parent = std::static_pointer_cast<const trace_context>(r.context);
    json attributes = {
        text("http.request.method", r.title.method), text("url.path", r.title.target),
        number("http.response.body.size", static_cast<std::int64_t>(r.bytes_received))};
    if (r.server) {
      attributes.push_back(text("server.address", r.server->host));
      attributes.push_back(number("server.port", r.server->port));
    }
    if (r.status) attributes.push_back(number("http.response.status_code", *r.status));
    if (r.attempt > 1) attributes.push_back(number("http.request.resend_count", r.attempt - 1));
    json events = json::array();
    const auto event = [&](const char* name, const std::optional<time_point>& at) {
      if (at) events.push_back({{"name", name}, {"timeUnixNano", nanoseconds(*at)}});
    };
    event(r.is_reused ? "connection reused" : "connected", r.connected);
    event("sent", r.sent);
    event("first byte", r.first_byte);
    json span = {{"traceId", id.trace_id},
                 {"spanId", id.span_id},
                 {"parentSpanId", parent->span_id},
                 {"name", r.title.method},
                 {"kind", 3},  // a client's
                 {"startTimeUnixNano", nanoseconds(r.began)},
                 {"endTimeUnixNano", nanoseconds(r.ended)},
                 {"attributes", attributes},
                 {"events", events}};
    if (r.failed != nullptr) span["status"] = {{"code", 2}, {"message", r.failed->what}};
    return span;
  }

  void keep(json span) {
    const std::scoped_lock held(lock_);
    if (spans_.size() < spans_max) {
      spans_.push_back(std::move(span));
    } else {
      ++dropped_;
    }
  }

  std::string hex() {
    const std::scoped_lock held(lock_);
    return fmt::format("{:016x}", random_() | 1);  // never all zeros, which means none
  }

  const std::string service_;
  const std::chrono::nanoseconds wall_is_ahead_ =
      std::chrono::system_clock::now().time_since_epoch() - clock::now().time_since_epoch();
  mutable std::mutex lock_;
  random_source random_ = system_random();
  std::vector<json> spans_;
  std::uint64_t dropped_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::deque<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) {
    std::cerr << "usage: traced_http COLLECTOR URL...\n"
                 "  COLLECTOR: http://127.0.0.1:4318/v1/traces\n";
    return 2;
  }
  const auto collector = std::move(words.front());
  words.pop_front();

  tracer traces("traced_http");
  io_threads background;
  http_client_settings settings;
  settings.cluster.calls = traces.hooks();
  blocking_http http(background, settings);
  blocking_http to_collector(background);  // without hooks: its own calls are no spans

  const auto trace = std::make_shared<const trace_context>(traces.begin_trace());
  std::cout << "trace " << trace->trace_id << '\n';
  for (const auto& url : words) {
    http_call_options options{.deadline = 5s};
    options.context = trace;
    const auto got = http.request(http_get(url), options);
    std::cout << (got ? std::to_string(got->status) : got.error().what) << ' ' << url << '\n';
  }
  const auto sent =
      to_collector.request(http_post(collector, traces.take(), "application/json"), 5s);
  if (sent && sent->status == 200 && traces.dropped() == 0) return 0;
  std::cerr << "not all spans were taken: "
            << (sent ? std::to_string(sent->status) : sent.error().what) << '\n';
  return 1;
}
