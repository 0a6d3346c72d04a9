#pragma once

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/http/http_service.h"

namespace waitstate::client {

/// Reads up to the end of a request's head; empty when the client closed.
inline std::string read_head(int socket) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::read(socket, &byte, 1) != 1) return {};
    head += byte;
  }
  return head;
}

inline std::string read_bytes(int socket, std::size_t count) {
  std::string all(count, 0);
  std::size_t got = 0;
  while (got < count) {
    const auto n = ::read(socket, all.data() + got, count - got);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  all.resize(got);
  return all;
}

/// The same bytes for every request, as long as the client keeps the connection.
inline test_server::behaviour answers(std::string bytes) {
  return [bytes](int socket) {
    while (!read_head(socket).empty() && send_all(socket, bytes)) {
    }
  };
}

/// The bytes for one request, then the end.
inline test_server::behaviour answers_once(std::string bytes) {
  return [bytes](int socket) {
    if (!read_head(socket).empty()) send_all(socket, bytes);
  };
}

inline const std::string hi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class http_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& c : made_) c->stop();
    made_.clear();
    io_.stop();
  }

  http_service service(const test_server& at, http_settings settings = {},
                       cluster_settings over = {}) {
    auto made = cluster::make(io_.executor(), static_source({{.at = at.at()}}), std::move(over));
    made_.push_back(*made);
    io_.spawn((*made)->run());
    return http_service(*made, std::move(settings));
  }

  result<http_response> get(const http_service& from, duration within = std::chrono::seconds(5)) {
    return io_.await(from.request(http_get("/x"), clock::now() + within));
  }

  static endpoint_metrics metrics(const http_service& of) {
    return of.over()->metrics().endpoints.at(0);
  }

  /// The connection of the call that ended is idle in the pool, or it is gone.
  static testing::AssertionResult is_kept(const http_service& of) {
    const auto m = metrics(of);
    if (m.leased != 0) return testing::AssertionFailure() << "it is still leased";
    if (m.idle == 1) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it was dropped";
  }

  /// One call, and what became of its connection.
  std::string one(const test_server::behaviour& serve, http_settings settings = {},
                  duration within = std::chrono::seconds(5)) {
    const test_server server(serve);
    const auto from = service(server, std::move(settings));
    const auto got = get(from, within);
    std::string text = got ? std::to_string(got->status) + " " + got->body : got.error().what;
    if (!got) text = text.substr(text.find("': ") + 3);
    text += is_kept(from) ? ", kept" : ", dropped";
    made_.back()->stop();
    return text;
  }

  test_io io_{2};
  std::vector<std::shared_ptr<cluster>> made_;
};

}  // namespace waitstate::client
