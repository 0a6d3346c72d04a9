#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/message_line.h"
#include "reading/waiting_threads.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// The endpoint as the snapshot holds it: a name becomes a number of the builder's.
[[nodiscard]] tcp::endpoint named_endpoint(snapshot_builder& builder, const text_endpoint& e);

/// EADDRNOTAVAIL of a connect() to an address of IPv6 means that this host has none to send from,
/// unless so many connections are seen that ports may be short. After the whole text.
void settle_destinations(snapshot& s);

/// Where a trace of system calls shows that bind() failed for its address, a program that says that
/// the port is in use is mistaken. After the whole text.
void believe_traces(snapshot& s);

/// Error and kernel lines of one text. An error that does not say which call failed waits for the
/// lines of its stack trace, or of the object that it is printed in; what one error prints on
/// several lines is one message.
class message_collector {
 public:
  explicit message_collector(snapshot_builder& builder) : builder_(builder) {}

  /// Every line that is not blank, before anything else reads it.
  void look_at(std::string_view line);
  /// Takes a line that is a message, or a part of the one before; false where it is none.
  bool take(std::string_view line);
  /// After the last line. Does the text show CLOSE-WAIT? Only beside them are threads that wait for
  /// bytes a trouble: else they wait for the next request.
  void finish(bool shows_close_wait);

  /// Listeners whose queue several lines show, with the longest that was shown of each. Beside
  /// CLOSE-WAIT one line is enough: clients that gave up waited for longer than a burst lasts.
  [[nodiscard]] std::vector<listener> listeners(bool shows_close_wait) const;
  [[nodiscard]] bool saw_kernel_log() const { return saw_kernel_log_; }
  [[nodiscard]] bool saw_errors() const { return saw_errors_; }
  /// The system whose wordings the lines have, where one tells.
  [[nodiscard]] os_family os() const { return os_; }

 private:
  struct open_message {
    message said;
    socket_call call = socket_call::unknown;
    os_family os = os_family::unknown;
    int lines = 0;  ///< Since it was read.
  };

  void add(const message_line& m, std::string_view line);
  void close();
  void learn_from(open_message& open, std::string_view line);
  bool take_peer_of_libpq(message& said, std::string_view text,
                          const std::optional<text_endpoint>& named);
  [[nodiscard]] bool is_part_of_last(const message_line& m, std::string_view line) const;
  void drop_pool_without_server(const message_line& m, std::string_view line);
  bool take_repeats(std::string_view line);
  std::optional<message_line> read_wrapped(std::string_view line);
  void keep_listener(const message_line& m);

  snapshot_builder& builder_;
  std::vector<listener> listeners_;
  std::map<tcp::endpoint, std::uint64_t> looks_;  ///< How many lines show the queue of each.
  waiting_threads threads_;
  std::optional<open_message> open_;
  std::optional<message> last_;
  std::string unfinished_;  ///< A line that ends where the error would stand.
  std::string wrapped_;     ///< The same with the next line: what is read from it points into it.
  int lines_since_last_ = 0;
  std::uint64_t suppressed_ahead_ = 0;
  /// The kernel's messages, each with how often it was said: its rate limit counts what it drops of
  /// all of them together.
  std::map<message_kind, message> of_kernel_;
  /// The call that the line before names, as Python's traceback does.
  socket_call call_before_ = socket_call::unknown;
  socket_call call_here_ = socket_call::unknown;
  /// The call that was typed at the last prompt of an interpreter.
  socket_call typed_call_ = socket_call::unknown;
  /// Does the line before say that a connection is being opened?
  bool connects_before_ = false;
  bool binds_source_here_ = false;  ///< The line before names the source address that is bound.
  bool binds_source_before_ = false;
  bool connects_here_ = false;
  bool saw_kernel_log_ = false;
  bool saw_errors_ = false;
  os_family os_ = os_family::unknown;
};

}  // namespace waitstate::paste
