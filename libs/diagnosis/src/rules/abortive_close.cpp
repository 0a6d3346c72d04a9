#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// Resets by close() and all closes, per second between two looks or as totals since boot. A
/// connection that was opened is closed once, so opens stand for closes.
struct abort_share {
  double on_data = 0;   ///< TcpExt.TCPAbortOnData: linger 0, or data came after close().
  double on_close = 0;  ///< TcpExt.TCPAbortOnClose: closed with unread data.
  double opened = 0;    ///< That were established: Tcp.ActiveOpens and Tcp.PassiveOpens.
  bool is_rate = false;

  [[nodiscard]] double aborted() const { return on_data + on_close; }
};

/// The kernel counts a connect() in ActiveOpens when the SYN leaves, and once more in AttemptFails
/// when nothing comes of it: such a connection is never closed.
double established(double active, double passive, double failed) {
  return active - std::min(active, failed) + passive;
}

abort_share since_boot(const network_namespace& ns) {
  const auto value = [&](std::string_view key) {
    return static_cast<double>(ns.counter(key).value_or(0));
  };
  return {.on_data = value("TcpExt.TCPAbortOnData"),
          .on_close = value("TcpExt.TCPAbortOnClose"),
          .opened = established(value("Tcp.ActiveOpens"), value("Tcp.PassiveOpens"),
                                value("Tcp.AttemptFails"))};
}

abort_share between_looks(const network_namespace& ns) {
  const auto value = [&](std::string_view key) { return ns.counter_rate(key).value_or(0); };
  return {.on_data = value("TcpExt.TCPAbortOnData"),
          .on_close = value("TcpExt.TCPAbortOnClose"),
          .opened = established(value("Tcp.ActiveOpens"), value("Tcp.PassiveOpens"),
                                value("Tcp.AttemptFails")),
          .is_rate = true};
}

/// A tenth of the closes: a few resets are a browser's stop button.
constexpr double part_of_closes = 10;
constexpr std::uint64_t part_of_closes_captured = 10;
/// And enough to be no accident: so many since boot, which may be months ago,
constexpr double since_boot_min = 1'000;
/// or so many between two looks, and so many a second.
constexpr double between_looks_min = 20;
constexpr double per_second_min = 1;

bool is_much(const snapshot& s, const abort_share& a) {
  if (a.opened <= 0 || a.aborted() * part_of_closes <= a.opened) return false;
  if (!a.is_rate) return a.aborted() >= since_boot_min;
  const auto seconds = s.interval ? static_cast<double>(s.interval->count()) / 1000.0 : 0;
  return a.aborted() >= per_second_min && a.aborted() * seconds >= between_looks_min;
}

std::string amount(const abort_share& a, double value) {
  return a.is_rate ? rate(value) + " a second" : grouped(static_cast<std::uint64_t>(value));
}

std::string share_text(const abort_share& a) {
  return share(static_cast<std::uint64_t>(a.aborted() * 1000),
               static_cast<std::uint64_t>(a.opened * 1000));
}

std::vector<remedy> read_to_the_end() {
  return {{.text = "Read to the end of the stream before close(), or end with "
                   "shutdown(SHUT_WR) and read until 0",
           .command = "shutdown(fd, SHUT_WR);\n"
                      "while (read(fd, buffer, sizeof buffer) > 0) {}   // with a "
                      "deadline\n"
                      "close(fd);\n"},
          {.text = "Take linger 0 (SO_LINGER with l_linger 0, \"reset on close\") out "
                   "of connections that carry data; it is no cure for TIME-WAIT"}};
}

finding aborts_of(const snapshot& s, std::uint32_t index, const abort_share& a) {
  const auto source =
      s.source == source_kind::live ? std::string("/proc/net/netstat") : source_of(s);
  const auto when = a.is_rate ? "" : " since boot";
  std::string cause =
      "close() sends a reset instead of a FIN when data lies unread "
      "(TCPAbortOnClose), when it was told to with linger 0, or when data comes "
      "after it (TCPAbortOnData). The peer gets \"Connection reset by peer\" and "
      "may lose what we had sent.";
  cause += a.on_close >= a.on_data
               ? " Here most close with unread data: an answer or a last message is thrown away."
               : " Here most have linger 0, or the peer still sends when we close.";
  return {.id = "abortive-close",
          .severity = severity::warning,
          .title = fmt::format("{} of connections end in a reset from this host: {} of {}{}",
                               share_text(a), amount(a, a.aborted()), amount(a, a.opened), when),
          .subject = namespace_subject(s, index),
          .evidence = {{.fact = "TcpExt.TCPAbortOnData",
                        .value = amount(a, a.on_data) + when,
                        .source = source},
                       {.fact = "TcpExt.TCPAbortOnClose",
                        .value = amount(a, a.on_close) + when,
                        .source = source},
                       {.fact = "connections established, both ways",
                        .value = amount(a, a.opened) + when,
                        .source = source}},
          .cause = cause,
          .remedies = read_to_the_end()};
}

/// Connections with one service that ended in a reset by a side that had data of the other unread,
/// as their packets show.
findings captured_aborts(const snapshot& s) {
  constexpr std::uint64_t many = 3;  // One may be a user who left.
  findings found;
  for (const auto& c : s.captured) {
    const auto aborts = c.reset_unread_here + c.reset_unread_there;
    if (aborts < many || aborts * part_of_closes_captured < c.closed_here + c.closed_there)
      continue;
    const bool is_here = c.reset_unread_here >= c.reset_unread_there;
    const auto service = s.text_of(c.service);
    const auto with = c.direction == direction::inbound ? " on " + service : " to " + service;
    finding f{
        .id = "abortive-close",
        .severity = severity::warning,
        .certainty = likely("linger 0 on purpose, after all was read",
                            "TcpExt.TCPAbortOnClose of the side that resets: `nstat -az`"),
        .title = fmt::format("{} {} of {}{} while data of the other side was not answered",
                             is_here ? "this host resets" : "the peer resets", grouped(aborts),
                             counted(c.flows, "connection"), with),
        .subject = c.direction == direction::inbound ? listener_subject(s, c.service, {}, 0)
                                                     : destination_subject(s, c.service, {}, 0),
        .evidence = {{.fact = "resets after data that was acknowledged and not answered",
                      .value = fmt::format("{} here, {} by the peer", grouped(c.reset_unread_here),
                                           grouped(c.reset_unread_there)),
                      .source = source_of(s)}},
        .cause =
            "close() sends a reset instead of a FIN when data lies unread, or when it was told to "
            "with linger 0. The other side gets \"Connection reset by peer\" and may lose what "
            "was sent to it.",
        .remedies = read_to_the_end()};
    found.push_back(std::move(f));
  }
  return found;
}

}  // namespace

findings abortive_close(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (std::uint32_t i = 0; i < s.namespaces.size(); ++i) {
    const auto& ns = s.namespaces[i];
    const auto a = s.interval && !ns.counter_rates.empty() ? between_looks(ns) : since_boot(ns);
    if (is_much(s, a)) found.push_back(aborts_of(s, i, a));
  }
  std::ranges::move(captured_aborts(s), std::back_inserter(found));
  return found;
}

}  // namespace waitstate::diagnosis
