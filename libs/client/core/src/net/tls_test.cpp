#include "net/tls.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

template <class T, void (*Free)(T*)>
struct freed {
  void operator()(T* what) const { Free(what); }
};
using pkey = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using x509 = std::unique_ptr<X509, freed<X509, X509_free>>;
using ssl_context = std::unique_ptr<SSL_CTX, freed<SSL_CTX, SSL_CTX_free>>;
using ssl_session = std::unique_ptr<SSL, freed<SSL, SSL_free>>;

/// What a certificate says.
struct certified {
  const char* names = nullptr;  ///< "DNS:a.example,IP:127.0.0.1"; null: it has no subjectAltNames.
  const char* common_name = "test";
  long begins = -60;  ///< Seconds from now.
  long ends = 3600;
};

/// A TLS server's key and a certificate that it signed itself.
struct identity {
  pkey key{EVP_EC_gen("P-256")};
  x509 certificate{X509_new()};
  int version_max = 0;  ///< 0: the newest.

  explicit identity(const certified& says) {
    auto* const c = certificate.get();
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), says.begins);
    X509_gmtime_adj(X509_getm_notAfter(c), says.ends);
    X509_set_pubkey(c, key.get());
    auto* const subject = X509_get_subject_name(c);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(says.common_name), -1, -1, 0);
    X509_set_issuer_name(c, subject);
    if (says.names != nullptr) add_names(says.names);
    X509_sign(c, key.get(), EVP_sha256());
  }

  void add_names(const char* names) const {
    auto* const c = certificate.get();
    X509V3_CTX v3;
    X509V3_set_ctx_nodb(&v3);
    X509V3_set_ctx(&v3, c, c, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &v3, NID_subject_alt_name, names);
    X509_add_ext(c, extension, -1);
    X509_EXTENSION_free(extension);
  }

  /// Answers one byte per byte, encrypted, and `more` in the same record.
  void serve(int socket, std::string_view more = {}) const {
    const ssl_context context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    SSL_CTX_set_security_level(context.get(), 0);  // or it would not speak TLS 1.1 at all
    SSL_CTX_set_max_proto_version(context.get(), version_max);
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

class tls_test : public testing::Test {
 protected:
  // OpenSSL in the servers writes to clients that are gone.
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }

  result<connection_ptr> connect(const endpoint& to, const dial_settings& settings) {
    return io_.await(dial(io_.executor(), to, settings, 0, clock::now() + 5s));
  }

  /// Why a server with this certificate, which is trusted, is refused; empty when it is not.
  std::string refused(const certified& says, const std::string& host) {
    const identity known(says);
    const test_server server([&](int socket) { known.serve(socket); });
    const auto got = connect(server.at(), {.tls = known.trusted(), .tls_host = host});
    return got ? "" : got.error().what;
  }

  test_io io_;
};

TEST_F(tls_test, speaks_to_a_server_that_it_trusts) {
  const identity known({.names = "IP:127.0.0.1"});
  const test_server server([&](int socket) { known.serve(socket); });
  const auto made = connect(server.at(), {.tls = known.trusted()});
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_TRUE((*made)->is_tls());
  EXPECT_EQ(io_.await(echo_byte(*made)).value(), 'x');
}

TEST_F(tls_test, sees_what_was_decrypted_and_nobody_has_read) {
  const identity known({.names = "IP:127.0.0.1"});
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

TEST_F(tls_test, verifies_the_certificate_by_default) {
  const identity unknown({.names = "IP:127.0.0.1"});
  const test_server server([&](int socket) { unknown.serve(socket); });
  const auto system = connect(server.at(), {.tls = verifying_tls().value()});
  ASSERT_FALSE(system);
  EXPECT_EQ(system.error().what,
            "TLS with '127.0.0.1': the certificate was refused: self-signed certificate");
  EXPECT_NE(system.error().hint, "");
  // A context of the user's own, that was never told to verify.
  const auto bare = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  EXPECT_FALSE(connect(server.at(), {.tls = bare}));
  EXPECT_TRUE(connect(server.at(), {.tls = bare, .tls_verify = false}));
}

TEST_F(tls_test, says_what_is_wrong_with_a_certificate) {
  const std::string start = "TLS with 'a.example': the certificate was refused: ";
  EXPECT_EQ(refused({.names = "DNS:a.example", .begins = -7200, .ends = -3600}, "a.example"),
            start + "certificate has expired");
  EXPECT_EQ(refused({.names = "DNS:a.example", .begins = 3600}, "a.example"),
            start + "certificate is not yet valid");
  EXPECT_EQ(refused({.names = "DNS:b.example"}, "a.example"), start + "hostname mismatch");
  EXPECT_EQ(refused({.names = "IP:127.0.0.2"}, ""),
            "TLS with '127.0.0.1': the certificate was refused: IP address mismatch");
}

TEST_F(tls_test, goes_by_the_alternative_names_alone) {
  EXPECT_EQ(refused({.names = "DNS:a.example"}, "a.example"), "");
  EXPECT_EQ(refused({.names = "DNS:a.example"}, "a.example."), "") << "the root's dot";
  EXPECT_EQ(refused({.names = "DNS:*.example.test"}, "www.example.test"), "");
  EXPECT_NE(refused({.names = "DNS:w*.example.test"}, "www.example.test"), "");
  EXPECT_NE(refused({.names = "DNS:*.test"}, "www.example.test"), "");
  EXPECT_NE(refused({.common_name = "a.example"}, "a.example"), "");
  EXPECT_NE(refused({.names = "DNS:127.0.0.1"}, ""), "") << "an address is no name";
}

TEST_F(tls_test, speaks_nothing_older_than_1_2) {
  identity old({.names = "IP:127.0.0.1"});
  const test_server server([&](int socket) { old.serve(socket); });
  const auto lenient = old.trusted();
  SSL_CTX_set_security_level(lenient->native_handle(), 0);
  for (const auto& [version, is_spoken] :
       {std::pair(TLS1_VERSION, false), std::pair(TLS1_1_VERSION, false),
        std::pair(TLS1_2_VERSION, true), std::pair(TLS1_3_VERSION, true)}) {
    old.version_max = version;
    const auto got = connect(server.at(), {.tls = lenient});
    EXPECT_EQ(got.has_value(), is_spoken) << version;
  }
}

/// Sockets of this host towards a port that are in TIME-WAIT.
int in_time_wait_towards(std::uint16_t port) {
  std::ifstream table("/proc/net/tcp");
  std::array<char, 16> far_end{};
  std::snprintf(far_end.data(), far_end.size(), ":%04X 06 ", port);
  int count = 0;
  for (std::string line; std::getline(table, line);) {
    count += line.find(far_end.data()) != std::string::npos ? 1 : 0;
  }
  return count;
}

TEST_F(tls_test, a_handshake_that_fails_leaves_no_time_wait_here) {
  const identity server_identity({.names = "IP:127.0.0.1"});
  const test_server server([&](int socket) {
    server_identity.serve(socket);
    char byte = 0;
    while (::recv(socket, &byte, 1, 0) > 0) {
    }
  });
  const identity another({.names = "IP:127.0.0.1"});
  const dial_settings distrusting{.tls = another.trusted(), .tls_host = "127.0.0.1"};
  for (int i = 0; i < 10; ++i) {
    const auto refused = connect(server.at(), distrusting);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::tls);
  }
  EXPECT_EQ(in_time_wait_towards(server.at().port), 0);
  EXPECT_EQ(server.accepted(), 10);
}

}  // namespace
}  // namespace waitstate::client
