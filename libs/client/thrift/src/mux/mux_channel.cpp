#include "waitstate/client/thrift/mux_channel.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "mux/mux_connection.h"
#include "mux/mux_greeting.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/client/internal/one_shot.h"
#include "waitstate/client/thrift/thrift_message.h"
#include "waitstate/client/thrift/twitter_upgrade.h"

namespace waitstate::client {
namespace {

// As 16 bits say them.
constexpr std::size_t context_part_max = 65'535;
constexpr std::size_t contexts_max = 65'535;

error wrong(std::string what) {
  return {.code = errc::invalid_input, .what = std::move(what), .hint = {}};
}

bool is_in(const std::weak_ptr<cluster>& servers, const endpoint& to) {
  const auto over = servers.lock();
  if (!over) return false;
  const auto known = over->endpoints();
  return std::ranges::find(known.endpoints, to, &weighted_endpoint::at) != known.endpoints.end();
}

error closed() {
  return {.code = errc::cancelled, .what = "mux: the channel was closed", .hint = {}};
}

}  // namespace

/// Where one shared connection to a server is, or is being made.
struct mux_channel::place {
  endpoint to;
  std::shared_ptr<mux_connection> now;
  bool is_connecting = false;
  std::string last_failure;
  std::vector<std::shared_ptr<one_shot<connection_or_why>>> waiting;
};

struct mux_channel::request {
  mux_message what;
  std::string method;
  bool is_oneway = false;
  std::shared_ptr<thrift_call_facts> facts;
};

mux_channel::mux_channel(std::shared_ptr<cluster> over, mux_settings settings)
    : over_(std::move(over)), settings_(std::move(settings)) {}

mux_channel::~mux_channel() {
  close();
}

pool_settings mux_channel::greeted(pool_settings settings) {
  settings.prepare = [](connection_ptr made, time_point) { return greet_as_mux(std::move(made)); };
  return settings;
}

result<std::shared_ptr<mux_channel>> mux_channel::make(std::shared_ptr<cluster> over,
                                                       mux_settings settings) {
  if (settings.connections_per_server == 0 || settings.connections_per_server > 64) {
    return failure(wrong(fmt::format("mux: connections_per_server is {}, it must be 1 to 64",
                                     settings.connections_per_server)));
  }
  if (settings.outstanding_max == 0 || settings.outstanding_max > mux_tag_max - mux_tag_first) {
    return failure(wrong(fmt::format("mux: outstanding_max is {}, it must be 1 to 8,388,605",
                                     settings.outstanding_max)));
  }
  if (settings.dest.size() > context_part_max || settings.client_id.size() > context_part_max) {
    return failure(wrong("mux: client_id and dest have 65,535 B at most"));
  }
  return std::shared_ptr<mux_channel>(new mux_channel(std::move(over), std::move(settings)));
}

void mux_channel::close() {
  std::vector<std::shared_ptr<mux_connection>> open;
  {
    const std::scoped_lock held(lock_);
    is_closed_ = true;
    for (const auto& [to, places] : places_) {
      for (const auto& p : places) {
        if (p->now) open.push_back(std::exchange(p->now, nullptr));
      }
    }
  }
  for (const auto& c : open) c->close(closed());
}

task<std::string> mux_channel::call(std::string message, call_options options,
                                    std::shared_ptr<thrift_call_facts> facts) {
  const auto self = shared_from_this();
  const auto read = read_thrift_envelope(message);
  if (!read) co_return failure(read.error());
  const bool is_oneway = read->type == thrift_message_type::oneway;
  if (read->type != thrift_message_type::call && !is_oneway) {
    co_return failure(wrong("mux: only messages of type call and oneway can be sent"));
  }
  if (message.size() > settings_.message_max) {
    co_return failure(wrong(fmt::format("mux: a call of {} B, over the limit of {} B",
                                        grouped(message.size()), grouped(settings_.message_max))));
  }
  const auto sent = std::make_shared<request>();
  sent->what.type = mux_type::tdispatch;
  sent->what.dest = settings_.dest;
  if (!settings_.client_id.empty()) {
    sent->what.contexts.emplace_back("com.twitter.finagle.thrift.ClientIdContext",
                                     settings_.client_id);
  }
  const time_point deadline = options.deadline;
  if (settings_.send_deadline && deadline != time_point::max()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    auto until = twitter_deadline(now, now + (deadline - clock::now()));
    sent->what.contexts.emplace_back(std::move(until.key), std::move(until.value));
  }
  sent->method = read->name;
  sent->what.body = std::move(message);
  options.may_run_twice = true;
  options.title = {.protocol = "thriftmux", .method = sent->method, .target = {}};
  sent->is_oneway = is_oneway;
  sent->facts = std::move(facts);
  const std::function<task<std::string>(attempt*)> once = [self, sent](attempt* a) {
    return attempt_once(self, sent, a);
  };
  co_return co_await over_->call_shared<std::string>(options, once);
}

namespace {

/// What does not fit into a context is not sent.
void add_fields(mux_message& to, const std::vector<call_field>& fields) {
  for (const auto& [name, value] : fields) {
    if (name.size() > context_part_max || value.size() > context_part_max) continue;
    if (to.contexts.size() >= contexts_max) return;
    to.contexts.emplace_back(name, value);
  }
}

/// What the caller gets of a reply, and what the reply says about the server.
result<std::string> read_answer(mux_message reply, bool is_oneway, attempt* a) {
  const bool is_dispatch = reply.type == mux_type::rdispatch || reply.type == mux_type::rreq;
  if (is_dispatch && reply.status == mux_status::ok) {
    if (is_oneway) return std::string();
    const auto read = read_thrift_envelope(reply.body);
    if (!read) return failure(read.error());
    if (read->type == thrift_message_type::exception) {
      const auto why = read_thrift_exception(reply.body, *read);
      a->outcome = why && !why->is_server_failure() ? call_outcome::ok : call_outcome::failed;
    }
    return std::move(reply.body);
  }
  if (is_dispatch && (reply.status == mux_status::nack || is_restartable(reply))) {
    a->refused = true;
    // One that is busy or ends refuses call after call, each at the cost of a retry: it counts as a
    // failure, so that it gets none for a while.
    a->outcome = call_outcome::failed;
    return failure({.code = errc::unavailable, .what = "the server refused the call", .hint = {}});
  }
  return failure({.code = errc::unavailable,
                  .what = fmt::format("the server failed: {}", quotable(reply.body)),
                  .hint = {}});
}

}  // namespace

task<std::string> mux_channel::attempt_once(std::shared_ptr<mux_channel> self,
                                            std::shared_ptr<request> sent, attempt* a) {
  a->bytes_written = false;
  const auto step = fmt::format("mux: {}", to_string(a->to));
  for (int turn = 0;; ++turn) {
    auto over = co_await connection_to(self, a->to, a->deadline);
    if (!over) {
      a->outcome = call_outcome::unknown;  // the pool has told of it
      co_return failure(std::move(over).error());
    }
    const bool is_reused = (*over)->begin_use();
    if (sent->facts) {
      sent->facts->attempts = a->number;
      sent->facts->to = a->to;
      sent->facts->is_reused = is_reused;
    }
    auto what = sent->what;
    if (a->record != nullptr) {
      a->record->connected = clock::now();
      add_fields(what, a->record->fields);
    }
    auto reply = co_await mux_connection::exchange(*over, std::move(what), a->deadline);
    // It ended or began to drain in the same moment: the next one is new.
    if (!reply.message && !reply.was_sent && turn == 0 && !(*over)->is_usable()) continue;
    if (reply.was_sent) a->wrote(sent->what.body.size());
    a->refused = reply.was_refused;
    if (!reply.message) {
      if (reply.was_refused) a->outcome = call_outcome::unknown;
      co_return failure(in_step(step, std::move(reply.message).error()));
    }
    a->read(reply.message->body.size());
    a->response_byte_seen = true;
    auto answered = read_answer(*std::move(reply.message), sent->is_oneway, a);
    if (!answered) co_return failure(in_step(step, std::move(answered).error()));
    co_return answered;
  }
}

task<std::shared_ptr<mux_connection>> mux_channel::connection_to(std::shared_ptr<mux_channel> self,
                                                                 endpoint to, time_point deadline) {
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<one_shot<connection_or_why>> waiting;
  std::shared_ptr<place> at;
  bool is_first = false;
  {
    const std::scoped_lock held(self->lock_);
    if (self->is_closed_) co_return failure(closed());
    auto& places = self->places_[to];
    while (places.size() < self->settings_.connections_per_server) {
      places.push_back(std::make_shared<place>());
      places.back()->to = to;
    }
    at = places[self->turn_++ % places.size()];
    if (at->now && at->now->is_usable()) co_return at->now;
    waiting = std::make_shared<one_shot<connection_or_why>>(executor);
    at->waiting.push_back(waiting);
    is_first = !std::exchange(at->is_connecting, true);
  }
  if (is_first) {
    // On its own, as its time is not that of the first caller.
    asio::co_spawn(self->over_->executor(), connect(self, at), asio::detached);
  }
  auto got = co_await one_shot<connection_or_why>::take(waiting, deadline);
  if (got) co_return *std::move(got);
  const std::scoped_lock held(self->lock_);
  co_return failure(
      {.code = errc::timed_out,
       .what = fmt::format("mux: {}: no connection before the deadline{}{}", to_string(to),
                           at->last_failure.empty() ? "" : ": ", at->last_failure),
       .hint = {}});
}

asio::awaitable<void> mux_channel::connect(std::shared_ptr<mux_channel> self,
                                           std::shared_ptr<place> at) {
  const acquire_options wanted{.deadline = clock::now() + self->settings_.connect_time_max};
  auto over = co_await self->over_->lease_at(at->to, wanted);
  connection_or_why made = failure(closed());
  if (over) {
    const mux_connection::limits limits{
        .session = {.outstanding_max = self->settings_.outstanding_max,
                    .message_max = self->settings_.message_max,
                    .ping_every = self->settings_.ping_every,
                    .ping_answer_max = self->settings_.ping_answer_max},
        .unsent_max = self->settings_.unsent_max,
        .is_wanted = [weak = std::weak_ptr(self->over_), to = at->to] { return is_in(weak, to); }};
    made = std::make_shared<mux_connection>(self->over_->executor(), *std::move(over), limits);
    (*made)->start();
  } else {
    made = failure(std::move(over).error());
  }
  std::vector<std::shared_ptr<one_shot<connection_or_why>>> waiting;
  {
    const std::scoped_lock held(self->lock_);
    at->is_connecting = false;
    waiting = std::exchange(at->waiting, {});
    if (made && self->is_closed_) {
      (*made)->close(closed());
      made = failure(closed());
    }
    at->last_failure = made ? std::string() : made.error().what;
    if (made) at->now = *made;
  }
  for (const auto& w : waiting) w->give(made);
  self->drain_those_that_left();
}

void mux_channel::drain_those_that_left() {
  const auto known = over_->endpoints();
  std::vector<std::shared_ptr<mux_connection>> left;
  {
    const std::scoped_lock held(lock_);
    for (auto it = places_.begin(); it != places_.end();) {
      const bool stays =
          std::ranges::find(known.endpoints, it->first, &weighted_endpoint::at) !=
              known.endpoints.end() ||
          std::ranges::any_of(it->second, [](const auto& p) { return p->is_connecting; });
      if (!stays) {
        for (const auto& p : it->second) {
          if (p->now) left.push_back(p->now);
        }
      }
      it = stays ? std::next(it) : places_.erase(it);
    }
  }
  for (const auto& c : left) c->drain();
}

}  // namespace waitstate::client
