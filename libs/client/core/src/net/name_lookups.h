#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Names looked up beside each other: getaddrinfo() blocks and cannot be cancelled, so each look-up
/// has a thread for as long as it takes. A name that is slow or dead delays nobody else, and nobody
/// waits for it past the deadline, or when the executor ends.
///
/// Any thread may call any member.
class name_lookups : public std::enable_shared_from_this<name_lookups> {
 public:
  struct found {
    boost::system::error_code code;
    std::vector<asio::ip::address> addresses;
  };
  using resolver = std::function<found(const std::string& host)>;

  /// `resolve` may block; past `threads_max` of them names wait in line.
  name_lookups(resolver resolve, std::size_t threads_max);

  /// Those of the process, with the system's resolver.
  static const std::shared_ptr<name_lookups>& of_the_system();

  /// Fails with errc::name_not_found when there is no such name, and says what the resolver said.
  static task<std::vector<asio::ip::address>> look_up(std::shared_ptr<name_lookups> by,
                                                      std::string host, time_point deadline);

 private:
  struct asker;
  using job = std::pair<std::string, std::shared_ptr<asker>>;

  void begin(job wanted);
  void work();

  const resolver resolve_;
  const std::size_t threads_max_;
  std::mutex lock_;
  std::deque<job> waiting_;  // with lock_
  std::size_t threads_ = 0;  // with lock_
};

}  // namespace waitstate::client
