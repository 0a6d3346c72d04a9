#include "waitstate/client/core/dialer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "net/server_addresses.h"
#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class dialer_test : public testing::Test {
 protected:
  result<connection_ptr> connect(const endpoint& to, const dial_settings& settings,
                                 std::uint64_t turn = 0, duration within = 5s) {
    return io_.await(dial(io_.executor(), to, settings, turn, clock::now() + within));
  }

  test_io io_;
};

TEST_F(dialer_test, says_whom_it_could_not_reach) {
  endpoint nobody;
  {
    const test_server gone(test_server::read_to_end);
    nobody = gone.at();
  }
  const auto got = connect(nobody, {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::refused);
  EXPECT_EQ(got.error().cause, std::errc::connection_refused);
  EXPECT_EQ(got.error().what, "connect " + to_string(nobody) + ": Connection refused");
}

TEST_F(dialer_test, says_which_address_of_a_name_refused_and_how_to_look) {
  std::uint16_t port = 0;
  {
    const test_server gone(test_server::read_to_end);
    port = gone.at().port;
  }
  const auto known = std::make_shared<server_addresses>();
  const endpoint address{.host = "127.0.0.1", .port = port};
  known->use({address_of(address).value()});
  const endpoint name{.host = "search", .port = 80};
  const auto got = io_.await(dial(io_.executor(), name, {}, 0, clock::now() + 5s, {}, known));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "connect search:80 (" + to_string(address) + "): Connection refused");
  EXPECT_NE(got.error().hint.find("sport = :80"), std::string::npos);
}

TEST_F(dialer_test, spreads_connections_over_source_addresses) {
  std::mutex lock;
  std::set<std::string> sources;
  const test_server server([&](int socket) {
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    ::getpeername(socket, reinterpret_cast<sockaddr*>(&from), &size);
    {
      const std::scoped_lock held(lock);
      sources.insert(::inet_ntoa(from.sin_addr));
    }
    test_server::read_to_end(socket);
  });
  // The one of the other family is left out.
  const dial_settings settings{.source_addresses = {"127.0.0.2", "::1", "127.0.0.3"}};
  std::vector<connection_ptr> held;
  for (std::uint64_t turn = 0; turn < 4; ++turn) {
    const auto made = connect(server.at(), settings, turn);
    ASSERT_TRUE(made) << made.error().what;
    held.push_back(*made);
    int shares_ports = 0;
    socklen_t size = sizeof(shares_ports);
    ::getsockopt((*made)->native_handle(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, &shares_ports, &size);
    EXPECT_EQ(shares_ports, 1);
  }
  EXPECT_TRUE(soon([&] {
    const std::scoped_lock held_lock(lock);
    return sources == std::set<std::string>{"127.0.0.2", "127.0.0.3"};
  }));
}

TEST_F(dialer_test, a_source_address_that_is_not_ours_is_named) {
  const test_server server(test_server::read_to_end);
  const auto got = connect(server.at(), {.source_addresses = {"192.0.2.1"}});
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("bind to source address '192.0.2.1'"), std::string::npos);
  EXPECT_TRUE(is_own_shortage(got.error()));
}

TEST_F(dialer_test, connects_to_unix_sockets) {
  auto folder = (std::filesystem::temp_directory_path() / "waitstate-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = folder + "/socket";
  const fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(at.sun_path), sizeof(at.sun_path) - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  ASSERT_EQ(::listen(listener.get(), 8), 0);
  EXPECT_TRUE(connect({.host = path}, {.source_addresses = {"127.0.0.2"}}));
  std::filesystem::remove_all(folder);
  const auto gone = connect({.host = path}, {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().what, "connect unix:" + path + ": No such file or directory");
}

TEST_F(dialer_test, gives_up_at_the_deadline) {
  const test_server server(test_server::read_to_end);
  const auto began = clock::now();
  // It never answers the handshake.
  const auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  const auto got = connect(server.at(), {.tls = context}, 0, 100ms);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::timed_out);
  EXPECT_EQ(got.error().what, "TLS with " + to_string(server.at()) + ": timed out");
  EXPECT_LT(clock::now() - began, 2s);
}

}  // namespace
}  // namespace waitstate::client
