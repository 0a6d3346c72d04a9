#include "net/name_lookups.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr std::size_t system_threads_max = 64;

boost::system::error_code code_of(int status) {
  namespace e = asio::error;
  switch (status) {
    case 0: return {};
    case EAI_AGAIN: return e::host_not_found_try_again;
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY: return e::host_not_found;
    case EAI_MEMORY: return e::no_memory;
    case EAI_SYSTEM: return {errno, boost::system::system_category()};
    default: return e::no_recovery;
  }
}

name_lookups::found ask_the_system(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_flags = AI_ADDRCONFIG;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  name_lookups::found all{.code = code_of(::getaddrinfo(host.c_str(), nullptr, &wanted, &first)),
                          .addresses = {}};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> freed(first, [](addrinfo* list) {
    if (list != nullptr) ::freeaddrinfo(list);
  });
  for (const auto* one = first; one != nullptr; one = one->ai_next) {
    asio::ip::tcp::endpoint at;
    if (one->ai_addrlen > at.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<char*>(at.data()));
    at.resize(one->ai_addrlen);
    all.addresses.push_back(at.address());
  }
  return all;
}

}  // namespace

/// Whoever waits for a name. The thread may outlive the executor: it gives its answer only while
/// somebody is there.
struct name_lookups::asker {
  std::mutex lock;
  std::shared_ptr<one_shot<found>> told;  // with lock; null when nobody is there any more

  [[nodiscard]] bool is_there() {
    const std::scoped_lock held(lock);
    return told != nullptr;
  }
  void notify(found what) {
    const std::scoped_lock held(lock);
    if (told) told->give(std::move(what));
  }
  void leave() {
    const std::scoped_lock held(lock);
    told.reset();
  }
};

name_lookups::name_lookups(resolver resolve, std::size_t threads_max)
    : resolve_(std::move(resolve)), threads_max_(threads_max) {}

const std::shared_ptr<name_lookups>& name_lookups::of_the_system() {
  static const auto all = std::make_shared<name_lookups>(ask_the_system, system_threads_max);
  return all;
}

task<std::vector<asio::ip::address>> name_lookups::look_up(std::shared_ptr<name_lookups> by,
                                                           std::string host, time_point deadline,
                                                           how_new wanted) {
  struct wait_for_name {
    std::shared_ptr<asker> who = std::make_shared<asker>();

    explicit wait_for_name(std::shared_ptr<one_shot<found>> told) { who->told = std::move(told); }
    ~wait_for_name() { who->leave(); }
    wait_for_name(const wait_for_name&) = delete;
    wait_for_name& operator=(const wait_for_name&) = delete;
  };
  const auto told = std::make_shared<one_shot<found>>(co_await asio::this_coro::executor);
  const wait_for_name here(told);
  by->begin(host, here.who, wanted);
  auto got = co_await one_shot<found>::take(told, deadline);
  const auto action = fmt::format("resolve '{}'", host);
  if (!got) {
    co_return failure({.code = errc::timed_out,
                       .what = action + ": timed out: it is still being looked up",
                       .hint = fmt::format("getent hosts {}", host)});
  }
  if (got->code) co_return failure(from_code(got->code, action));
  co_return std::move(got->addresses);
}

void name_lookups::begin(const std::string& host, const std::shared_ptr<asker>& who,
                         how_new wanted) {
  const auto now = clock::now();
  std::optional<found> known;
  {
    const std::scoped_lock held(lock_);
    if (names_.size() >= names_max && !names_.contains(host)) make_place(now);
    auto& asked = names_[host];
    if (wanted == how_new::of_late && now < asked.last_until) {
      known = asked.last;
    } else {
      if (asked.askers.size() >= asked.look_through_at) {
        std::erase_if(asked.askers, [](const auto& a) { return !a->is_there(); });
        asked.look_through_at = std::max<std::size_t>(64, 2 * asked.askers.size());
      }
      asked.askers.push_back(who);
      if (std::exchange(asked.is_asked_for, true)) return;
      line_.push_back(host);
      if (threads_ >= threads_max_) return;
      ++threads_;
    }
  }
  if (known) return who->notify(*std::move(known));
  try {
    std::thread([self = shared_from_this()] { self->work(); }).detach();
  } catch (const std::system_error&) {
    work();  // no thread is to be had: better late than never
  }
}

void name_lookups::work() {
  while (const auto host = next()) answer(*host, resolve_(*host));
}

std::optional<std::string> name_lookups::next() {
  const std::scoped_lock held(lock_);
  while (!line_.empty()) {
    auto host = std::move(line_.front());
    line_.pop_front();
    auto& asked = names_[host];
    if (std::ranges::any_of(asked.askers, [](const auto& a) { return a->is_there(); })) return host;
    asked.askers.clear();
    asked.is_asked_for = false;
  }
  --threads_;
  return std::nullopt;
}

void name_lookups::answer(const std::string& host, const found& what) {
  std::vector<std::shared_ptr<asker>> askers;
  {
    const std::scoped_lock held(lock_);
    auto& asked = names_[host];
    asked.is_asked_for = false;
    asked.last = what;
    asked.last_until = clock::now() + (what.code ? missed_for : kept_for);
    askers.swap(asked.askers);
  }
  for (const auto& who : askers) who->notify(what);
}

/// For one name more: what is old goes, else what is oldest.
void name_lookups::make_place(time_point now) {
  std::erase_if(names_, [now](const auto& entry) {
    return !entry.second.is_asked_for && entry.second.last_until <= now;
  });
  if (names_.size() < names_max) return;
  auto oldest = names_.end();
  for (auto at = names_.begin(); at != names_.end(); ++at) {
    if (at->second.is_asked_for) continue;
    if (oldest == names_.end() || at->second.last_until < oldest->second.last_until) oldest = at;
  }
  if (oldest != names_.end()) names_.erase(oldest);
}

}  // namespace waitstate::client
