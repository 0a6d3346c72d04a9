#include "net/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include "net/tls_sessions.h"

namespace waitstate::client {
namespace {

struct expected_name {
  std::string text;
  bool is_address = false;
};

expected_name expected(const dial_settings& settings, const endpoint& remote) {
  expected_name name{.text = settings.tls_host.empty() ? remote.host : settings.tls_host};
  boost::system::error_code not_address;
  asio::ip::make_address(name.text, not_address);
  name.is_address = !not_address;
  // The root's dot is no part of what a certificate says.
  if (!name.is_address && name.text.ends_with('.')) name.text.pop_back();
  return name;
}

void expect(SSL* tls, const expected_name& name) {
  auto* const wanted = SSL_get0_param(tls);
  if (name.is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, name.text.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(wanted, name.text.c_str(), name.text.size());
}

/// What the person can do about a certificate that was refused.
std::string advice(long verified, const endpoint& remote) {
  switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "renew it, or set this machine's clock";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "set this machine's clock";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "openssl s_client -connect {} </dev/null | openssl x509 -noout -ext subjectAltName",
          to_string(remote));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "give the context the issuer's certificate: load_verify_file()";
    default: return {};
  }
}

failure refused(SSL* tls, const boost::system::error_code& code, const expected_name& name,
                const endpoint& remote) {
  const auto action = fmt::format("TLS with '{}'", name.text);
  const long verified = SSL_get_verify_result(tls);
  if (verified == X509_V_OK || SSL_get_verify_mode(tls) == SSL_VERIFY_NONE) {
    return failure(from_code(code, action));
  }
  return failure({.code = errc::tls,
                  .what = fmt::format("{}: the certificate was refused: {}", action,
                                      X509_verify_cert_error_string(verified)),
                  .hint = advice(verified, remote),
                  .cause = code});
}

}  // namespace

result<std::shared_ptr<asio::ssl::context>> verifying_tls() {
  boost::system::error_code code;
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  std::ignore = context->set_default_verify_paths(code);
  if (!code) std::ignore = context->set_verify_mode(asio::ssl::verify_peer, code);
  if (code) return failure(from_code(code, "load the system's certificates"));
  return context;
}

task<> shake_hands(connection_ptr made, dial_settings settings,
                   std::shared_ptr<tls_sessions> sessions) {
  auto& stream = made->start_tls(*settings.tls);
  auto* const tls = stream.native_handle();
  const auto name = expected(settings, made->remote());
  // Asio lets a context begin with TLS 1.0.
  if (SSL_get_min_proto_version(tls) < TLS1_2_VERSION) {
    SSL_set_min_proto_version(tls, TLS1_2_VERSION);
  }
  // A context verifies nothing unless told to: here that has to be asked for.
  stream.set_verify_mode(settings.tls_verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (settings.tls_verify) expect(tls, name);
  // RFC 6066 section 3: an address is no server name.
  if (!name.is_address) SSL_set_tlsext_host_name(tls, name.text.c_str());
  if (sessions && settings.tls_resume) sessions->prepare(tls);
  const auto [code] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_value);
  if (sessions && !code) sessions->has_shaken_hands(tls);
  if (code) co_return refused(tls, code, name, made->remote());
  co_return result<>{};
}

}  // namespace waitstate::client
