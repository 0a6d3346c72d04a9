#include "waitstate/sidecar/admin_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <tuple>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "waitstate/client/core/asio.h"

namespace waitstate::sidecar {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t answer_max = std::uint64_t{256} << 20;

/// The hint of an answer's text is its second line.
failure refused(const std::string& said) {
  const auto end = said.find('\n');
  constexpr std::string_view mark = "\n  hint: ";
  const auto hint = said.find(mark);
  error e{.code = errc::invalid_input, .what = said.substr(0, end), .hint = {}};
  if (hint != said.npos) {
    e.hint = said.substr(hint + mark.size());
    if (e.hint.ends_with('\n')) e.hint.pop_back();
  }
  return failure(std::move(e));
}

}  // namespace

result<std::string> ask_admin(const std::string& path, std::string_view method,
                              std::string_view target, std::string body) {
  const auto cannot = [&](const boost::system::error_code& code) {
    auto e = client::from_code(code, fmt::format("admin socket '{}'", path));
    e.hint = "admin = \"PATH\" in the sidecar's file says where it is; --admin PATH here";
    return failure(std::move(e));
  };
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot(boost::system::errc::make_error_code(boost::system::errc::filename_too_long));
  }
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  boost::system::error_code code;
  if (socket.connect(asio::local::stream_protocol::endpoint(path), code)) return cannot(code);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  http::request<http::string_body> asked;
  asked.method_string(method);
  asked.target(target);
  asked.set(http::field::host, "sidecar");
  asked.body() = std::move(body);
  asked.prepare_payload();
  std::ignore = http::write(socket, asked, code);
  if (code) return cannot(code);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_max);
  std::ignore = http::read(socket, buffer, parser, code);
  if (code) return cannot(code);
  auto& said = parser.get();
  if (said.result_int() >= 300 && target != "/readyz") return refused(said.body());
  return std::move(said.body());
}

}  // namespace waitstate::sidecar
