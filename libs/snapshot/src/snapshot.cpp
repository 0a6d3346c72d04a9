#include "waitstate/snapshot/snapshot.h"

#include <fmt/format.h>

#include "waitstate/base/names.h"

namespace waitstate {

std::string_view to_string(source_kind k) {
  switch (k) {
    case source_kind::live: return "live";
    case source_kind::pasted: return "pasted";
  }
  return "live";
}

std::optional<source_kind> parse_source_kind(std::string_view name) {
  return named_in(all_source_kinds, name);
}

std::string to_string(const process& p) {
  if (p.pid == 0) return p.name.empty() ? "a process" : p.name;
  if (p.name.empty()) return fmt::format("pid {}", p.pid);
  return fmt::format("{} (pid {})", p.name, p.pid);
}

state_counts snapshot::states() const {
  state_counts all;
  for (const auto& ns : namespaces) all.add_all(ns.states);
  return all;
}

const process* snapshot::owner_of(const owner_ref& owner) const {
  if (owner.kind != ownership::owned || owner.process >= processes.size()) return nullptr;
  return &processes[owner.process];
}

std::string snapshot::text_of(const tcp::address& a) const {
  if (a.what() == tcp::address::kind::named && a.name() < names.size()) return names[a.name()];
  return to_string(a);
}

std::string snapshot::text_of(const tcp::endpoint& e) const {
  if (e.address.what() != tcp::address::kind::named) return to_string(e);
  const auto port = e.port == 0 ? std::string("*") : fmt::format("{}", e.port);
  return fmt::format("{}:{}", text_of(e.address), port);
}

}  // namespace waitstate
