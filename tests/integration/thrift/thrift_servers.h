#pragma once

#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/client.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {

enum class server_kind {
  plain,    ///< Apache Thrift in C++, framed.
  compact,  ///< The same, in TCompactProtocol.
  python,   ///< Apache Thrift in Python, framed.
  upgraded,
  mux,
};

[[nodiscard]] inline std::string_view to_string(server_kind kind) {
  switch (kind) {
    case server_kind::plain: return "plain";
    case server_kind::compact: return "compact";
    case server_kind::python: return "python";
    case server_kind::upgraded: return "upgraded";
    case server_kind::mux: return "mux";
  }
  return {};
}

/// For GoogleTest's messages.
inline void PrintTo(server_kind kind, std::ostream* out) {
  *out << to_string(kind);
}

/// A server of the echo service on a free port, which listens.
class thrift_server {
 public:
  thrift_server(server_kind kind, const std::string& name, const netlab::temporary_folder& folder,
                const std::vector<std::string>& more = {})
      : port_(netlab::free_port()), process_(command(kind, name, port_, more), folder.path()) {
    if (!netlab::wait_for_port(port_))
      throw std::runtime_error("the Thrift server does not listen");
  }

  [[nodiscard]] client::endpoint at() const { return {.host = "127.0.0.1", .port = port_}; }
  [[nodiscard]] netlab::server_process& process() { return process_; }

 private:
  static std::vector<std::string> command(server_kind kind, const std::string& name,
                                          std::uint16_t port,
                                          const std::vector<std::string>& more) {
    if (kind == server_kind::python) {
      return {"/usr/bin/python3", WAITSTATE_THRIFT_SERVER_PY, WAITSTATE_THRIFT_GEN_PY,
              std::to_string(port), name};
    }
    std::vector<std::string> words{
        WAITSTATE_THRIFT_SERVER,     "--port", std::to_string(port), "--name", name, "--kind",
        std::string(to_string(kind))};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  const std::uint16_t port_;
  netlab::server_process process_;
};

}  // namespace waitstate::integration_test
