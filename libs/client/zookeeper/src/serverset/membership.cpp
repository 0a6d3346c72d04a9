#include "serverset/membership.h"

#include <zookeeper/zookeeper.h>

#include <string_view>

#include <fmt/format.h>

namespace waitstate::client {
namespace {

using event_kind = zookeeper_event::kind;
using step = membership_step::kind;

constexpr std::string_view member_prefix = "member_";

}  // namespace

membership_step membership::next(time_point now) {
  if (phase_ == phase::no_session) {
    if (stopped_ || (leaving_ && node_.empty())) return {.what = step::end};
    if (now < try_at_) return {.what = step::wait, .until = try_at_};
    is_session_over_ = is_connected_ = is_sure_ = may_own_one_ = false;
    try_at_ = time_point::min();
    phase_ = phase::idle;
    return {.what = step::open};
  }
  if (stopped_) return {.what = step::close};
  return phase_ == phase::idle ? begin(now) : ask();
}

membership_step membership::begin(time_point now) {
  if (is_session_over_) return {.what = step::close};
  const bool has_work = leaving_ || !is_sure_;
  if (!is_connected_ || !has_work) return {.what = step::wait};
  if (now < try_at_) return {.what = step::wait, .until = try_at_};
  is_removal_ = leaving_;
  if (may_own_one_) {
    phase_ = phase::syncing;
  } else {
    go_on();
  }
  return phase_ == phase::idle ? begin(now) : ask();
}

/// With what is known of our node now.
void membership::go_on() {
  if (!is_removal_) {
    phase_ = node_.empty() ? phase::creating : phase::checking;
  } else if (!node_.empty()) {
    phase_ = phase::removing;
  } else {
    removed(ZOK, {});
  }
}

membership_step membership::ask() {
  switch (phase_) {
    case phase::no_session:
    case phase::idle: break;
    // The server that we are at now may not have heard of the node yet.
    case phase::syncing: return {.what = step::sync, .paths = {path_}};
    case phase::listing: return {.what = step::list, .paths = {path_}};
    case phase::reading: return {.what = step::read, .paths = found_};
    case phase::removing_surplus: return {.what = step::remove, .paths = surplus_};
    case phase::creating:
      // From here on until the answer there may be a node that we do not know of.
      may_own_one_ = true;
      return {.what = step::create_member, .paths = {fmt::format("{}/{}", path_, member_prefix)}};
    case phase::making_parents:
      return {.what = step::create_parent, .paths = {path_.substr(0, parent_end_)}};
    case phase::checking: return {.what = step::exists, .paths = {node_}};
    case phase::removing: return {.what = step::remove, .paths = {node_}};
  }
  return {};
}

void membership::replied(const std::vector<zookeeper_reply>& replies, std::int64_t session,
                         time_point now) {
  const auto asked = std::exchange(phase_, phase::idle);
  const auto& reply = replies.front();
  switch (asked) {
    case phase::no_session: phase_ = phase::no_session; break;
    case phase::idle: break;
    case phase::syncing:
      synced_ = reply.code;
      phase_ = phase::listing;
      break;
    case phase::listing: listed(reply, now); break;
    case phase::reading: read(replies, session, now); break;
    case phase::removing_surplus: go_on(); break;
    case phase::creating: created(reply, now); break;
    case phase::making_parents: parent_made(reply.code, now); break;
    case phase::checking: checked(reply.code, now); break;
    case phase::removing: removed(reply.code, now); break;
  }
}

void membership::listed(const zookeeper_reply& reply, time_point now) {
  const bool is_synced = synced_ == ZOK || synced_ == ZNONODE;
  const auto code = is_synced ? reply.code : synced_;
  if (code != ZOK && code != ZNONODE) return try_later(code, "read " + path_, now);
  found_.clear();
  for (const auto& name : reply.children) {
    if (name.starts_with(member_prefix)) found_.push_back(fmt::format("{}/{}", path_, name));
  }
  if (found_.empty()) return read({}, 0, now);
  phase_ = phase::reading;
}

void membership::read(const std::vector<zookeeper_reply>& replies, std::int64_t session,
                      time_point now) {
  node_.clear();
  surplus_.clear();
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const auto& reply = replies[i];
    if (reply.code == ZNONODE) continue;
    if (reply.code != ZOK) {
      node_.clear();
      return try_later(reply.code, "read " + found_[i], now);
    }
    if (reply.owner != session) continue;
    if (!node_.empty()) surplus_.push_back(std::move(node_));
    node_ = found_[i];
  }
  may_own_one_ = false;
  if (surplus_.empty()) return go_on();
  phase_ = phase::removing_surplus;
}

void membership::created(const zookeeper_reply& reply, time_point now) {
  const bool is_a_member = reply.text.starts_with(fmt::format("{}/{}", path_, member_prefix));
  const int code = reply.code == ZOK && !is_a_member ? ZMARSHALLINGERROR : reply.code;
  const bool is_refused = code < ZAPIERROR && code != ZSESSIONEXPIRED;
  if (code == ZOK || is_refused) may_own_one_ = false;
  if (code == ZNONODE) {
    parent_end_ = path_.find('/', 1);
    phase_ = phase::making_parents;
  } else if (code != ZOK) {
    try_later(code, "join " + path_, now);
  } else {
    node_ = reply.text;
    phase_ = phase::checking;
  }
}

void membership::parent_made(int code, time_point now) {
  // Without the right to make the upper ones they may be there all the same.
  const bool is_there = code == ZOK || code == ZNODEEXISTS;
  const bool is_last = parent_end_ == path_.npos;
  if (!is_there && (is_last || code != ZNOAUTH)) {
    return try_later(code, "make " + path_.substr(0, parent_end_), now);
  }
  if (is_last) return;
  parent_end_ = path_.find('/', parent_end_ + 1);
  phase_ = phase::making_parents;
}

void membership::checked(int code, time_point now) {
  if (code == ZNONODE) node_.clear();
  if (code != ZOK) return try_later(code, "join " + path_, now);
  is_sure_ = true;
  backoff_.reset();
  notify(announcer_state::joined);
}

void membership::removed(int code, time_point now) {
  if (code != ZOK && code != ZNONODE) return try_later(code, "remove " + node_, now);
  node_.clear();
  is_session_over_ = true;
  notify(announcer_state::left);
}

void membership::closed(time_point now) {
  node_.clear();
  is_sure_ = false;
  phase_ = phase::no_session;
  try_at_ = now + backoff_.next();
}

void membership::happened(zookeeper_event event, time_point now) {
  switch (event.what) {
    case event_kind::connecting:
      is_connected_ = false;
      trouble(from_zookeeper(ZCONNECTIONLOSS, "session"), is_sure_);
      break;
    case event_kind::connected:
      is_connected_ = true;
      backoff_.reset();
      try_at_ = time_point::min();
      if (is_sure_) notify(announcer_state::joined);
      break;
    case event_kind::expired:
    case event_kind::auth_failed:
    case event_kind::not_opened: {
      is_session_over_ = true;
      const int code = event.what == event_kind::expired ? ZSESSIONEXPIRED : ZAUTHFAILED;
      trouble(event.why ? *std::move(event.why) : from_zookeeper(code, "session"), false);
      break;
    }
    case event_kind::changed: break;
    case event_kind::deleted:
      if (event.path != node_ || leaving_) break;
      is_sure_ = false;
      node_.clear();
      trouble({.code = errc::not_found,
               .what = fmt::format("{} was removed by somebody else", event.path),
               .hint = {}},
              false);
      try_at_ = now + backoff_.next();
      break;
  }
}

void membership::try_later(int code, const std::string& action, time_point now) {
  try_at_ = now + backoff_.next();
  trouble(from_zookeeper(code, action), false);
}

void membership::trouble(error why, bool is_member) {
  status_.trouble = std::move(why);
  if (!is_member) {
    status_.state = announcer_state::joining;
    status_.node.clear();
  }
  has_news_ = true;
}

void membership::notify(announcer_state state) {
  const bool is_new = state == announcer_state::joined && status_.node != node_;
  status_.joins += is_new ? 1 : 0;
  status_.state = state;
  status_.node = node_;
  status_.trouble.reset();
  has_news_ = true;
}

}  // namespace waitstate::client
