#include "reading/message_collector.h"
#include "messages/error_line.h"
#include "messages/kernel_message.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "text/mentioned_endpoint.h"
#include "text/words.h"
#include "waitstate/base/text.h"
#include "waitstate/snapshot/ephemeral_ports.h"
#include "waitstate/tcp/address.h"

namespace waitstate::paste {
namespace {

/// A stack trace, or an error's properties, that tells nothing so far is not followed further.
constexpr int trace_max = 24;

bool is_indented(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('\t');
}

/// What somebody typed at the prompt of Python or IPython.
bool is_typed_code(std::string_view line) {
  return line.starts_with(">>> ") || line.starts_with("In [");
}

/// "code: 'EADDRINUSE'," of an error that Node.js prints as an object.
bool is_property(std::string_view text) {
  for (const std::string_view key : {"errno:", "code:", "syscall:", "address:", "port:"}) {
    if (text.starts_with(key)) return true;
  }
  return false;
}

/// A program that opens a connection and cannot bind to one address with a port that a kernel hands
/// out: no server listens on such.
bool binds_a_source(const message_line& m) {
  const auto low = default_ephemeral_range(os_family::linux_kernel).low;
  if (m.kind != message_kind::address_in_use_on_listen || !m.endpoint) return false;
  const auto address = tcp::parse_address(m.endpoint->host);
  return m.endpoint->port >= low && address && !address->is_unspecified();
}

std::string_view property_value(std::string_view text) {
  auto value = trimmed(text.substr(text.find(':') + 1));
  while (!value.empty() && (value.back() == ',' || value.back() == '\'')) value.remove_suffix(1);
  while (value.starts_with('\'')) value.remove_prefix(1);
  return value;
}

}  // namespace

tcp::endpoint named_endpoint(snapshot_builder& builder, const text_endpoint& e) {
  tcp::endpoint made{.address = {}, .port = e.port};
  if (e.address.is_known()) {
    // The hexadecimal digits of /proc/net/tcp read as a name would.
    made.address = e.address;
    return made;
  }
  if (e.host.empty() || e.host == "*") return made;
  if (const auto numeric = tcp::parse_address(e.host)) {
    made.address = *numeric;
  } else if (e.host == "localhost" || e.host == "localhost.localdomain") {
    made.address = tcp::address::v4({127, 0, 0, 1});
  } else {
    made.address = builder.name(e.host);
  }
  return made;
}

void settle_destinations(snapshot& s) {
  // A tenth of the smallest range that any system has by default.
  constexpr std::uint64_t may_be_short = 1'600;
  const auto states = s.states();
  std::uint64_t connections = states.total() - states.of(tcp::state::listen);
  for (const auto& ns : s.namespaces) {
    connections = std::max({connections, ns.totals.time_wait.value_or(0),
                            ns.totals.in_use.value_or(0), ns.totals.established.value_or(0)});
  }
  if (connections >= may_be_short) return;
  for (auto& m : s.messages) {
    const bool to_ipv6 = m.endpoint && m.endpoint->address.what() == tcp::address::kind::v6;
    if (m.kind == message_kind::address_not_available && to_ipv6) {
      m.kind = message_kind::address_not_local;
    }
  }
}

void believe_traces(snapshot& s) {
  const auto is_traced = [](const message& m) { return m.text.contains(") = -1 E"); };
  for (const auto& traced : s.messages) {
    if (traced.kind != message_kind::address_not_local || !traced.endpoint || !is_traced(traced)) {
      continue;
    }
    for (auto& m : s.messages) {
      const bool is_of_same = m.kind == message_kind::address_in_use_on_listen && !is_traced(m) &&
                              (!m.endpoint || m.endpoint->port == traced.endpoint->port);
      if (!is_of_same) continue;
      m.kind = message_kind::address_not_local;
      m.endpoint = traced.endpoint;
    }
  }
}

void message_collector::look_at(std::string_view line) {
  ++lines_since_last_;
  if (open_) learn_from(*open_, line);
  call_before_ = call_here_;
  connects_before_ = connects_here_;
  connects_here_ = line.contains("onnecting to ") || line.contains("new connection");
  binds_source_before_ = binds_source_here_;
  binds_source_here_ = line.contains("bind(source_address");
  // A line of code or of a trace that calls something; rows of tables do not.
  const bool is_typed = is_typed_code(line);
  const bool calls = (is_typed || is_indented(line)) && line.contains('(');
  const auto named = calls ? call_in_trace(lower(line)) : socket_call::unknown;
  // A frame beneath that names none ("getattr(self._sock, name)(*args)") is of the same call.
  if (named != socket_call::unknown || !is_indented(line)) call_here_ = named;
  if (is_typed) typed_call_ = named;
}

/// libpq names the peer in two lines below its error: "Is the server running on host "localhost"
/// (::1) and accepting", "TCP/IP connections on port 5432?".
bool message_collector::take_peer_of_libpq(message& said, std::string_view text,
                                           const std::optional<text_endpoint>& named) {
  if (text.starts_with("Is the server running on")) {
    const auto open = text.find('(');
    const auto inside = text.substr(std::min(open, text.size() - 1) + 1);
    const auto address = tcp::parse_address(inside.substr(0, inside.find(')')));
    if (address) said.endpoint = tcp::endpoint{.address = *address, .port = 0};
    if (!address && named && !said.endpoint) said.endpoint = named_endpoint(builder_, *named);
    return true;
  }
  const auto port = number_after(text, "TCP/IP connections on port ");
  if (!port || *port > 65535 || !said.endpoint) return false;
  said.endpoint->port = static_cast<std::uint16_t>(*port);
  return true;
}

/// "[Errno 98] Address already in use", and on the line below "while binding 0.0.0.0:8080" or a
/// stack trace.
void message_collector::learn_from(open_message& open, std::string_view line) {
  const auto text = trimmed(line);
  const bool property = is_property(text);
  ++open.lines;
  const auto named = mentioned_endpoint(line);
  if (take_peer_of_libpq(open.said, text, named)) return;
  if (property && text.starts_with("port:")) {
    const auto port = whole_number(property_value(text));
    if (port && *port <= 65535 && !open.said.endpoint) {
      open.said.endpoint = tcp::endpoint{.address = {}, .port = static_cast<std::uint16_t>(*port)};
    }
  }
  if (property || is_indented(line)) {
    const auto call = call_in_trace(lower(text));
    // A client binds before it connects: the outer frame tells.
    const bool is_outer = open.call == socket_call::bind && call == socket_call::connect;
    if (open.call == socket_call::unknown || is_outer) open.call = call;
    if (open.lines >= trace_max) close();
    return;
  }
  const bool waits = open.said.kind == message_kind::address_in_use_on_listen;
  if (waits && !open.said.endpoint && named && named->port != 0 && lower(line).contains("bind")) {
    open.said.endpoint = named_endpoint(builder_, *named);
  }
  // A closing bracket, "Caused by:", "... 12 more" are of the same error.
  const bool goes_on = text.starts_with("Caused by") || text.starts_with("...") ||
                       text.starts_with('}') || text.starts_with('{');
  if (!goes_on || open.lines >= trace_max) close();
}

void message_collector::close() {
  if (!open_) return;
  auto closed = std::move(*open_);
  open_.reset();
  auto& said = closed.said;
  const auto kind = kind_by_call(said.kind, closed.call);
  const bool ports_of_windows =
      kind == message_kind::address_in_use_on_bind && closed.os == os_family::windows;
  said.kind = ports_of_windows ? message_kind::address_not_available : kind;
  last_ = said;
  builder_.add_message(std::move(said));
}

void message_collector::finish(bool shows_close_wait) {
  close();
  threads_.tell(builder_, shows_close_wait);
}

/// uWSGI looks once a second and shows the queue of its socket, which is what a row of the listener
/// would. Full at one look is a burst; full at the next one too, nobody accepts.
void message_collector::keep_listener(const message_line& m) {
  constexpr std::size_t listeners_max = 64;       // uWSGI logs its own few.
  constexpr std::uint64_t queue_max = 1'000'000;  // More is no queue.
  if (!m.endpoint || !m.queued || !m.backlog || *m.queued > queue_max || *m.backlog > queue_max) {
    return;
  }
  const auto local = named_endpoint(builder_, *m.endpoint);
  auto known = std::ranges::find(listeners_, local, &listener::local);
  if (known == listeners_.end()) {
    if (listeners_.size() >= listeners_max) return;
    known = listeners_.insert(known, {.local = local});
  }
  ++looks_[local];
  if (known->accept_queue.value_or(0) > *m.queued) return;
  known->accept_queue = m.queued;
  known->backlog = m.backlog;
}

std::vector<listener> message_collector::listeners(bool shows_close_wait) const {
  const std::uint64_t looks_min = shows_close_wait ? 1 : 2;
  std::vector<listener> full;
  std::ranges::copy_if(listeners_, std::back_inserter(full),
                       [&](const listener& l) { return looks_.at(l.local) >= looks_min; });
  return full;
}

/// One error on several lines: its text, and then its properties.
bool message_collector::is_part_of_last(const message_line& m, std::string_view line) const {
  if (!is_property(trimmed(line)) || lines_since_last_ > trace_max) return false;
  const auto* before = open_ ? &open_->said : last_ ? &*last_ : nullptr;
  if (before == nullptr) return false;
  const auto family = [](message_kind kind) {
    const bool no_address =
        kind == message_kind::address_not_available || kind == message_kind::address_not_local;
    const bool in_use = kind == message_kind::address_in_use_on_bind ||
                        kind == message_kind::address_in_use_on_listen;
    if (no_address) return message_kind::address_not_available;
    return in_use ? message_kind::address_in_use_on_bind : kind;
  };
  // "connect EADDRINUSE 10.0.0.7:80" said more than "code: 'EADDRINUSE'" does.
  const auto text = trimmed(line);
  const bool is_name = text.starts_with("code:") || text.starts_with("errno:");
  if (is_name && before->text.contains(property_value(text))) return true;
  return family(before->kind) == family(m.kind);
}

/// A pool that could not open a connection says that it has none to give; the cause beneath says
/// why.
void message_collector::drop_pool_without_server(const message_line& m, std::string_view line) {
  const bool is_cause = trimmed(line).starts_with("Caused by") || is_indented(line);
  const bool no_server =
      m.kind == message_kind::connect_refused || m.kind == message_kind::connect_timed_out;
  if (!open_ || open_->said.kind != message_kind::pool_exhausted || !is_cause || !no_server) return;
  open_.reset();
  last_.reset();
}

bool message_collector::take_repeats(std::string_view line) {
  const auto more = read_suppressed(line);
  if (!more) return false;
  close();
  // They are of the message before, or of any: then of the one that is said most. Where there is
  // none yet, of the one that comes.
  const auto most =
      std::ranges::max_element(of_kernel_, {}, [](const auto& said) { return said.second.count; });
  const bool of_most = more->of_any_kind && most != of_kernel_.end();
  if (of_most || last_) {
    auto repeated = of_most ? most->second : *last_;
    repeated.count = more->count;
    if (more->count > 0) builder_.add_message(std::move(repeated));
  } else {
    suppressed_ahead_ += more->count;
  }
  return true;
}

/// nginx' line, which mail and forms wrap before the error: "connect() to ... failed", and below
/// "(11: Resource temporarily unavailable) while ...".
std::optional<message_line> message_collector::read_wrapped(std::string_view line) {
  const auto text = trimmed(line);
  const bool goes_on = text.size() > 2 && text.starts_with('(') && is_digit(text[1]);
  if (goes_on && !unfinished_.empty()) {
    wrapped_ = unfinished_ + " " + std::string(text);
    unfinished_.clear();
    return read_error_line(wrapped_);
  }
  unfinished_ = text.ends_with("failed") ? text : std::string_view();
  return read_error_line(line);
}

bool message_collector::take(std::string_view line) {
  if (take_repeats(line)) return true;
  if (const auto kernel = read_kernel_message(line)) {
    saw_kernel_log_ = true;
    add(*kernel, line);
    if (last_) {
      const auto [said, is_first] = of_kernel_.try_emplace(kernel->kind, *last_);
      if (!is_first) said->second.count += last_->count;
    }
    return true;
  }
  if (threads_.take(line)) {
    saw_errors_ = true;
    return true;
  }
  auto error = read_wrapped(line);
  if (!error) return false;
  saw_errors_ = true;
  if (is_part_of_last(*error, line)) return true;
  // A trace that ends in connect(): for want of a source port Linux says EADDRNOTAVAIL, others
  // this.
  const bool is_of_connect = error->call == socket_call::unknown &&
                             call_before_ == socket_call::connect &&
                             error->kind == message_kind::address_in_use_on_listen;
  if (is_of_connect) error->kind = message_kind::address_not_available;
  if (error->call == socket_call::unknown) error->call = call_before_;
  // The traceback of what was typed names no source line that calls.
  if (error->call == socket_call::unknown) error->call = typed_call_;
  typed_call_ = socket_call::unknown;
  drop_pool_without_server(*error, line);
  const bool is_source = error->kind == message_kind::address_in_use_on_listen &&
                         !error->endpoint && binds_source_before_;
  if (is_source || (connects_before_ && binds_a_source(*error))) {
    error->kind = message_kind::address_in_use_on_bind;
  }
  add(*error, line);
  return true;
}

void message_collector::add(const message_line& m, std::string_view line) {
  close();
  keep_listener(m);
  if (m.os != os_family::unknown) os_ = m.os;
  message made{.kind = m.kind,
               .text = std::string(trimmed(line)),
               .count = m.count + std::exchange(suppressed_ahead_, 0),
               .endpoint = {},
               .program = std::string(m.program),
               .to_upstream = m.to_upstream,
               .queued = m.queued};
  if (m.endpoint) made.endpoint = named_endpoint(builder_, *m.endpoint);
  open_ = open_message{.said = made, .call = m.call, .os = m.os};
  last_ = std::move(made);
  lines_since_last_ = 0;
}

}  // namespace waitstate::paste
