#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waitstate::sidecar {

/// Bytes that one side of a proxy may send to make it and the other side see different messages,
/// and what must come of them. Kinds of what has been published about proxies and servers; the
/// bytes are written for this project.
struct http_case {
  std::string_view name;
  std::string bytes;
  /// For requests each message that is seen, " | " between them: "POST /x +5" or "+chunked 15" with
  /// the bytes of its body, " upgrade" where it asks for one, " close" where the client does not
  /// stay, " tunnel" behind CONNECT; at the end the status of a refusal, or "more" when a message
  /// is not whole. For responses of one alone: its status, "+5", "+chunked 15" or "+rest", and
  /// "kept" or "closed"; then " stray 3", the bytes behind it.
  std::string_view wanted;
  std::string_view method = "GET";  ///< That a response answers.
};

/// What clients send. At least a hundred.
[[nodiscard]] std::vector<http_case> request_corpus();
/// What servers send. At least fifty.
[[nodiscard]] std::vector<http_case> response_corpus();

}  // namespace waitstate::sidecar
