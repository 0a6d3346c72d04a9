#include "words/close_wait_text.h"

#include <chrono>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

bool counts_the_fin(const snapshot& s) {
  return system_of(s) == os_family::linux_kernel;
}

std::uint64_t mean_unread(const socket_group& g) {
  return g.receive_queue_more == 0
             ? 0
             : (g.receive_queue_bytes - g.receive_queue_one) / g.receive_queue_more;
}

std::string queues_text(const snapshot& s, const socket_group& g) {
  std::vector<std::string> parts;
  if (g.receive_queue_empty > 0)
    parts.push_back(fmt::format("{} empty", grouped(g.receive_queue_empty)));
  if (g.receive_queue_one > 0) {
    parts.push_back(fmt::format("{} at 1{}", grouped(g.receive_queue_one),
                                counts_the_fin(s) ? " (the FIN alone)" : ""));
  }
  if (g.receive_queue_more > 0) {
    parts.push_back(fmt::format("{} with unread data, up to {}", grouped(g.receive_queue_more),
                                bytes(g.receive_queue_max - (counts_the_fin(s) ? 1 : 0))));
  }
  return listed(parts);
}

std::string ages_text(const socket_group& g) {
  const auto over = g.age.over_a_minute();
  return fmt::format("{} of {} over 60 s, {}", grouped(over), grouped(g.age.known()),
                     oldest_text(g));
}

}  // namespace

evidence count_evidence(const snapshot& s, const pile& p, std::string_view where) {
  const auto established = p.established.count;
  // Whoever pastes the output of grep CLOSE_WAIT has not shown that none are ESTABLISHED.
  const bool shows_established =
      s.source == source_kind::live || s.states().of(tcp::state::established) > 0;
  auto value = grouped(p.close_wait.count);
  if (shows_established) {
    value += fmt::format(", {} ESTABLISHED", established == 0 ? "none" : grouped(established));
  }
  return {.fact = fmt::format("CLOSE-WAIT{}{}", where.empty() ? "" : " ", where),
          .value = value,
          .source = source_of(s)};
}

std::vector<evidence> pile_evidence(const snapshot& s, const pile& p) {
  const auto& g = p.close_wait;
  const auto source = source_of(s);
  std::vector<evidence> all;
  if (g.with_queues > 0) {
    all.push_back({.fact = "receive queues", .value = queues_text(s, g), .source = source});
  }
  if (g.age.known() > 0) {
    all.push_back({.fact = "age", .value = ages_text(g), .source = source});
  }
  if (g.growth_per_second && *g.growth_per_second > 0) {
    const auto over = s.interval ? fmt::format(" over {}", elapsed(*s.interval)) : std::string();
    all.push_back({.fact = "growth",
                   .value = fmt::format("{} a second{}", rate(*g.growth_per_second), over),
                   .source = source});
  }
  if (const auto use = descriptors_of(s, p.owner, g.count)) {
    const auto limit =
        use->limit == 0 ? std::string() : fmt::format(", limit {}", grouped(use->limit));
    all.push_back({.fact = "descriptors",
                   .value = fmt::format("{} of {} open ones are these{}", grouped(use->held),
                                        grouped(use->open), limit),
                   .source = s.source == source_kind::live ? "/proc" : source});
  }
  return all;
}

std::string queue_meaning(const snapshot& s, const socket_group& g) {
  if (g.with_queues == 0 || !counts_the_fin(s)) return {};
  if (g.receive_queue_more * 2 >= g.with_queues) {
    const auto unread = mean_unread(g) - 1;
    if (g.never_read * 2 >= g.with_queues) {
      return fmt::format(
          "Not one byte of what came was ever read, about {} each, and the end of the stream "
          "behind it: the program has not looked at these connections since they were opened.",
          bytes(unread));
    }
    if (unread < tls_goodbye_max) {
      return fmt::format(
          "Recv-Q over 1 is unread data and the end of the stream: the program reads these sockets "
          "no more. About {} each is little: a TLS close alert or a short last message.",
          bytes(unread));
    }
    const bool is_request = g.key.direction == direction::inbound;
    return fmt::format(
        "Recv-Q over 1 is a {} that nobody read, about {} each, and the end of the stream "
        "behind it.",
        is_request ? "request" : "response", bytes(unread));
  }
  if (g.receive_queue_one * 2 >= g.with_queues) {
    return "Recv-Q 1 is the peer's FIN alone: everything was read but the end of the stream, so "
           "the program no longer looks at these sockets.";
  }
  return "Recv-Q 0 means the end of the stream was delivered, or could be with the last read: the "
         "program has what it needs to close and did not.";
}

std::string oldest_text(const socket_group& g) {
  if (g.age.known() == 0) return {};
  return fmt::format("the oldest for at least {}",
                     elapsed(std::chrono::milliseconds(g.age_max_ms)));
}

std::string close_wait_forecast(const snapshot& s, const pile& p) {
  const auto growth = p.close_wait.growth_per_second.value_or(0);
  const auto use = descriptors_of(s, p.owner, p.close_wait.count);
  if (is_growing(s, p.close_wait) && use && use->limit > use->open) {
    const auto left = use->limit - use->open;
    const auto seconds = static_cast<double>(left) / growth;
    return fmt::format(
        "{} descriptors are left; at {} more a second they are gone in {}", grouped(left),
        rate(growth),
        elapsed(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000))));
  }
  return "CLOSE-WAIT has no time-out: they stay until the program closes them or ends";
}

std::string known_text(const snapshot& s, const tcp::endpoint& e) {
  if (!e.address.is_known() && e.port == 0) return {};
  if (!e.address.is_known()) return fmt::format("port {}", e.port);
  if (e.port == 0) return s.text_of(e.address);
  return s.text_of(e);
}

runtime runtime_for(const snapshot& s, const owner_ref& owner) {
  if (const auto known = runtime_of_owner(s, owner); known != runtime::unknown) return known;
  for (const auto& m : s.messages) {
    if (const auto told = runtime_of_message(m); told != runtime::unknown) return told;
  }
  return runtime::unknown;
}

}  // namespace waitstate::diagnosis
