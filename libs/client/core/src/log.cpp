#include "waitstate/client/core/log.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

constexpr std::size_t endpoints_named_max = 8;

std::string text(duration d) {
  return elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(d));
}

std::string place(const std::source_location& where) {
  const std::string_view path = where.file_name();
  return fmt::format("{}:{} {}", path.substr(path.rfind('/') + 1), where.line(),
                     where.function_name());
}

/// Not only controls: some terminals obey bytes over 0x7f, and not all of them are text.
bool is_unprintable(char c) {
  return c < ' ' || c > '~';
}

class writer {
 public:
  writer(std::string name, log_settings to)
      : name_(std::move(name)), write_(std::move(to.write)), limiter_(to.lines_max, to.window) {}

  void write(log_level level, std::string_view kind, std::string line) {
    const std::scoped_lock held(lock_);
    const auto cut = limiter_.admit(kind, clock::now());
    if (!cut) return;
    // What servers say comes here, too, and is not to look like lines of its own.
    std::ranges::replace_if(line, is_unprintable, '?');
    if (*cut > 0) line += fmt::format(" ({} of this kind cut)", counted(*cut, "line"));
    write_({.level = level, .kind = kind, .text = line, .cut = *cut});
  }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const std::string name_;
  const std::function<void(const log_line&)> write_;
  std::mutex lock_;
  log_limiter limiter_;  // guarded by lock_
};

std::string names_of(const endpoint_set& set) {
  std::string names;
  for (std::size_t i = 0; i < set.endpoints.size() && i < endpoints_named_max; ++i) {
    names += (i == 0 ? ": " : ", ") + to_string(set.endpoints[i].at);
  }
  if (set.endpoints.size() > endpoints_named_max) {
    names += fmt::format(" and {} more", grouped(set.endpoints.size() - endpoints_named_max));
  }
  return names;
}

/// Calls what was set before, if anything, and then `also`.
template <class... Arguments, class Also>
void extend(std::function<void(Arguments...)>& event, Also also) {
  event = [before = std::move(event), also = std::move(also)](Arguments... arguments) {
    if (before) before(arguments...);
    also(arguments...);
  };
}

void log_pool_events(pool_events& events, const std::shared_ptr<writer>& to) {
  extend(events.leaked, [to](const ledger_entry& e) {
    to->write(log_level::warning, "leaked",
              fmt::format("pool '{}': a lease is out for {}, last byte {} ago{}: {}",
                          to_string(e.to), text(e.out_for), text(e.last_byte_ago),
                          e.peer_closed ? ", the peer has closed" : "", place(e.where)));
  });
  extend(events.came_back, [to](const ledger_entry& e) {
    to->write(log_level::info, "came_back",
              fmt::format("pool '{}': lease {}/{}, which was reported, came back", to_string(e.to),
                          e.id.slot, e.id.generation));
  });
  extend(events.reclaimed, [to](const ledger_entry& e, reclaim_reason why) {
    to->write(log_level::warning, "reclaimed",
              fmt::format("pool '{}': a lease was reclaimed after {}, {}: {}", to_string(e.to),
                          text(e.out_for), to_string(why), place(e.where)));
  });
  extend(events.dial_failed, [to](const error& why) {
    to->write(log_level::warning, "dial_failed",
              fmt::format("cluster '{}': {}", to->name(), why.what));
  });
}

void log_cluster_events(cluster_events& events, const std::shared_ptr<writer>& to) {
  extend(events.endpoints_changed, [to](const endpoint_set& set) {
    const auto why = set.why ? fmt::format(", {}: {}", to_string(set.state), set.why->what) : "";
    to->write(set.why ? log_level::warning : log_level::info, "endpoints_changed",
              fmt::format("cluster '{}': {}{}{}", to->name(),
                          counted(set.endpoints.size(), "endpoint"), names_of(set), why));
  });
  extend(events.ejected, [to](const endpoint& at, time_point until) {
    to->write(log_level::warning, "ejected",
              fmt::format("cluster '{}': {} gets no calls for {}", to->name(), to_string(at),
                          text(until - clock::now())));
  });
  extend(events.revived, [to](const endpoint& at) {
    to->write(log_level::info, "revived",
              fmt::format("cluster '{}': {} gets calls again", to->name(), to_string(at)));
  });
  extend(events.retried, [to](const endpoint& at, const error& why, std::uint32_t attempt) {
    to->write(log_level::info, "retried",
              fmt::format("cluster '{}': attempt {} at {} is tried again: {}", to->name(), attempt,
                          to_string(at), why.what));
  });
}

}  // namespace

std::string_view to_string(log_level l) {
  switch (l) {
    case log_level::info: return "info";
    case log_level::warning: return "warning";
  }
  assert(false && "unknown level");
  return {};
}

std::optional<std::uint64_t> log_limiter::admit(std::string_view kind, time_point now) {
  auto known = kinds_.find(kind);
  if (known == kinds_.end()) known = kinds_.emplace(kind, count{.since = now}).first;
  auto& c = known->second;
  if (now - c.since >= window_) {
    c.since = now;
    c.written = 0;
  }
  if (max_ > 0 && c.written >= max_) {
    ++c.cut;
    return std::nullopt;
  }
  ++c.written;
  return std::exchange(c.cut, 0);
}

void log_events(cluster_settings& settings, log_settings to) {
  if (!to.write) return;
  const auto w = std::make_shared<writer>(settings.name, std::move(to));
  log_pool_events(settings.pool.events, w);
  log_cluster_events(settings.events, w);
}

}  // namespace waitstate::client
