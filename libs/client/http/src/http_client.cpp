#include "waitstate/client/http/http_client.h"

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>

#include "http_proxy.h"
#include "http_redirect.h"
#include "waitstate/client/core/cancellable.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {
namespace {

struct host {
  explicit host(http_service s) : service(std::move(s)) {}

  const http_service service;
  std::uint32_t calls = 0;  // under way; guarded by the client's lock, like the next one
  time_point last_used{};
};

using host_key = std::tuple<bool, std::string, std::uint16_t>;
using host_ptr = std::shared_ptr<host>;

/// Always with a port, which CONNECT wants.
std::function<task<>(connection_ptr)> tunnel_to(const http_url& url, const http_proxy& by) {
  auto authority = to_string(endpoint{.host = url.host, .port = url.port});
  return
      [by, authority](connection_ptr over) { return open_tunnel(std::move(over), by, authority); };
}

bool is_address(const std::string& text) {
  boost::system::error_code none;
  asio::ip::make_address(text, none);
  return !none;
}

}  // namespace

struct http_client::state : std::enable_shared_from_this<http_client::state> {
  state(asio::any_io_executor e, http_client_settings s)
      : executor(std::move(e)),
        settings(std::move(s)),
        proxies(settings.proxies ? *settings.proxies : http_proxies_of_environment()),
        room(std::make_shared<capacity>(settings.connections_max)) {}

  /// The host of a URL, with one call more under way.
  result<host_ptr> enter(const http_url& url);
  void leave(host& left);
  void stop();

  const asio::any_io_executor executor;
  const http_client_settings settings;
  const http_proxies proxies;
  const std::shared_ptr<capacity> room;
  std::mutex lock;
  std::map<host_key, host_ptr> hosts;
  std::shared_ptr<asio::ssl::context> tls;
  bool stopped = false;

 private:
  result<host_ptr> make_host(const http_url& url);
  result<> secure(const http_url& url, dial_settings& dial);
  std::vector<host_ptr> make_place(time_point now);
  bool make_room();
};

namespace {

/// A call under way at a host.
class call_at_host {
 public:
  call_at_host(std::shared_ptr<http_client::state> of, host_ptr at)
      : of_(std::move(of)), at_(std::move(at)) {}
  ~call_at_host() { of_->leave(*at_); }
  call_at_host(const call_at_host&) = delete;
  call_at_host& operator=(const call_at_host&) = delete;

  [[nodiscard]] const http_service& service() const { return at_->service; }

 private:
  const std::shared_ptr<http_client::state> of_;
  const host_ptr at_;
};

}  // namespace

void http_client::state::leave(host& left) {
  const std::scoped_lock held(lock);
  --left.calls;
  left.last_used = clock::now();
}

result<host_ptr> http_client::state::enter(const http_url& url) {
  const auto now = clock::now();
  std::vector<host_ptr> gone;
  host_ptr found;
  {
    const std::scoped_lock held(lock);
    if (stopped) {
      return failure({.code = errc::cancelled, .what = "http client: it was stopped", .hint = {}});
    }
    auto& place = hosts[{url.is_tls, url.host, url.port}];
    if (!place) {
      gone = make_place(now);
      auto made = make_host(url);
      if (!made) {
        hosts.erase({url.is_tls, url.host, url.port});
        return made;
      }
      place = *std::move(made);
    }
    found = place;
    ++found->calls;
    found->last_used = now;
  }
  for (const auto& old : gone) old->service.over()->stop();
  return found;
}

/// Takes out hosts that were not used for long, and as many more of those without a call as the
/// limit asks for.
std::vector<host_ptr> http_client::state::make_place(time_point now) {
  std::vector<host_ptr> gone;
  std::erase_if(hosts, [&](const auto& entry) {
    const auto& h = entry.second;
    if (!h || h->calls > 0 || now - h->last_used < settings.host_idle_max) return false;
    gone.push_back(h);
    return true;
  });
  while (hosts.size() > settings.hosts_max) {  // the new one is there already, empty
    auto oldest = hosts.end();
    for (auto at = hosts.begin(); at != hosts.end(); ++at) {
      if (!at->second || at->second->calls > 0) continue;
      if (oldest == hosts.end() || at->second->last_used < oldest->second->last_used) oldest = at;
    }
    if (oldest == hosts.end()) break;
    gone.push_back(oldest->second);
    hosts.erase(oldest);
  }
  return gone;
}

/// Closes the connection that has been idle for longest, at whatever host.
bool http_client::state::make_room() {
  std::vector<std::shared_ptr<cluster>> all;
  {
    const std::scoped_lock held(lock);
    for (const auto& [key, h] : hosts) {
      if (h) all.push_back(h->service.over());
    }
  }
  std::shared_ptr<cluster> best;
  std::optional<time_point> oldest;
  for (const auto& c : all) {
    const auto since = c->oldest_idle_since();
    if (!since || (oldest && *oldest <= *since)) continue;
    oldest = since;
    best = c;
  }
  return best && best->evict_oldest_idle();
}

result<> http_client::state::secure(const http_url& url, dial_settings& dial) {
  dial.tls_host = url.host;
  dial.tls_files = settings.tls_files;
  if (dial.tls_files) return {};
  if (!tls) tls = settings.tls;
  if (!tls) {
    auto made = verifying_tls();
    if (!made) return failure(std::move(made).error());
    tls = *std::move(made);
  }
  dial.tls = tls;
  return {};
}

result<host_ptr> http_client::state::make_host(const http_url& url) {
  auto wanted = settings.cluster;
  wanted.name = fmt::format("{}://{}", url.is_tls ? "https" : "http", url.authority());
  wanted.fail_while_unknown = true;
  wanted.make_room = [weak = weak_from_this()] {
    const auto self = weak.lock();
    return self && self->make_room();
  };
  auto http = settings.http;
  http.host = url.authority();
  const auto via = http_proxy_for(url, proxies);
  if (!via) return failure(via.error());
  const auto to = *via ? endpoint{.host = (*via)->host, .port = (*via)->port}
                       : endpoint{.host = url.host, .port = url.port};
  wanted.pool.dial.tls.reset();
  if (url.is_tls) {
    if (auto fine = secure(url, wanted.pool.dial); !fine) return failure(fine.error());
    if (*via) wanted.pool.dial.before_tls = tunnel_to(url, **via);
  } else if (*via) {
    http.target_prefix = fmt::format("http://{}", url.authority());
    http.proxy_authorization = (*via)->authorization;
  }
  std::shared_ptr<endpoint_source> source;
  if (is_address(to.host)) {
    source = static_source({{.at = to}});
  } else {
    auto dns = settings.dns;
    dns.host = to.host;
    dns.port = to.port;
    source = dns_source(executor, std::move(dns));
  }
  auto made = cluster::make(executor, std::move(source), std::move(wanted), room);
  if (!made) return failure(std::move(made).error());
  asio::co_spawn(executor, (*made)->run(), asio::detached);
  return std::make_shared<host>(http_service(*std::move(made), std::move(http)));
}

void http_client::state::stop() {
  std::map<host_key, host_ptr> all;
  {
    const std::scoped_lock held(lock);
    stopped = true;
    all.swap(hosts);
  }
  for (const auto& [key, h] : all) h->service.over()->stop();
}

namespace {

/// A request on its way, one redirect after the other. There is one of it, however far it goes: a
/// body may be large.
struct followed_request {
  http_request request;  ///< As http_service takes it: its target is a path.
  http_url url;
  std::uint32_t followed = 0;
};

/// The request's target is a URL; it goes there next.
result<> set_out(followed_request& now) {
  auto url = parse_http_url(now.request.target);
  if (!url) return failure(std::move(url).error());
  now.url = *std::move(url);
  now.request.target = now.url.target;
  return {};
}

/// True when there is another request to make.
result<bool> follow(followed_request& now, const http_response& response,
                    std::uint32_t followed_max) {
  if (now.followed == followed_max) return false;
  auto goes_on = redirect(now.request, now.url, response);
  if (!goes_on || !*goes_on) return goes_on;
  ++now.followed;
  if (auto fine = set_out(now); !fine) return failure(std::move(fine).error());
  return true;
}

/// A sink that is not given the body of a redirect that will be followed.
std::function<result<>(const http_response&, std::string_view)> final_only(
    std::function<result<>(const http_response&, std::string_view)> sink,
    const followed_request& now, std::uint32_t followed_max) {
  if (!sink || followed_max == 0) return sink;
  return [sink = std::move(sink), &now, followed_max](const http_response& head,
                                                      std::string_view piece) -> result<> {
    const bool is_followed = now.followed < followed_max && is_redirect(head.status) &&
                             head.headers.find("Location").has_value();
    return is_followed ? result<>{} : sink(head, piece);
  };
}

task<http_response> request_from(std::shared_ptr<http_client::state> self, http_request request,
                                 http_call_options options) {
  followed_request now{.request = std::move(request), .url = {}};
  if (auto fine = set_out(now); !fine) co_return failure(std::move(fine).error());
  const auto followed_max = self->settings.follow_redirects_max;
  options.on_body = final_only(std::move(options.on_body), now, followed_max);
  for (;;) {
    auto at = self->enter(now.url);
    if (!at) co_return failure(std::move(at).error());
    const call_at_host here(self, *std::move(at));
    auto got = co_await here.service().request_kept(&now.request, options);
    if (!got) co_return got;
    const auto goes_on = follow(now, *got, followed_max);
    if (!goes_on) co_return failure(goes_on.error());
    if (!*goes_on) co_return got;
  }
}

task<http_stream> open_from(std::shared_ptr<http_client::state> self, http_request request,
                            http_call_options options) {
  followed_request now{.request = std::move(request), .url = {}};
  if (auto fine = set_out(now); !fine) co_return failure(std::move(fine).error());
  for (;;) {
    auto at = self->enter(now.url);
    if (!at) co_return failure(std::move(at).error());
    const call_at_host here(self, *std::move(at));
    auto got = co_await here.service().open_kept(&now.request, options);
    if (!got) co_return got;
    const auto goes_on = follow(now, got->head(), self->settings.follow_redirects_max);
    if (!goes_on) co_return failure(goes_on.error());
    if (!*goes_on) co_return got;
  }
}

}  // namespace

http_client::http_client(asio::any_io_executor executor, http_client_settings settings)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings))) {}

task<http_response> http_client::request(http_request request, http_call_options options) const {
  return cancellable(request_from(state_, std::move(request), std::move(options)));
}

task<http_stream> http_client::open(http_request request, http_call_options options) const {
  return cancellable(open_from(state_, std::move(request), std::move(options)));
}

task<http_response> http_client::request(http_request request, time_limit deadline,
                                         std::source_location where) const {
  return this->request(std::move(request), {.deadline = deadline, .where = where});
}

void http_client::stop() const {
  state_->stop();
}

std::vector<std::shared_ptr<cluster>> http_client::clusters() const {
  const std::scoped_lock held(state_->lock);
  std::vector<std::shared_ptr<cluster>> all;
  for (const auto& [key, h] : state_->hosts) {
    if (h) all.push_back(h->service.over());
  }
  return all;
}

}  // namespace waitstate::client
