#include "waitstate/diagnosis/action.h"

#include <algorithm>

#include <fmt/format.h>

namespace waitstate::diagnosis {
namespace {

/// A state in the words of ss.
std::string ss_state(tcp::state s) {
  if (s == tcp::state::syn_received || s == tcp::state::new_syn_received) return "syn-recv";
  std::string word(to_string(s));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return word;
}

/// ss wants brackets around an IPv6 address and takes no name that is masked.
std::string ss_address(const tcp::address& a) {
  switch (a.what()) {
    case tcp::address::kind::v4: return to_string(a);
    case tcp::address::kind::v6: return a.is_unspecified() ? "" : fmt::format("[{}]", to_string(a));
    default: return {};
  }
}

std::string ss_filter(const close_sockets& c) {
  std::string filter;
  const auto add = [&filter](std::string_view term) {
    if (!filter.empty()) filter += " and ";
    filter += term;
  };
  if (const auto address = ss_address(c.remote.address); !address.empty()) add("dst " + address);
  if (c.remote.port != 0) add(fmt::format("dport = :{}", c.remote.port));
  if (c.local.port != 0) add(fmt::format("sport = :{}", c.local.port));
  return filter.empty() ? filter : fmt::format(" '( {} )'", filter);
}

struct command_writer {
  std::string operator()(const no_action&) const { return {}; }
  std::string operator()(const set_setting& set) const {
    return fmt::format("sysctl -w {}=\"{}\"\n", set.key, set.value);
  }
  std::string operator()(const close_sockets& close) const {
    return fmt::format(
        "ss -tn state {0}{1}    # first look at what it hits\n"
        "ss -K -tn state {0}{1}\n",
        ss_state(close.state), ss_filter(close));
  }
};

struct undo_writer {
  std::string operator()(const no_action&) const { return {}; }
  std::string operator()(const set_setting& set) const {
    return set.before ? fmt::format("sysctl -w {}=\"{}\"", set.key, *set.before)
                      : fmt::format("set back what `sysctl {}` printed before", set.key);
  }
  std::string operator()(const close_sockets&) const {
    return "nothing brings a closed connection back";
  }
};

}  // namespace

std::string command_of(const action& a) {
  return std::visit(command_writer{}, a);
}

std::string undo_of(const action& a) {
  return std::visit(undo_writer{}, a);
}

}  // namespace waitstate::diagnosis
