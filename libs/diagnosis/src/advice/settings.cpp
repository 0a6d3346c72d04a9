#include "advice/settings.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// What a setting holds that a remedy changes: "1", "32768 60999", "8080,9000-9010".
bool is_numbers(std::string_view value) {
  return !value.empty() && value.find_first_not_of("0123456789 \t,-") == std::string_view::npos;
}

remedy change_of(const snapshot& s, sysctl_change change, std::optional<std::string> before) {
  if (!is_plain(change.value)) {
    return {.text = std::move(change.text), .command = {}, .risk = std::move(change.risk)};
  }
  set_setting set{.key = std::string(change.key),
                  .value = std::move(change.value),
                  .before = std::move(before)};
  if (change.net_namespace < s.namespaces.size()) {
    set.net_namespace = s.namespaces[change.net_namespace].name;
    set.net_namespace_inode = s.namespaces[change.net_namespace].inode;
  }
  return acting(std::move(change.text), std::move(set), std::move(change.risk));
}

}  // namespace

remedy acting(std::string text, action what, std::string risk) {
  auto command = command_of(what);
  auto undo = undo_of(what);
  return {.text = std::move(text),
          .command = std::move(command),
          .risk = std::move(risk),
          .undo = std::move(undo),
          .action = std::move(what)};
}

remedy sysctl_remedy(const snapshot& s, const sysctl_change& change) {
  const auto* read = setting_of(s, change.net_namespace, change.key);
  return change_of(s, change,
                   read != nullptr && is_numbers(*read) ? std::optional(*read) : std::nullopt);
}

remedy reserve_ports(const snapshot& s, std::uint32_t net_namespace, const tcp::port_set& ports,
                     std::string text) {
  constexpr std::string_view key = "net.ipv4.ip_local_reserved_ports";
  const auto* read = setting_of(s, net_namespace, key);
  const auto held = tcp::parse_port_set(read == nullptr ? "" : *read);
  if (!held) {
    return {.text = fmt::format("{}: add {} to {} by hand, which was not read as a list of ports",
                                text, to_string(ports), key)};
  }
  auto all = *held;
  all.insert_all(ports);
  return change_of(s,
                   {.net_namespace = net_namespace,
                    .key = key,
                    .value = to_string(all),
                    .text = std::move(text),
                    .risk = {}},
                   read != nullptr ? std::optional(to_string(*held)) : std::nullopt);
}

}  // namespace waitstate::diagnosis
