#include "waitstate/client/core/dialer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class dialer_test : public testing::Test {
 protected:
  // OpenSSL in the servers writes to clients that are gone.
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }

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
  EXPECT_EQ(got.error().code, errc::unavailable);
  EXPECT_EQ(got.error().what, "connect " + to_string(nobody) + ": Connection refused");
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
  EXPECT_EQ(got.error().what, "connect " + to_string(server.at()) + ": timed out");
  EXPECT_LT(clock::now() - began, 2s);
}

template <class T, void (*Free)(T*)>
struct freed {
  void operator()(T* what) const { Free(what); }
};
using pkey = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using x509 = std::unique_ptr<X509, freed<X509, X509_free>>;
using ssl_context = std::unique_ptr<SSL_CTX, freed<SSL_CTX, SSL_CTX_free>>;
using ssl_session = std::unique_ptr<SSL, freed<SSL, SSL_free>>;

/// A TLS server's key and a certificate for `name` that it signed itself.
struct identity {
  pkey key{EVP_EC_gen("P-256")};
  x509 certificate{X509_new()};

  explicit identity(const char* name) {
    auto* const c = certificate.get();
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), -60);
    X509_gmtime_adj(X509_getm_notAfter(c), 3600);
    X509_set_pubkey(c, key.get());
    auto* const subject = X509_get_subject_name(c);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(c, subject);
    X509V3_CTX v3;
    X509V3_set_ctx_nodb(&v3);
    X509V3_set_ctx(&v3, c, c, nullptr, nullptr, 0);
    auto* const names = X509V3_EXT_conf_nid(nullptr, &v3, NID_subject_alt_name, name);
    X509_add_ext(c, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(c, key.get(), EVP_sha256());
  }

  /// Answers one byte per byte, encrypted, and `more` in the same record.
  void serve(int socket, std::string_view more = {}) const {
    const ssl_context context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    const ssl_session session(SSL_new(context.get()));
    SSL_set_fd(session.get(), socket);
    if (SSL_accept(session.get()) != 1) return;
    char byte = 0;
    while (SSL_read(session.get(), &byte, 1) == 1) {
      const auto answer = byte + std::string(more);
      if (SSL_write(session.get(), answer.data(), static_cast<int>(answer.size())) <= 0) return;
    }
  }

  /// What a client trusts that trusts this one.
  [[nodiscard]] std::shared_ptr<asio::ssl::context> trusted() const {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context->native_handle()), certificate.get());
    return context;
  }
};

task<char> echo_byte(connection_ptr over) {
  char byte = 'x';
  const auto [unsent, sent] = co_await over->async_write_some(asio::buffer(&byte, 1), as_value);
  if (unsent) co_return failure(from_code(unsent, "write"));
  byte = 0;
  const auto [unread, got] = co_await over->async_read_some(asio::buffer(&byte, 1), as_value);
  if (unread) co_return failure(from_code(unread, "read"));
  co_return byte;
}

TEST_F(dialer_test, speaks_tls_to_a_server_that_it_trusts) {
  const identity known("IP:127.0.0.1");
  const test_server server([&](int socket) { known.serve(socket); });
  const auto made = connect(server.at(), {.tls = known.trusted()});
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_TRUE((*made)->is_tls());
  EXPECT_EQ(io_.await(echo_byte(*made)).value(), 'x');
}

TEST_F(dialer_test, sees_what_tls_has_decrypted_and_nobody_has_read) {
  const identity known("IP:127.0.0.1");
  const test_server polite([&](int socket) { known.serve(socket); });
  const auto clean = connect(polite.at(), {.tls = known.trusted()}).value();
  EXPECT_EQ(io_.await(echo_byte(clean)).value(), 'x');
  EXPECT_FALSE(clean->is_dirty());
  EXPECT_EQ(io_.await(echo_byte(clean)).value(), 'x') << "looking changes nothing";
  const test_server stray([&](int socket) { known.serve(socket, "more"); });
  const auto dirty = connect(stray.at(), {.tls = known.trusted()}).value();
  EXPECT_EQ(io_.await(echo_byte(dirty)).value(), 'x');
  EXPECT_TRUE(dirty->is_dirty()) << "the next reader would take it for its answer";
}

TEST_F(dialer_test, verifies_the_certificate_by_default) {
  const identity unknown("IP:127.0.0.1");
  const test_server server([&](int socket) { unknown.serve(socket); });
  const auto system = connect(server.at(), {.tls = verifying_tls().value()});
  ASSERT_FALSE(system);
  EXPECT_NE(system.error().what.find("certificate verify failed"), std::string::npos)
      << system.error().what;
  // A context of the user's own, that was never told to verify.
  const auto bare = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  EXPECT_FALSE(connect(server.at(), {.tls = bare}));
  EXPECT_TRUE(connect(server.at(), {.tls = bare, .tls_verify = false}));
}

TEST_F(dialer_test, verifies_the_name_in_the_certificate) {
  const identity other("DNS:other.example");
  const test_server server([&](int socket) { other.serve(socket); });
  EXPECT_FALSE(connect(server.at(), {.tls = other.trusted()}));
  EXPECT_TRUE(connect(server.at(), {.tls = other.trusted(), .tls_host = "other.example"}));
}

}  // namespace
}  // namespace waitstate::client
