#include "redis/redis_dialogue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "redis/redis_greeting.h"

namespace waitstate::sidecar {
namespace {

using enum redis_step;

constexpr int database_max = 1'000'000;
constexpr std::size_t name_max = 1024;

redis_verdict answered(std::string text) {
  return {.step = answer, .text = std::move(text)};
}

redis_verdict wrong_number_of_arguments(std::string_view command) {
  return answered(fmt::format("-ERR wrong number of arguments for '{}' command\r\n", command));
}

redis_verdict wrong_password() {
  return answered("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
}

std::string bulk(std::string_view text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

/// Takes as long whatever differs.
bool is_same(std::string_view a, std::string_view b) {
  unsigned differ = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto other = b.empty() ? '\0' : b[i % b.size()];
    differ |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other);
  }
  return differ == 0;
}

/// What Redis takes for a connection's name.
bool is_name(std::string_view text) {
  return text.size() <= name_max &&
         std::ranges::all_of(text, [](char c) { return c >= '!' && c <= '~'; });
}

constexpr std::string_view no_name =
    "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";

bool read_number(std::string_view text, int& into) {
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc() && stop == text.data() + text.size() && !text.empty();
}

std::string upper(std::string_view text) {
  std::string all(text.substr(0, 32));
  std::ranges::transform(all, all.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return all;
}

bool is_own(redis_use use) {
  using enum redis_use;
  return use == hello || use == auth || use == select || use == client;
}

}  // namespace

std::string redis_error(std::string_view why) {
  std::string line = "-ERR waitstate: ";
  line.reserve(line.size() + why.size() + 2);
  for (const auto c : why) line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return line + "\r\n";
}

redis_dialogue::redis_dialogue(redis_client_facts facts)
    : facts_(std::move(facts)), database_(facts_.database), is_known_(facts_.password.empty()) {}

bool redis_dialogue::knows(std::string_view user, std::string_view password) const {
  if (facts_.password.empty()) return true;
  const std::string_view wanted = facts_.user.empty() ? "default" : std::string_view(facts_.user);
  const bool is_user = is_same(user, wanted);
  return is_same(password, facts_.password) && is_user;
}

bool redis_dialogue::depends_on_replies(arguments_type arguments) const {
  using enum redis_use;
  if (is_tunnel_ || pin_.is_settled()) return false;
  if (pin_.is_ending() || pin_.is_full()) return true;
  const auto use = use_of(arguments);
  return is_own(use) || use == redis_use::tunnel || use == quit || use == reset;
}

redis_verdict redis_dialogue::on_request(arguments_type arguments) {
  const auto use = use_of(arguments);
  const bool is_within = is_tunnel_ || pin_.is_in_multi();
  switch (use) {
    case redis_use::hostile:
      return {.text = redis_error("this is a Redis route, and no HTTP"), .closes = true};
    case redis_use::quit:
      // The server says it after all that it was asked before.
      if (is_tunnel_) return {.step = tunnel, .is_farewell = true, .closes = true};
      return {.text = "+OK\r\n", .closes = true, .drops_pinned = true};
    case redis_use::reset:
      if (is_tunnel_) return {.step = tunnel, .is_farewell = true, .is_reset = true};
      return {.text = "+RESET\r\n", .drops_pinned = true, .is_reset = true};
    case redis_use::auth: return is_within ? auth_in_tunnel(arguments) : on_auth(arguments);
    case redis_use::hello:
      if (!is_known_ || !needs_pinned()) return on_hello(arguments);
      break;
    default: break;
  }
  if (!is_known_) return answered("-NOAUTH Authentication required.\r\n");
  // The server itself keeps what it is told on the client's own connection.
  const bool opens = is_within && (is_own(use) || use == redis_use::tunnel);
  if (is_tunnel_ || opens) {
    return {.step = tunnel,
            .may_block = use == redis_use::apart,
            .tunnel_for = is_tunnel_ ? std::string() : upper(arguments.front())};
  }
  auto what = is_own(use) ? own(arguments, use) : sent(arguments, use);
  what.use = use;
  return what;
}

redis_verdict redis_dialogue::own(arguments_type arguments, redis_use use) {
  if (use == redis_use::client) return on_client(arguments);
  if (!needs_pinned()) return on_select(arguments);
  return answered(redis_error("SELECT and HELLO after WATCH lose what is watched; UNWATCH first"));
}

redis_verdict redis_dialogue::sent(arguments_type arguments, redis_use use) const {
  using enum redis_use;
  const auto way = needs_pinned() ? pinned : shared;
  switch (use) {
    case read: return {.step = way, .is_read = true};
    case multi:
    case watch: return {.step = pinned, .is_read = true};
    case apart: return {.step = pinned, .may_block = true};
    case ends_multi:
    case unwatch: return {.step = way, .is_read = !is_word(arguments.front(), "EXEC")};
    case redis_use::tunnel:
      return {.step = redis_step::tunnel, .tunnel_for = upper(arguments.front())};
    case refused: return answered(redis_error(why_refused(arguments)));
    // One behind a MULTI that the server refuses is done at once.
    default: return {.step = way};
  }
}

void redis_dialogue::becomes(const redis_verdict& what, std::uint64_t number) {
  if (what.step == tunnel) {
    if (!std::exchange(is_tunnel_, true)) tunnel_for_ = what.tunnel_for;
  } else if (what.step == pinned && redis_pin::is_about(what.use)) {
    pin_.asked(what.use, number);
  } else if (what.is_reset) {
    was_reset();
  }
}

void redis_dialogue::replied(std::uint64_t number, std::string_view bytes, bool is_end) {
  pin_.replied(number, bytes, is_end);
}

bool redis_dialogue::is_password(arguments_type arguments) const {
  const auto user = arguments.size() == 3 ? arguments[1] : std::string_view("default");
  const bool is_by_password_alone = arguments.size() == 2 && !facts_.user.empty();
  return knows(is_by_password_alone ? std::string_view(facts_.user) : user, arguments.back());
}

redis_verdict redis_dialogue::auth_in_tunnel(arguments_type arguments) const {
  // The password is this proxy's to know, and the answer has its place among the server's: that is
  // asked for something that changes nothing, or is wrong.
  const bool is_well_formed = arguments.size() == 2 || arguments.size() == 3;
  const bool is_right = is_well_formed && is_password(arguments);
  const bool opens = !is_tunnel_;
  return {.step = tunnel,
          .text = is_right ? redis_request({"CLIENT", "SETNAME", name_}) : redis_request({"AUTH"}),
          .tunnel_for = opens ? "AUTH" : ""};
}

redis_verdict redis_dialogue::on_auth(arguments_type arguments) {
  if (arguments.size() != 2 && arguments.size() != 3) return wrong_number_of_arguments("auth");
  if (!is_password(arguments)) return wrong_password();
  is_known_ = true;
  return answered("+OK\r\n");
}

redis_verdict redis_dialogue::on_hello(arguments_type arguments) {
  redis_verdict wanted{
      .step = prepare, .is_hello = true, .protocol = protocol_, .database = database_};
  name_wanted_ = name_;
  if (arguments.size() > 1) {
    if (!read_number(arguments[1], wanted.protocol)) {
      return answered("-ERR Protocol version is not an integer or out of range\r\n");
    }
    if (wanted.protocol != 2 && wanted.protocol != 3) {
      return answered("-NOPROTO unsupported protocol version\r\n");
    }
  }
  bool is_known = is_known_;
  for (std::size_t i = 2; i < arguments.size();) {
    if (is_word(arguments[i], "AUTH") && i + 2 < arguments.size()) {
      if (!knows(arguments[i + 1], arguments[i + 2])) return wrong_password();
      is_known = true;
      i += 3;
    } else if (is_word(arguments[i], "SETNAME") && i + 1 < arguments.size()) {
      if (!is_name(arguments[i + 1])) return answered(std::string(no_name));
      name_wanted_ = arguments[i + 1];
      i += 2;
    } else {
      return answered(redis_error("HELLO has an option that is not AUTH or SETNAME"));
    }
  }
  if (!is_known) {
    return answered(
        "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
        "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "
        "RESP protocol version at the same time\r\n");
  }
  is_known_ = true;
  return wanted;
}

redis_verdict redis_dialogue::on_select(arguments_type arguments) const {
  if (arguments.size() != 2) return wrong_number_of_arguments("select");
  int number = 0;
  if (!read_number(arguments[1], number)) {
    return answered("-ERR value is not an integer or out of range\r\n");
  }
  if (number < 0 || number > database_max) return answered("-ERR DB index is out of range\r\n");
  if (number == database_) return answered("+OK\r\n");
  return {.step = prepare, .text = "+OK\r\n", .protocol = protocol_, .database = number};
}

void redis_dialogue::prepared(const redis_verdict& what) {
  protocol_ = what.protocol;
  database_ = what.database;
  if (what.is_hello) name_ = name_wanted_;
}

redis_verdict redis_dialogue::on_client(arguments_type arguments) {
  const auto word = arguments[1];
  if (is_word(word, "ID")) return answered(fmt::format(":{}\r\n", facts_.number));
  if (is_word(word, "INFO")) return answered(bulk(info()));
  if (is_word(word, "GETNAME")) return answered(name_.empty() ? null() : bulk(name_));
  if (is_word(word, "SETNAME")) {
    if (arguments.size() != 3) return wrong_number_of_arguments("client|setname");
    if (!is_name(arguments[2])) return answered(std::string(no_name));
    name_ = arguments[2];
  }
  return answered("+OK\r\n");
}

void redis_dialogue::was_reset() {
  unpinned();
  name_.clear();
  protocol_ = 2;
  database_ = facts_.database;
  is_known_ = facts_.password.empty();
}

void redis_dialogue::unpinned() {
  pin_.lost();
  is_tunnel_ = false;
}

std::string_view redis_dialogue::pinned_for() const {
  if (is_tunnel_) return tunnel_for_;
  if (pin_.is_in_multi()) return "MULTI";
  return pin_.is_held() ? "WATCH" : std::string_view();
}

std::string redis_dialogue::info() const {
  const auto user = facts_.user.empty() ? std::string_view("default") : facts_.user;
  return fmt::format("id={} addr={} name={} db={} multi={} resp={} user={} lib-name=waitstate\n",
                     facts_.number, facts_.from, name_, database_, pin_.is_in_multi() ? 0 : -1,
                     protocol_, user);
}

}  // namespace waitstate::sidecar
