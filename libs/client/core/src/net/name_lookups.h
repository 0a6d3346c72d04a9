#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Names looked up beside each other: getaddrinfo() blocks and cannot be cancelled, so each look-up
/// has a thread for as long as it takes. A name that is slow or dead delays nobody else, and nobody
/// waits for it past the deadline, or when the executor ends. Whoever asks for a name that is being
/// looked up waits for the same answer, so that each name has one thread at most.
///
/// An answer serves others for a few seconds (`kept_for`), that there is none for one second: the
/// system's resolver does not say for how long it may.
///
/// Any thread may call any member.
class name_lookups : public std::enable_shared_from_this<name_lookups> {
 public:
  struct found {
    boost::system::error_code code;
    std::vector<asio::ip::address> addresses;
  };
  using resolver = std::function<found(const std::string& host)>;
  static constexpr duration kept_for = std::chrono::seconds(5);
  static constexpr duration missed_for = std::chrono::seconds(1);
  static constexpr std::size_t names_max = 1024;  ///< Whose answers are kept.

  /// Whether an answer of a moment ago will do.
  enum class how_new : std::uint8_t { of_late, now };

  /// `resolve` may block; past `threads_max` of them names wait in line.
  name_lookups(resolver resolve, std::size_t threads_max);

  /// Those of the process, with the system's resolver.
  static const std::shared_ptr<name_lookups>& of_the_system();

  /// Fails with errc::name_not_found when there is no such name, and says what the resolver said.
  static task<std::vector<asio::ip::address>> look_up(std::shared_ptr<name_lookups> by,
                                                      std::string host, time_point deadline,
                                                      how_new wanted = how_new::of_late);

 private:
  struct asker;
  struct name {
    bool is_asked_for = false;  // in line, or being looked up
    std::vector<std::shared_ptr<asker>> askers;
    std::size_t look_through_at = 64;
    found last;
    time_point last_until{};
  };

  void begin(const std::string& host, const std::shared_ptr<asker>& who, how_new wanted);
  void work();
  /// The next name that somebody still waits for.
  std::optional<std::string> next();
  void answer(const std::string& host, const found& what);
  void make_place(time_point now);  // with lock_

  const resolver resolve_;
  const std::size_t threads_max_;
  std::mutex lock_;
  std::map<std::string, name> names_;  // with lock_; names_max, and those that are asked for
  std::deque<std::string> line_;       // with lock_
  std::size_t threads_ = 0;            // with lock_
};

}  // namespace waitstate::client
