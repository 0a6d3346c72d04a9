#pragma once

#include <string>
#include <string_view>

namespace waitstate::sidecar {

/// The end of a tunnel to a server, by RESET and QUIT: whatever was said before is answered when
/// the server closes, also to one that wanted no replies. Knows no socket.
class redis_farewell {
 public:
  /// `answer`: what the client is told in place of the server's answers to these two.
  explicit redis_farewell(std::string_view answer) : answer_(answer) {}

  /// What is sent.
  [[nodiscard]] static std::string_view request();
  /// Bytes of the server: appends what is for the client.
  void take(std::string_view bytes, std::string& out);
  /// The server has closed: appends the rest. False: it has not said that it did both.
  [[nodiscard]] bool ended(std::string& out);

 private:
  std::string_view answer_;
  std::string kept_;  // the last bytes, which may be the end
};

}  // namespace waitstate::sidecar
