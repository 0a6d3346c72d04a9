#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "rows/format.h"

namespace waitstate::paste {

/// Both ends of a connection as a row has them.
struct row_ends {
  std::string local_host;
  std::uint16_t local_port = 0;
  std::string remote_host;
  std::uint16_t remote_port = 0;
};

/// Does the format print addresses as hexadecimal digits?
inline bool has_hex_ends(const format& f) {
  return f.example.find("0700000A:0050") != std::string_view::npos;
}

/// The format's example as the row of another connection in CLOSE-WAIT. Hosts of a format with
/// hex ends must have eight hexadecimal digits.
inline std::string example_with(const format& f, const row_ends& ends) {
  std::string text(f.example);
  const auto put = [&](std::string_view host, std::string_view port, const std::string& new_host,
                       const std::string& new_port, std::size_t from) {
    const auto at = text.find(host, from);
    const char mark = text.at(at + host.size());
    const auto put_there = new_host + mark + new_port;
    text.replace(at, host.size() + 1 + port.size(), put_there);
    return at + put_there.size();
  };
  if (has_hex_ends(f)) {
    const auto local =
        put("0700000A", "0050", ends.local_host, fmt::format("{:04X}", ends.local_port), 0);
    put("0800000A", "D753", ends.remote_host, fmt::format("{:04X}", ends.remote_port), local);
    return text;
  }
  const auto local = put("10.0.0.7", "80", ends.local_host, std::to_string(ends.local_port), 0);
  put("10.0.0.8", "55123", ends.remote_host, std::to_string(ends.remote_port), local);
  return text;
}

}  // namespace waitstate::paste
