#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "http_test.h"
#include "test_server.h"
#include "waitstate/client/http/blocking_http.h"
#include "waitstate/client/http/http_client.h"

namespace {

constexpr std::size_t body_size = std::size_t{8} << 20;
std::atomic<int> allocations_of_a_body{0};

}  // namespace

// Those of this whole program: how often was there room made for a body? A sanitizer has an
// allocator of its own, which tells the same by a hook.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WAITSTATE_SANITIZED_ALLOCATOR
#endif
#endif

#ifdef WAITSTATE_SANITIZED_ALLOCATOR
#include <sanitizer/allocator_interface.h>

namespace {

void count(const volatile void* /*made*/, std::size_t size) {
  if (size >= body_size) ++allocations_of_a_body;
}
[[maybe_unused]] const int installed =
    __sanitizer_install_malloc_and_free_hooks(count, [](const volatile void* /*freed*/) {});

}  // namespace
#else
void* operator new(std::size_t size) {
  if (size >= body_size) ++allocations_of_a_body;
  if (void* const made = std::malloc(size > 0 ? size : 1)) return made;
  throw std::bad_alloc();
}
void operator delete(void* freed) noexcept {
  std::free(freed);
}
void operator delete(void* freed, std::size_t /*size*/) noexcept {
  std::free(freed);
}
#endif

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

void read_away(int socket, std::size_t count) {
  std::array<char, 65'536> piece;
  while (count > 0) {
    const auto got = ::read(socket, piece.data(), std::min(count, piece.size()));
    if (got <= 0) return;
    count -= static_cast<std::size_t>(got);
  }
}

TEST(http_body_copies, a_client_copies_no_body_through_redirects_either) {
  const test_server server([](int socket) {
    for (auto head = read_head(socket); !head.empty(); head = read_head(socket)) {
      read_away(socket, body_size);
      const bool is_first = head.starts_with("POST /first ");
      send_all(socket, is_first
                           ? "HTTP/1.1 307 On\r\nContent-Length: 0\r\nLocation: /second\r\n\r\n"
                           : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  io_threads background;
  blocking_http http(background, {.follow_redirects_max = 1});
  auto request = http_post("http://" + to_string(server.at()) + "/first",
                           std::string(body_size, 'b'), "text/plain");
  allocations_of_a_body = 0;
  const auto got = http.request(std::move(request), 20s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(allocations_of_a_body, 0);
}

}  // namespace
}  // namespace waitstate::client
