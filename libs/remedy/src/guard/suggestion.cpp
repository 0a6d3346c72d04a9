#include "waitstate/remedy/guard/suggestion.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/remedy/guard/policy.h"

namespace waitstate::remedy::guard {
namespace {

constexpr std::size_t name_max = 64;

/// A basic string of TOML.
std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

/// "state-close-wait-peer-10-0-0-7-9443"
std::string name_for(std::string_view words) {
  std::string name;
  for (const char c : words.substr(0, name_max)) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  if (name.ends_with('-')) name.pop_back();
  return name.empty() ? "rule" : name;
}

/// May whatever is selected be closed as it is?
bool is_left_by_its_peer(const socket_selector& selected) {
  return !selected.states.empty() && std::ranges::none_of(tcp::all_states, [&](tcp::state s) {
    const bool is_left = s == tcp::state::close_wait || s == tcp::state::last_ack ||
                         s == tcp::state::fin_wait_1 || s == tcp::state::fin_wait_2 ||
                         s == tcp::state::closing;
    return selected.states.contains(s) && !is_left;
  });
}

}  // namespace

std::string suggested_policy(const socket_selector& selected) {
  constexpr std::chrono::minutes in_passing(1);
  auto settled = selected;
  const bool has_age = !selected.states.empty() && !selected.states.contains(tcp::state::listen);
  if (!settled.older && has_age) settled.older = in_passing;
  const bool closes = is_left_by_its_peer(selected);
  return fmt::format(
      "# For {}. --check says how it is understood, --dry-run what it would do.\n"
      "every = \"10s\"\n"
      "\n"
      "[[rule]]\n"
      "name = {}\n"
      "select = {}\n"
      "when = {{ count = 100 }}  # of one owner: more than is usual here\n"
      "{}",
      usual_policy_path, toml_text(name_for(to_text(selected))), toml_text(to_text(settled)),
      closes ? "action = \"reap\"  # closes them; \"report\" only tells\n"
               "per_minute = 1000  # it stops where it would close more\n"
             : "action = \"report\"  # \"run\" runs a command\n");
}

}  // namespace waitstate::remedy::guard
