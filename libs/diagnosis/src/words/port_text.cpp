#include "words/port_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "advice/system.h"
#include "judgement/other_end.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"
#include "words/followed_text.h"

namespace waitstate::diagnosis {

evidence opener_evidence(const snapshot& s, const opener& o) {
  const auto who = owner_text(s, {.kind = ownership::owned, .process = o.process});
  const auto within = elapsed(o.watched);
  if (o.sockets + o.children == 0) {
    return {"who likely connects there", who + " is the only program at work there", "/proc"};
  }
  auto what =
      o.children > o.sockets
          ? fmt::format("{} starts programs one after the other, {} within {}", who,
                        grouped(o.children), within)
          : fmt::format("{} opened {} within {}", who, counted(o.sockets, "socket"), within);
  return {"who most likely connects there", std::move(what), "/proc"};
}

std::string opener_text(const snapshot& s, const destination_use& use) {
  if (use.followed) return followed_opener_text(s, *use.followed);
  if (use.opener == nullptr) return {};
  return ", most likely opened by " + owner_text(s, use.headroom.owner);
}

std::string destination_text(const snapshot& s, const tcp::endpoint& e) {
  if (e.address.is_known()) return s.text_of(e);
  if (e.port != 0) return fmt::format("port {}", e.port);
  return "a destination that is not named";
}

std::string destination_text(const snapshot& s, const destination_use& use) {
  auto text = destination_text(s, use.headroom.destination);
  if (use.is_one_of_several_sources) text += " from " + s.text_of(use.headroom.source);
  return text;
}

subject subject_of(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  const bool is_named = headroom.destination.port != 0 || headroom.destination.address.is_known();
  return is_named
             ? destination_subject(s, headroom.destination, headroom.owner, headroom.net_namespace)
             : namespace_subject(s, headroom.net_namespace);
}

std::string states_text(const port_headroom& headroom) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t count, const char* words) {
    if (count > 0) parts.push_back(fmt::format("{} {}", grouped(count), words));
  };
  add(headroom.time_wait, "in TIME-WAIT");
  add(headroom.established, "ESTABLISHED");
  add(headroom.fin_wait_2, "in FIN-WAIT-2");
  add(headroom.flows - headroom.time_wait - headroom.established - headroom.fin_wait_2,
      "in other states");
  return listed(parts);
}

std::vector<evidence> port_evidence(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  const auto& supply = headroom.supply;
  const auto where = source_of(s);
  std::vector<evidence> facts;
  if (use.failure != nullptr) facts.push_back(message_evidence(*use.failure));
  if (headroom.flows > 0) {
    const auto to = destination_text(s, headroom.destination);
    facts.push_back({"connections to " + to, states_text(headroom), where});
    facts.push_back({"free ports to " + to,
                     fmt::format("{} of {}", grouped(headroom.free), grouped(supply.usable())),
                     where});
    if (use.followed) {
      std::ranges::move(followed_evidence(s, *use.followed), std::back_inserter(facts));
    }
    const bool was_seen = use.followed && use.followed->opener.kind == ownership::owned;
    const auto who = owner_text(s, headroom.owner);
    if (use.opener != nullptr) {
      facts.push_back(opener_evidence(s, *use.opener));
    } else if (!was_seen && !who.empty()) {
      facts.push_back({"who connects there", who, where});
    }
  }
  add_other_end(s,
                {.net_namespace = headroom.net_namespace,
                 .side = direction::outbound,
                 .endpoint = headroom.destination},
                facts);
  facts.push_back(
      {std::string(advice_for(system_of(s)).port_range),
       fmt::format("{}-{}: {}", supply.range.low, supply.range.high, counted(supply.size, "port")),
       supply.range_assumed ? "not seen: the default is assumed" : "sysctl"});
  if (supply.reserved + supply.bind_owned > 0) {
    facts.push_back({"of these not for connect()",
                     fmt::format("{} reserved, {} held by bind()", grouped(supply.reserved),
                                 grouped(supply.bind_owned)),
                     where});
  }
  if (headroom.reuse.setting) {
    facts.push_back(setting_evidence(
        "net.ipv4.tcp_tw_reuse",
        fmt::format("{}{}: {} of the TIME-WAIT ports may be taken over", *headroom.reuse.setting,
                    headroom.reuse.without_timestamps ? " with tcp_timestamps = 0" : "",
                    headroom.reusable == 0 ? "none" : grouped(headroom.reusable))));
  }
  if (headroom.reuse.assumed && headroom.reusable > 0) {
    facts.push_back({"net.ipv4.tcp_tw_reuse",
                     fmt::format("2, over loopback: {} of the TIME-WAIT ports may be taken over",
                                 grouped(headroom.reusable)),
                     "not seen: the default is assumed"});
  }
  if (headroom.closes_per_second > 0) {
    facts.push_back(
        {"closes per second",
         fmt::format("{} over the last 60 s, {} over the last 10 s",
                     rate(headroom.closes_per_second), rate(headroom.recent_closes_per_second)),
         "TIME-WAIT timers"});
  }
  return facts;
}

std::string time_wait_text(const snapshot& s) {
  return std::string(advice_for(system_of(s)).time_wait);
}

std::string port_forecast(const port_headroom& headroom) {
  const auto usable = grouped(headroom.supply.usable());
  if (headroom.growth_per_second && *headroom.growth_per_second > 0 && headroom.exhausted_in) {
    return fmt::format("{} more a second, {} left: the last port goes in {}",
                       rate(*headroom.growth_per_second), counted(headroom.free, "port"),
                       elapsed(*headroom.exhausted_in));
  }
  if (headroom.recent_closes_per_second <= 0) return {};
  const auto held = static_cast<std::uint64_t>(headroom.recent_closes_per_second * 60);
  auto text = fmt::format("{} closes a second x 60 s of TIME-WAIT = {} held at once, of {}",
                          rate(headroom.recent_closes_per_second), counted(held, "port"), usable);
  if (headroom.exhausted_in && headroom.free > 0) {
    text += fmt::format("; at this rate the last one goes in {}", elapsed(*headroom.exhausted_in));
  }
  return text;
}

}  // namespace waitstate::diagnosis
