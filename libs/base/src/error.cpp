#include "waitstate/base/error.h"

#include <cassert>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace waitstate {
namespace {

errc code_of(int number) {
  switch (number) {
    case EACCES:
    case EPERM: return errc::permission;
    case ENOENT:
    case ESRCH: return errc::not_found;
    case EOPNOTSUPP:
    case ENOSYS:
    case EPROTONOSUPPORT: return errc::unsupported;
    case ETIMEDOUT:
    case ECONNREFUSED: return errc::unavailable;
    default: return errc::system;
  }
}

}  // namespace

bool is_unavailable(errc code) {
  switch (code) {
    case errc::unavailable:
    case errc::timed_out:
    case errc::refused:
    case errc::reset:
    case errc::unreachable:
    case errc::name_not_found:
    case errc::overloaded: return true;
    default: return false;
  }
}

std::string_view to_string(call_phase p) {
  switch (p) {
    case call_phase::none: return "none";
    case call_phase::wait: return "wait";
    case call_phase::resolve: return "resolve";
    case call_phase::connect: return "connect";
    case call_phase::tls: return "tls";
    case call_phase::greeting: return "greeting";
    case call_phase::send: return "send";
    case call_phase::first_byte: return "first byte";
    case call_phase::body: return "body";
  }
  assert(false && "unknown phase");
  return {};
}

error in_step(std::string_view step, error e) {
  e.what = fmt::format("{}: {}", step, e.what);
  return e;
}

error from_errno(int number, std::string_view action) {
  assert(number > 0 && "netlink and BPF return -errno: negate it first");
  return {.code = code_of(number),
          .what = fmt::format("{}: {}", action, std::generic_category().message(number)),
          .hint = {},
          .cause = {number, std::generic_category()}};
}

}  // namespace waitstate
