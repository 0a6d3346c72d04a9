#include "waitstate/client/http/http_service.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "http_decoder.h"
#include "http_exchange.h"
#include "http_retry_after.h"
#include "http_stream_state.h"
#include "waitstate/base/words.h"
#include "waitstate/client/http/http_keep_alive.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {

struct http_service::state {
  state(std::shared_ptr<cluster> c, http_settings s)
      : over(std::move(c)),
        settings(std::move(s)),
        is_host_fine(is_field_value(settings.host)),
        is_agent_fine(is_field_value(settings.user_agent)) {}

  const std::shared_ptr<cluster> over;
  const http_settings settings;
  const bool is_host_fine;
  const bool is_agent_fine;
};

namespace {

constexpr std::size_t decoded_piece = std::size_t{64} << 10;  // what a sink is given at once
constexpr duration asked_again_after = std::chrono::milliseconds(100);  // unless the server says

/// One call, for as long as it takes. Two of its attempts may be under way at once.
struct http_job {
  std::shared_ptr<const http_service::state> service;
  const http_request* request;
  http_call_options options;
  std::optional<http_response> last;  ///< Of retry_statuses: the answer when none comes after it.
  std::unique_ptr<http_stream::state> stream;
};

bool is_head(const http_request& request) {
  return request.method == "HEAD";
}

error no_value(std::string_view header) {
  return {.code = errc::invalid_input,
          .what = fmt::format("http request: header {}: a control character in its value", header),
          .hint = {}};
}

/// Writes the request's head. False: the server's name cannot be a header's value.
bool prepare(const http_job& job, http_exchange& exchange, attempt& facts) {
  const auto& settings = job.service->settings;
  const auto& wire = exchange.wire();
  const bool is_own = settings.host.empty();
  if (is_own && !wire.is_host_fine) {
    facts.bytes_written = false;
    facts.outcome = call_outcome::unknown;
    return false;
  }
  http_head_extras extras{.host = is_own ? wire.host : settings.host,
                          .user_agent = settings.user_agent,
                          .says_close = !settings.keep_alive || says_close(*job.request),
                          .expects_continue = false};
  extras.target_prefix = settings.target_prefix;
  extras.proxy_authorization = settings.proxy_authorization;
  if (settings.decode) extras.accept_encoding = http_decoded_encodings;
  if (facts.record != nullptr) extras.fields = facts.record->fields;
  exchange.prepare(*job.request, settings, extras, facts.over->is_reused(), facts);
  return true;
}

task<> send_and_read_header(http_job* job, http_exchange* exchange, attempt* facts) {
  if (!prepare(*job, *exchange, *facts)) co_return failure(no_value("Host"));
  if (!exchange->send_at_once(*job->request, *facts)) {
    auto sent = co_await exchange->send(job->request, &job->service->settings, facts);
    if (!sent) co_return sent;
  }
  co_return co_await exchange->read_header(facts);
}

/// What the header says that is not for the caller: about the server's health and patience.
void take_notice(http_job* job, http_exchange* exchange, attempt* facts) {
  const auto& head = exchange->parser().response();
  if (facts->record != nullptr) facts->record->status = head.status;
  if (head.status >= 502 && head.status <= 504) facts->outcome = call_outcome::failed;
  const auto keep_alive = head.headers.find("Keep-Alive");
  if (!keep_alive) return;
  const auto limit = keep_alive_timeout(*keep_alive);
  auto& known = exchange->wire().idle_limit;
  if (!limit || *limit == known) return;
  known = *limit;
  job->service->over->learn_idle_limit(exchange->over().remote(), *limit);
}

/// What undoes the body's encoding, if that is for us to do: then the header is as without it.
std::unique_ptr<http_decoder> take_encoding(const http_job& job, http_response& head) {
  if (!job.service->settings.decode || !may_be_encoded(*job.request)) return nullptr;
  const auto encoding = head.headers.find("Content-Encoding");
  auto decoder = encoding ? http_decoder_for(*encoding) : nullptr;
  if (!decoder || is_head(*job.request)) return nullptr;
  head.headers.remove("Content-Encoding");
  head.headers.remove("Content-Length");
  head.was_encoded = true;
  return decoder;
}

/// Gives the sink what came.
result<> give(const http_job& job, http_response& response, http_decoder* decoder) {
  const auto piece = std::exchange(response.body, {});
  const auto& sink = job.options.on_body;
  if (decoder == nullptr) return sink(response, piece);
  std::string decoded;
  for (std::string_view rest = piece; !rest.empty() || decoder->has_more(); decoded.clear()) {
    if (auto fine = decoder->put(rest, decoded, decoded_piece); !fine) return fine;
    if (decoded.empty()) continue;
    if (auto taken = sink(response, decoded); !taken) return taken;
  }
  return {};
}

task<> read_body(http_job* job, http_exchange* exchange, http_decoder* decoder, attempt* facts) {
  auto& parser = exchange->parser();
  auto& response = parser.response();
  const bool has_sink = job->options.on_body != nullptr;
  for (;;) {
    if (has_sink && !response.body.empty()) {
      if (auto taken = give(*job, response, decoder); !taken) co_return taken;
    }
    if (parser.is_done()) break;
    if (auto fine = co_await exchange->read_some(facts); !fine) co_return fine;
  }
  if (decoder == nullptr) co_return result<>{};
  if (has_sink) co_return decoder->end();
  co_return decode_body(*decoder, response.body, job->service->settings.limits.body_max);
}

bool may_be_repeated(const http_job& job) {
  return job.options.idempotent.value_or(is_idempotent(*job.request)) && !job.request->source;
}

/// How long to wait before the request is asked again; nothing when the response is the answer.
std::optional<duration> asks_again(const http_job& job, const http_response& response) {
  const auto& statuses = job.service->settings.retry_statuses;
  if (std::ranges::find(statuses, response.status) == statuses.end()) return std::nullopt;
  if (job.options.on_body || !may_be_repeated(job)) return std::nullopt;
  const auto said = response.headers.find("Retry-After");
  const auto wait = said ? retry_after(*said, std::chrono::system_clock::now()) : std::nullopt;
  if (wait) return *wait;
  return asked_again_after;
}

/// Gives the response away only as its result: the other half of a hedged call has another one.
task<http_response> attempt_whole(http_job* job, attempt* facts) {
  const auto kind = is_head(*job->request) ? http_response_parser::body::none
                    : job->options.on_body ? http_response_parser::body::in_parts
                                           : http_response_parser::body::whole;
  http_exchange exchange(facts->over->shared(), job->service->settings.limits, kind);
  if (!prepare(*job, exchange, *facts)) co_return failure(no_value("Host"));
  if (!exchange.send_at_once(*job->request, *facts)) {
    auto sent = co_await exchange.send(job->request, &job->service->settings, facts);
    if (!sent) co_return failure(std::move(sent).error());
  }
  auto fine = co_await exchange.read_header(facts);
  if (!fine) co_return failure(std::move(fine).error());
  take_notice(job, &exchange, facts);
  const auto decoder = take_encoding(*job, exchange.parser().response());
  if (!exchange.parser().is_done() || decoder || job->options.on_body) {
    fine = co_await read_body(job, &exchange, decoder.get(), facts);
    if (!fine) co_return failure(std::move(fine).error());
  }
  if (exchange.is_reusable()) facts->over->keep();
  auto response = std::move(exchange.parser().response());
  const auto again_after = asks_again(*job, response);
  if (!again_after) co_return response;
  facts->refused = true;
  facts->again_after = *again_after;
  job->last = std::move(response);
  co_return failure({.code = errc::unavailable,
                     .what = fmt::format("http status {}", job->last->status),
                     .hint = {}});
}

task<bool> attempt_header(http_job* job, attempt* facts) {
  const auto kind = is_head(*job->request) ? http_response_parser::body::none
                                           : http_response_parser::body::in_parts;
  const auto& settings = job->service->settings;
  auto made = std::make_unique<http_stream::state>(job->service->over, facts->over->shared(),
                                                   settings.limits, kind, settings.drain);
  auto fine = co_await send_and_read_header(job, &made->exchange, facts);
  if (!fine) co_return failure(std::move(fine).error());
  take_notice(job, &made->exchange, facts);
  made->decoder = take_encoding(*job, made->exchange.parser().response());
  made->over = std::move(*facts->over);
  if (made->exchange.parser().is_done() && made->exchange.parser().response().body.empty()) {
    made->give_back();
  }
  job->stream = std::move(made);
  co_return true;
}

template <class T>
using attempt_function = task<T> (*)(http_job*, attempt*);

result<> check(const http_job& job) {
  if (auto fine = check(*job.request); !fine) return fine;
  if (!job.service->is_host_fine) return failure(no_value("Host"));
  if (!job.service->is_agent_fine) return failure(no_value("User-Agent"));
  const auto& target = job.request->target;
  if (target.starts_with('/') || target == "*") return {};
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("http request: target '{}': a path starts with /",
                                      quotable(without_secrets(target))),
                  .hint = {}});
}

template <class T>
task<T> fail_with(error why) {
  co_return failure(std::move(why));
}

/// The job lives until the task is done.
template <class T>
task<T> run(http_job* job, attempt_function<T> once) {
  if (auto fine = check(*job); !fine) return fail_with<T>(std::move(fine).error());
  const auto& r = *job->request;
  const call_options wanted{
      .deadline = job->options.deadline,
      .idempotent = job->options.idempotent.value_or(is_idempotent(r)),
      .replayable = !r.source,
      .may_run_twice = std::is_same_v<T, http_response> && !job->options.on_body,
      .where = job->options.where,
      .title = {.protocol = "http",
                .method = r.method,
                .target = std::string_view(r.target).substr(0, r.target.find_first_of("?#"))},
      .context = job->options.context};
  std::function<task<T>(attempt*)> operation = [job, once](attempt* facts) {
    return once(job, facts);
  };
  return job->service->over->template call<T>(wanted, std::move(operation));
}

http_job job_of(std::shared_ptr<const http_service::state> service, const http_request* request,
                http_call_options options) {
  return {.service = std::move(service),
          .request = request,
          .options = std::move(options),
          .last = {},
          .stream = nullptr};
}

/// What the caller gets when the last attempt ended with an error.
result<http_response> answer_in_place_of(http_job& job, error why) {
  if (!job.last || why.code == errc::cancelled) return failure(std::move(why));
  return *std::move(job.last);
}

task<http_response> request_whole(std::shared_ptr<const http_service::state> service,
                                  const http_request* request, http_call_options options) {
  auto job = job_of(std::move(service), request, std::move(options));
  auto done = co_await run(&job, attempt_whole);
  if (done) co_return done;
  co_return answer_in_place_of(job, std::move(done).error());
}

/// Keeps the request until the call is over.
task<http_response> request_owned(std::shared_ptr<const http_service::state> service,
                                  http_request request, http_call_options options) {
  auto job = job_of(std::move(service), &request, std::move(options));
  auto done = co_await run(&job, attempt_whole);
  if (done) co_return done;
  co_return answer_in_place_of(job, std::move(done).error());
}

task<http_stream> open_stream(std::shared_ptr<const http_service::state> service,
                              const http_request* request, http_call_options options) {
  auto job = job_of(std::move(service), request, std::move(options));
  auto done = co_await run(&job, attempt_header);
  if (!done) co_return failure(std::move(done).error());
  co_return http_stream(std::move(job.stream));
}

/// As request_owned().
task<http_stream> open_owned(std::shared_ptr<const http_service::state> service,
                             http_request request, http_call_options options) {
  co_return co_await open_stream(std::move(service), &request, std::move(options));
}

}  // namespace

http_service::http_service(std::shared_ptr<cluster> over, http_settings settings) {
  const auto& limits = over->settings().pool.limits;
  if (limits.idle_max == 0 || limits.requests_max == 1) settings.keep_alive = false;
  state_ = std::make_shared<const state>(std::move(over), std::move(settings));
}

const std::shared_ptr<cluster>& http_service::over() const {
  return state_->over;
}

task<http_response> http_service::request(http_request request, http_call_options options) const {
  return request_owned(state_, std::move(request), std::move(options));
}

task<http_stream> http_service::open(http_request request, http_call_options options) const {
  return open_owned(state_, std::move(request), std::move(options));
}

task<http_response> http_service::request_kept(const http_request* kept,
                                               http_call_options options) const {
  return request_whole(state_, kept, std::move(options));
}

task<http_stream> http_service::open_kept(const http_request* kept,
                                          http_call_options options) const {
  return open_stream(state_, kept, std::move(options));
}

task<http_response> http_service::request(http_request request, time_limit deadline,
                                          std::source_location where) const {
  return request_owned(state_, std::move(request), {.deadline = deadline, .where = where});
}

}  // namespace waitstate::client
