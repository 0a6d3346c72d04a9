#include "zookeeper_ensemble.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>

#include <fmt/format.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using event_kind = zookeeper_event::kind;

constexpr std::string_view member_prefix = "member_";
constexpr std::string_view vector_prefix = "vector_";
constexpr std::size_t members_max = 10'000;
constexpr std::size_t vectors_max = 100;
constexpr std::size_t selectors_max = 10'000;  // of all vectors

random_source own_random(const zookeeper_settings& settings) {
  return settings.random ? settings.random : system_random();
}

bool is_same(const zookeeper_report& a, const zookeeper_report& b) {
  const auto why = [](const zookeeper_report& r) { return r.trouble ? r.trouble->what : ""; };
  return a.state == b.state && a.endpoints == b.endpoints && a.left_out == b.left_out &&
         why(a) == why(b);
}

/// Closes the session when the coroutine ends in any way, also with its executor.
struct stopped_at_end {
  std::shared_ptr<zookeeper_ensemble> what;

  explicit stopped_at_end(std::shared_ptr<zookeeper_ensemble> w) : what(std::move(w)) {}
  ~stopped_at_end() { what->stop(); }
  stopped_at_end(const stopped_at_end&) = delete;
  stopped_at_end& operator=(const stopped_at_end&) = delete;
};

}  // namespace

zookeeper_ensemble::zookeeper_ensemble(zookeeper_session::turn turn,
                                       const zookeeper_settings& settings, std::string hosts,
                                       std::function<void()> changed)
    : turn_(turn),
      settings_(settings),
      hosts_(std::move(hosts)),
      changed_(std::move(changed)),
      random_(own_random(settings)),
      session_backoff_(settings.retry_min, settings.retry_max, own_random(settings)),
      read_backoff_(settings.retry_min, settings.retry_max, own_random(settings)),
      wakeup_(std::move(turn)),
      set_({.epoch = settings.epoch, .unhealthy_max = settings.unhealthy_max}) {
  report_.ensemble = hosts_;
}

void zookeeper_ensemble::stop() {
  const std::scoped_lock held(lock_);
  if (std::exchange(stopped_, true)) return;
  if (session_) session_->close();
  asio::post(turn_, [self = weak_from_this()] {
    if (const auto ensemble = self.lock()) ensemble->wakeup_.poke();
  });
}

asio::awaitable<void> zookeeper_ensemble::run(self_ptr self) {
  const stopped_at_end guard(self);
  while (self->open_session()) {
    co_await serve(self);
    co_await close_session(self);
    const auto next_at = clock::now() + self->session_backoff_.next();
    while (!self->is_stopped() && clock::now() < next_at) {
      self->notify();
      co_await self->wakeup_.wait_until(std::min(next_at, self->set_.next_due()));
    }
  }
}

/// Until the session is of no more use.
asio::awaitable<void> zookeeper_ensemble::serve(self_ptr self) {
  while (!self->is_stopped() && !self->is_session_over_) {
    const bool is_connected = self->report_.state == zookeeper_state::connected;
    if (is_connected && (self->is_due_ || clock::now() >= self->read_at_)) {
      self->is_due_ = false;
      self->read_at_ = time_point::max();
      co_await read(self);
      continue;
    }
    if (clock::now() >= self->connect_by_) {
      self->connect_by_ = time_point::max();
      self->is_in_trouble({.code = errc::unavailable, .what = "no server answers", .hint = {}});
    }
    self->notify();
    const auto read_at = is_connected ? self->read_at_ : time_point::max();
    const auto wake_at = std::min(std::min(read_at, self->connect_by_), self->set_.next_due());
    co_await self->wakeup_.wait_until(wake_at);
  }
}

bool zookeeper_ensemble::open_session() {
  const std::scoped_lock held(lock_);
  if (stopped_) return false;
  is_session_over_ = false;
  is_due_ = false;
  report_.state = zookeeper_state::connecting;
  connect_by_ = clock::now() + settings_.session_timeout;
  zookeeper_session::settings wanted{
      .hosts = hosts_, .timeout = settings_.session_timeout, .auth = settings_.auth};
  session_ = std::make_shared<zookeeper_session>(turn_, std::move(wanted),
                                                 [weak = weak_from_this()](zookeeper_event event) {
                                                   if (const auto self = weak.lock())
                                                     self->on(std::move(event));
                                                 });
  return true;
}

asio::awaitable<void> zookeeper_ensemble::close_session(self_ptr self) {
  std::shared_ptr<zookeeper_session> over;
  {
    const std::scoped_lock held(self->lock_);
    over = std::exchange(self->session_, nullptr);
  }
  over->close();
  co_await zookeeper_session::closed(over, clock::now() + 10s);
}

void zookeeper_ensemble::on(zookeeper_event event) {
  switch (event.what) {
    case event_kind::connecting:
      report_.state = zookeeper_state::connecting;
      is_in_trouble(from_zookeeper(ZCONNECTIONLOSS, "session"));
      break;
    case event_kind::connected:
      report_.state = zookeeper_state::connected;
      connect_by_ = time_point::max();
      session_backoff_.reset();
      is_due_ = true;
      break;
    case event_kind::expired:
    case event_kind::auth_failed:
    case event_kind::not_opened: {
      is_session_over_ = true;
      const bool is_expired = event.what == event_kind::expired;
      if (is_expired) report_.state = zookeeper_state::expired;
      if (event.what == event_kind::auth_failed) report_.state = zookeeper_state::auth_failed;
      const int code = is_expired ? ZSESSIONEXPIRED : ZAUTHFAILED;
      is_in_trouble(event.why ? *std::move(event.why) : from_zookeeper(code, "session"));
      break;
    }
    case event_kind::changed:
    case event_kind::deleted: {
      const auto name = event.path.substr(event.path.rfind('/') + 1);
      if (name.starts_with(vector_prefix)) old_vectors_.insert(name);
      is_due_ = true;
      break;
    }
  }
  wakeup_.poke();
}

asio::awaitable<void> zookeeper_ensemble::read(self_ptr self) {
  const auto& path = self->settings_.address.path;
  const auto session = self->session_;
  auto listed = co_await zookeeper_session::take(session->children(path), self->reply_deadline());
  if (listed.code == ZNONODE) {
    const auto there =
        co_await zookeeper_session::take(session->exists(path), self->reply_deadline());
    listed.code = there.code == ZNONODE ? ZOK : there.code;
    self->is_due_ = self->is_due_ || there.code == ZOK;  // it was made in between
  }
  if (listed.code != ZOK) {
    self->is_in_trouble(from_zookeeper(listed.code, fmt::format("read {}", path)));
    self->read_again_after(self->read_backoff_.next());
    co_return;
  }
  if (listed.made != std::exchange(self->made_, listed.made)) self->members_.clear();
  std::ranges::sort(listed.children);
  self->forget_others(listed.children);
  self->unread_ = 0;
  auto members = self->ask_for_members(listed.children);
  auto vectors = self->ask_for_vectors(listed.children);
  const auto wanted = members.size();
  co_await read_members(self, std::move(members));
  co_await read_vectors(self, std::move(vectors));
  if (wanted > 0 && self->unread_ >= wanted && self->members_.empty()) {
    self->is_in_trouble({.code = errc::unavailable,
                         .what = fmt::format("read {}: none of {} members", path, wanted),
                         .hint = {}});
    self->read_again_after(self->read_backoff_.next());
    co_return;
  }
  self->read_backoff_.reset();
  self->use_what_is_known();
}

void zookeeper_ensemble::forget_others(const std::vector<std::string>& names) {
  const auto is_gone = [&](const std::string& name) {
    return !std::ranges::binary_search(names, name);
  };
  std::erase_if(members_, [&](const auto& known) { return is_gone(known.first); });
  std::erase_if(vectors_, [&](const auto& known) { return is_gone(known.first); });
  std::erase_if(old_vectors_, is_gone);
}

zookeeper_ensemble::asked zookeeper_ensemble::ask_for_members(
    const std::vector<std::string>& names) {
  asked list;
  too_many_ = 0;
  for (const auto& name : names) {
    if (!name.starts_with(member_prefix) || members_.contains(name)) continue;
    if (members_.size() + list.size() >= members_max) {
      ++too_many_;
      continue;
    }
    list.emplace_back(name, session_->data(path_of(name), false));
  }
  return list;
}

zookeeper_ensemble::asked zookeeper_ensemble::ask_for_vectors(
    const std::vector<std::string>& names) {
  asked list;
  for (const auto& name : names) {
    if (!name.starts_with(vector_prefix)) continue;
    const bool is_known = vectors_.contains(name) && !old_vectors_.contains(name);
    if (is_known || vectors_.size() + list.size() >= vectors_max) continue;
    // Before the read: a change that comes while it is under way is another one.
    old_vectors_.erase(name);
    list.emplace_back(name, session_->data(path_of(name), true));
  }
  return list;
}

asio::awaitable<void> zookeeper_ensemble::read_members(self_ptr self, asked members) {
  for (auto& [name, pending] : members) {
    const auto reply = co_await zookeeper_session::take(pending, self->reply_deadline());
    if (reply.code == ZNONODE) continue;
    if (reply.code != ZOK) {
      ++self->unread_;
      continue;
    }
    auto member = parse_serverset_member(reply.text);
    auto& known = self->members_[name];
    if (member) known = *std::move(member);
  }
}

asio::awaitable<void> zookeeper_ensemble::read_vectors(self_ptr self, asked vectors) {
  for (auto& [name, pending] : vectors) {
    const auto reply = co_await zookeeper_session::take(pending, self->reply_deadline());
    if (reply.code == ZNONODE) continue;
    if (reply.code != ZOK) {
      ++self->unread_;
      self->old_vectors_.insert(name);
      continue;
    }
    auto vector = parse_serverset_vector(reply.text);
    self->vectors_[name] = vector ? *std::move(vector) : serverset_vector{};
  }
}

void zookeeper_ensemble::use_what_is_known() {
  std::vector<serverset_entry> entries;
  std::size_t corrupt = 0;
  for (const auto& [name, member] : members_) {
    if (member) {
      entries.push_back({.node = name, .member = *member});
    } else {
      ++corrupt;
    }
  }
  std::vector<serverset_vector> vectors;
  vectors.reserve(vectors_.size());
  for (const auto& [name, vector] : vectors_) vectors.push_back(vector);
  const auto selectors_cut = limit_selectors(vectors, selectors_max);
  auto found = serverset_select(
      std::move(entries), vectors,
      {.endpoint_name = settings_.address.endpoint_name, .shard = settings_.address.shard});
  found.left_out.corrupt = corrupt;
  found.left_out.unread = unread_;
  found.left_out.too_many = too_many_;
  found.left_out.selectors = selectors_cut;
  report_.left_out = found.left_out;
  if (unread_ > 0) {
    const auto span = (settings_.reread_max - settings_.reread_min) * random_share(random_);
    read_again_after(settings_.reread_min + std::chrono::duration_cast<duration>(span));
  }
  // The connection may have gone while the last replies came.
  if (report_.state != zookeeper_state::connected) return;
  set_.on_set(found.endpoints, clock::now());
}

void zookeeper_ensemble::is_in_trouble(error why) {
  set_.on_trouble(in_step(fmt::format("zookeeper {}", hosts_), std::move(why)), clock::now());
}

void zookeeper_ensemble::read_again_after(duration pause) {
  read_at_ = clock::now() + pause;
}

void zookeeper_ensemble::notify() {
  set_.advance(clock::now());
  auto report = report_;
  report.endpoints = set_.endpoints().size();
  report.trouble = set_.trouble();
  const bool is_news = !std::exchange(is_told_, true) || !is_same(report, report_);
  report_ = std::move(report);
  changed_();
  if (is_news && settings_.changed) settings_.changed(report_);
}

bool zookeeper_ensemble::is_stopped() {
  const std::scoped_lock held(lock_);
  return stopped_;
}

time_point zookeeper_ensemble::reply_deadline() const {
  return clock::now() + 2 * settings_.session_timeout;
}

std::string zookeeper_ensemble::path_of(const std::string& name) const {
  return fmt::format("{}/{}", settings_.address.path, name);
}

}  // namespace waitstate::client
