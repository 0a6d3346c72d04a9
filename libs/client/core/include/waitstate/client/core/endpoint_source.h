#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint_set.h"

namespace waitstate::client {

/// Where the servers of a service are learned from. Publishes a set whenever it changes, and keeps
/// the last good one while it cannot be asked.
///
/// Any thread may call any member.
class endpoint_source {
 public:
  using subscriber = std::function<void(const endpoint_set&)>;

  endpoint_source() = default;
  endpoint_source(const endpoint_source&) = delete;
  endpoint_source& operator=(const endpoint_source&) = delete;
  virtual ~endpoint_source() = default;

  /// Keeps asking until stop(). Spawn it once; a cluster does it for its source.
  virtual asio::awaitable<void> run() = 0;
  virtual void stop() = 0;

  [[nodiscard]] endpoint_set current() const;

  /// Calls `tell` with the current set, now, and with each that follows, in order and one at a
  /// time, on whatever thread publishes; for as long as `alive` is.
  void subscribe(std::weak_ptr<void> alive, subscriber tell);

 protected:
  /// The source could be asked and this is what it says. Puts the list in order, an endpoint that
  /// is there twice counts once; tells nobody when nothing changed.
  void publish(std::vector<weighted_endpoint> endpoints);
  /// The source could not be asked: what was known stays, as stale.
  void publish_failure(error why);

 private:
  void tell_all();

  mutable std::mutex lock_;
  endpoint_set set_;
  std::recursive_mutex telling_;  // held while subscribers run, so that they see sets in order
  std::vector<std::pair<std::weak_ptr<void>, subscriber>> subscribers_;
};

/// A list that never changes.
[[nodiscard]] std::shared_ptr<endpoint_source> static_source(
    std::vector<weighted_endpoint> endpoints);

struct dns_settings {
  std::string host;        ///< The name.
  std::uint16_t port = 0;  ///< Of every address that it has.
  /// How often the name is looked up again, less up to a tenth at random.
  duration refresh = std::chrono::seconds(30);
  /// After a failed look-up; doubles up to `refresh`.
  duration retry = std::chrono::seconds(1);
  /// Who looks the name up: the system's resolver unless set. Asio runs that one on a thread of its
  /// own, as getaddrinfo() blocks.
  std::function<task<std::vector<endpoint>>(std::string host, std::uint16_t port)> resolve;
};

/// The addresses (A and AAAA) that a name has, looked up again and again. With TLS, set
/// dial_settings::tls_host to the name, as the endpoints are addresses.
[[nodiscard]] std::shared_ptr<endpoint_source> dns_source(asio::any_io_executor executor,
                                                          dns_settings settings);

/// A file that parse_endpoint_list() reads, read again when it or its folder changes: written in
/// place, replaced by a rename, or a link that moves. Over 1 MiB it is refused.
///
/// Fails when the file's folder cannot be watched; a file that is missing or wrong only makes the
/// set stale.
[[nodiscard]] result<std::shared_ptr<endpoint_source>> file_source(asio::any_io_executor executor,
                                                                   std::string path);

}  // namespace waitstate::client
