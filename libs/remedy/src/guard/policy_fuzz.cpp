// Any text is a policy or an error with a place in it; what is a policy holds to its bounds, and
// its selections are read back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/remedy/guard/policy.h"

namespace {

using namespace waitstate;
using namespace waitstate::remedy::guard;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const rule& r) {
  require(!r.name.empty() && r.selected != socket_selector{} && r.when != threshold{});
  require((r.action == rule_action::run) == !r.command.empty());
  require((r.action == rule_action::report) == (r.per_minute == 0));
  require(r.action == rule_action::reap || r.may == remedy::reap_permissions{});
  require(r.quiet.count() > 0);
  const auto again = parse_selector(to_text(r.selected));
  require(again && *again == r.selected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto p = parse_policy(text);
  if (!p) {
    require(p.error().code == errc::invalid_input && !p.error().what.empty());
    return 0;
  }
  require(!p->rules.empty() && p->rules.size() <= policy::rules_max && p->every.count() > 0);
  for (const auto& r : p->rules) check(r);
  return 0;
}
