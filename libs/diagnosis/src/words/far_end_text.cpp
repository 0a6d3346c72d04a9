#include "words/far_end_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/tcp/state.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

using enum tcp::state;

struct about_state {
  std::string_view finding;
  tcp::state state;
};

/// Which sockets a kind of finding is about.
constexpr std::array about{about_state{"fin-wait2-stuck", fin_wait_2},
                           about_state{"leaked-connections", close_wait},
                           about_state{"stale-pooled-connections", close_wait},
                           about_state{"server-not-closing", close_wait},
                           about_state{"accept-queue-stuck", close_wait},
                           about_state{"accept-queue-stuck", established},
                           about_state{"application-stalled", close_wait},
                           about_state{"application-stalled", established},
                           about_state{"unacknowledged-data", established},
                           about_state{"syn-unanswered", syn_sent},
                           about_state{"half-open-no-keepalive", established},
                           about_state{"syn-flood", syn_received}};

bool is_about(const finding& f, tcp::state state) {
  return std::ranges::any_of(
      about, [&](const about_state& a) { return a.finding == f.id && a.state == state; });
}

bool is_subject(const snapshot& s, const finding& f, const far_end& far) {
  switch (f.subject.kind) {
    case subject_kind::process: return owner_text(s, far.owner) == f.subject.text;
    case subject_kind::destination:
    case subject_kind::listener: {
      const auto colon = f.subject.text.rfind(':');
      return colon == std::string::npos ||
             f.subject.text.substr(colon + 1) == std::to_string(far.service.port);
    }
    case subject_kind::host:
    case subject_kind::network_namespace: break;
  }
  return true;
}

/// A FIN came and the program there has not closed.
bool waits_for_close(tcp::state here, tcp::state there) {
  return (here == fin_wait_2 || here == fin_wait_1) && there == close_wait;
}

}  // namespace

std::vector<far_end> far_ends_of(const snapshot& s, const finding& f) {
  std::vector<far_end> all;
  std::ranges::copy_if(s.far_ends, std::back_inserter(all), [&](const far_end& far) {
    return is_about(f, far.state) && is_subject(s, f, far);
  });
  return all;
}

evidence far_end_evidence(const far_end& far) {
  auto value = fmt::format("{} in {}", grouped(far.count), tcp::to_string(far.far_state));
  if (!far.far_owner.empty()) value += ", held by " + far.far_owner;
  if (far.far_unread > 0) value += fmt::format(", {} with unread data", grouped(far.far_unread));
  return {
      .fact = fmt::format("other ends of those in {}, on {}", tcp::to_string(far.state), far.host),
      .value = value,
      .source = fmt::format("told by {}", to_string(far.how))};
}

std::string blame_of(const far_end& far) {
  const auto who =
      far.far_owner.empty() ? std::string("the program that holds them") : far.far_owner;
  if (waits_for_close(far.state, far.far_state)) {
    return fmt::format(
        "The fault is on {}: {} of these are CLOSE-WAIT there, where {} has been "
        "told that we closed and does not close.",
        far.host, grouped(far.count), who);
  }
  if (waits_for_close(far.far_state, far.state)) {
    return fmt::format(
        "The fault is here: {} of these are {} on {}, whose kernel waits for our "
        "close().",
        grouped(far.count), tcp::to_string(far.far_state), far.host);
  }
  if (far.state == established && far.far_unread * 2 > far.count) {
    return fmt::format(
        "The fault is on {}: {} of these have unread data there, which {} does not "
        "read.",
        far.host, grouped(far.far_unread), who);
  }
  if (far.state == syn_sent &&
      (far.far_state == syn_received || far.far_state == new_syn_received)) {
    return fmt::format(
        "{} of these SYNs have reached {}, so it is the way back, or its full "
        "accept queue, that keeps the answer.",
        grouped(far.count), far.host);
  }
  return {};
}

bool is_fault_of_far_end(const far_end& far) {
  return waits_for_close(far.state, far.far_state) ||
         (far.state == established && far.far_unread * 2 > far.count);
}

}  // namespace waitstate::diagnosis
