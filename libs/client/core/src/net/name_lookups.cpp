#include "net/name_lookups.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr std::size_t system_threads_max = 32;

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
                                                           std::string host, time_point deadline) {
  struct wait_for_name {
    std::shared_ptr<asker> who = std::make_shared<asker>();

    explicit wait_for_name(std::shared_ptr<one_shot<found>> told) { who->told = std::move(told); }
    ~wait_for_name() { who->leave(); }
    wait_for_name(const wait_for_name&) = delete;
    wait_for_name& operator=(const wait_for_name&) = delete;
  };
  const auto told = std::make_shared<one_shot<found>>(co_await asio::this_coro::executor);
  const wait_for_name here(told);
  by->begin({host, here.who});
  auto got = co_await one_shot<found>::take(told, deadline);
  const auto action = fmt::format("resolve '{}'", host);
  if (!got) {
    co_return failure({.code = errc::timed_out, .what = action + ": timed out", .hint = {}});
  }
  if (got->code) co_return failure(from_code(got->code, action));
  co_return std::move(got->addresses);
}

void name_lookups::begin(job wanted) {
  {
    const std::scoped_lock held(lock_);
    waiting_.push_back(std::move(wanted));
    if (threads_ >= threads_max_) return;
    ++threads_;
  }
  try {
    std::thread([self = shared_from_this()] { self->work(); }).detach();
  } catch (const std::system_error&) {
    work();  // no thread is to be had: better late than never
  }
}

void name_lookups::work() {
  for (;;) {
    job next;
    {
      const std::scoped_lock held(lock_);
      if (waiting_.empty()) {
        --threads_;
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (next.second->is_there()) next.second->notify(resolve_(next.first));
  }
}

}  // namespace waitstate::client
