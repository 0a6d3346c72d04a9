#include "redis/redis_own.h"

#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

constexpr std::string_view not_yet = "a server";  // while it is being connected to

}  // namespace

void redis_own::open(const std::shared_ptr<redis_waiter>& for_whom) {
  link_ = redis_links::latest(std::move(link_));
  if (link_) return;
  link_ = route_.links.own({.protocol = dialogue_.protocol(), .database = dialogue_.database()});
  link_->belongs_to(for_whom);
}

void redis_own::name() {
  if (!link_) return;
  if (!who_->pinned.empty() && !who_->pinned.starts_with(not_yet)) return;
  const std::string_view server = link_->server().empty() ? not_yet : link_->server();
  const std::string_view why = dialogue_.pinned_for();
  who_->pinned = fmt::format("{} ({})", server, why.empty() ? "a command that may take long" : why);
}

void redis_own::send(redis_pending what, const redis_verdict& as, std::string_view request) {
  open(what.who);
  dialogue_.becomes(as, what.number);
  is_blocking_ = is_blocking_ || as.may_block;
  who_->pinned.clear();
  name();
  link_->send(std::move(what), request);
}

void redis_own::tunnel(const std::shared_ptr<redis_waiter>& for_whom, const redis_verdict& as,
                       std::string_view request) {
  open(for_whom);
  dialogue_.becomes(as, 0);
  is_blocking_ = is_blocking_ || as.may_block;
  is_quitting_ = as.closes;
  if (as.is_farewell) {
    farewell_.emplace(as.is_reset ? "+RESET\r\n" : "+OK\r\n");
    request = redis_farewell::request();
  }
  who_->pinned.clear();
  name();
  link_->become_tunnel();
  link_->send_raw(as.text.empty() ? request : std::string_view(as.text));
}

void redis_own::take(std::string_view bytes, std::string& out) {
  if (farewell_) {
    farewell_->take(bytes, out);
  } else {
    out += bytes;
  }
}

redis_link_ptr redis_own::forget() {
  is_blocking_ = is_quitting_ = false;
  farewell_.reset();
  who_->pinned.clear();
  return redis_links::latest(std::exchange(link_, nullptr));
}

void redis_own::settle() {
  is_blocking_ = is_blocking_ && is_tunnel();
  if (dialogue_.is_clean()) release();
}

void redis_own::release() {
  if (!link_) return;
  if (const auto link = forget()) link->release();
}

void redis_own::drop() {
  if (!link_) return;
  const bool is_done_first = is_tunnel() && !is_blocking_;
  const auto link = forget();
  dialogue_.unpinned();
  if (!link) return;
  if (is_done_first) {
    link->leave();
  } else {
    link->drop();
  }
}

redis_own::end redis_own::ended(bool is_answer_due, std::string_view error, std::string& out) {
  if (!link_) return end::none;
  auto farewell = std::exchange(farewell_, std::nullopt);
  const bool is_resetting = !is_quitting_;
  const bool is_needed = dialogue_.needs_pinned();
  const bool was_tunnel = is_tunnel();
  std::ignore = forget();
  const bool is_well = farewell && farewell->ended(out);
  if (is_well && is_resetting) {
    dialogue_.was_reset();
    return end::reset;
  }
  dialogue_.unpinned();
  if (!is_needed) return end::none;
  // What it had said over that connection is lost, so it has to begin again, as after a failure of
  // the server that it would see itself.
  if (!is_answer_due && !was_tunnel) out += error;
  return end::is_over;
}

}  // namespace waitstate::sidecar
