#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/container/static_vector.hpp>

namespace waitstate::sidecar {

/// How the body of a message ends (RFC 9112 section 6.3).
enum class body_end : std::uint8_t {
  none,     ///< There is none.
  length,   ///< After Content-Length bytes.
  chunked,  ///< With the last chunk and its trailer section.
  close,    ///< With the connection: of responses alone.
};

struct body_framing {
  body_end end = body_end::none;
  std::uint64_t length = 0;  ///< Of body_end::length.
};

/// What of a head is sent on: its field lines but those that are about this one connection, as
/// pieces of the bytes that were parsed, each whole lines with their ends.
using head_pieces = boost::container::static_vector<std::string_view, 24>;

enum class parse_state : std::uint8_t {
  incomplete,  ///< More bytes are needed; nothing is wrong yet.
  complete,
  refused,  ///< See head_refusal. Both connections close: nobody knows where the next message
            ///< begins.
};

/// Why a message is not forwarded. `why` is a constant of the program.
struct head_refusal {
  int status = 400;  ///< For the client: of a refused response always 502.
  std::string_view why;
};

/// The head of a request, as views of the bytes that were parsed. Valid as long as these are.
struct request_head {
  std::string_view method;
  std::string_view target;  ///< In origin-form, absolute-form, authority-form or "*".
  std::string_view host;    ///< Of the Host line, or of an absolute target, which goes before it.
  /// Of the Upgrade line, where Connection names it: in HTTP/1.1, without a body, of one line, and
  /// not h2c. Else the request is one that asks for no upgrade, as every server may take it.
  std::string_view upgrade;
  head_pieces lines;
  std::size_t size = 0;   ///< Of the head, with the empty lines before it and the one at its end.
  int minor_version = 1;  ///< HTTP/1.0 or HTTP/1.1.
  body_framing body;
  /// The client can send another request on this connection: HTTP/1.1 without "Connection: close",
  /// or HTTP/1.0 with "Connection: keep-alive".
  bool keeps_open = true;
  bool expects_continue = false;  ///< Expect: 100-continue, and a body follows.
  bool is_idempotent = false;     ///< By its method: GET, HEAD, OPTIONS, TRACE, PUT and DELETE.
};

/// The head of a response, as views of the bytes that were parsed.
struct response_head {
  int status = 0;
  std::string_view reason;
  head_pieces lines;
  std::size_t size = 0;
  int minor_version = 1;
  body_framing body;  ///< With the request's method taken into account.
  /// The server keeps this connection open for another request.
  bool keeps_open = true;
  std::string_view keep_alive;  ///< Of the Keep-Alive line: "timeout=5, max=100".
  std::string_view upgrade;     ///< Of 101.
};

/// Heads that are longer are refused: requests with 431.
inline constexpr std::size_t head_size_max = std::size_t{32} << 10;

/// Reads the head of a request at the beginning of `bytes`, strictly (RFC 9112): what two
/// implementations may understand in two ways is refused with 400. That is any of: Content-Length
/// beside Transfer-Encoding, several or unlike or signed Content-Lengths, a transfer coding that is
/// not "chunked" alone, Transfer-Encoding in HTTP/1.0, a bare CR or LF, a line that is folded or
/// begins with a blank, a blank before the colon, an empty or ill-formed field name, a control
/// character in a value, no Host or two in HTTP/1.1, a Host that is none or differs from the
/// target's authority, a target with blanks, controls, a fragment or what is not ASCII, CONNECT
/// with a body, Connection that names what frames or routes the message, an unknown version. Empty
/// lines before the request line are passed over, two at most. Expect with anything but
/// 100-continue is 417, a head past head_size_max 431, HTTP/2's preface and any other major version
/// 505.
///
/// Not sent on: Connection and what it names, Keep-Alive, Proxy-Connection, Proxy-Authorization,
/// TE, Upgrade (see request_head::upgrade), Expect, Content-Length or Transfer-Encoding (the
/// forwarder writes the framing anew) and Host (written first). What is left is at most as many
/// pieces as head_pieces holds; a head that needs more is refused.
///
/// `into` and `why` are undefined but for what the result says. No allocation. Pure.
[[nodiscard]] parse_state parse_request_head(std::string_view bytes, request_head& into,
                                             head_refusal& why);

/// The same for a response to a request of method `method`. A response that is not beyond doubt is
/// refused with 502. No body: HEAD, 1xx, 204, 304, and 2xx of CONNECT. Neither length nor chunks:
/// the body ends with the connection. Transfer-Encoding in HTTP/1.0, or beside Content-Length, is
/// refused, and so is a body of 1xx, 204 or 2xx of CONNECT. The Content-Length of HEAD and of 304
/// is one of the lines that are sent on: it tells of another response's body.
[[nodiscard]] parse_state parse_response_head(std::string_view bytes, std::string_view method,
                                              response_head& into, head_refusal& why);

}  // namespace waitstate::sidecar
