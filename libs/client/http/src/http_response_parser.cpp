#include "http_response_parser.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/beast/http/error.hpp>

#include "http_lenient_head.h"
#include "http_quick_response.h"
#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t last_chunk_min = 5;        // "0" and two line ends
constexpr std::uint64_t reserved_max = 1 << 20;  // a length that is only announced costs no more

std::string_view plain(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

failure malformed(std::string what, std::string hint = {}) {
  return failure({.code = errc::corrupt,
                  .what = "http response: " + std::move(what),
                  .hint = std::move(hint)});
}

}  // namespace

http_response_parser::message::message(http_response_parser& owner, body kind) : owner_(owner) {
  const auto header_max = std::min<std::size_t>(owner.limits_.header_max, 1U << 30);
  header_limit(static_cast<std::uint32_t>(header_max));
  eager(true);
  skip(kind == body::none);
  if (kind == body::whole) {
    body_limit(owner.limits_.body_max);
  } else {
    body_limit(boost::none);
  }
}

void http_response_parser::message::on_response_impl(int status, string_view reason, int version,
                                                     error_code& ec) {
  if (status < 100) ec = http::make_error_code(http::error::bad_status);
  is_http_1_0_ = version == 10;
  auto& into = owner_.response_;
  into.status = static_cast<std::uint16_t>(status);
  into.is_http_1_0 = is_http_1_0_;
  into.reason = plain(reason);
  into.headers.reserve(16, 512);
}

void http_response_parser::message::on_field_impl(http::field id, string_view name,
                                                  string_view value, error_code& /*ec*/) {
  if (id == http::field::transfer_encoding && !owner_.is_header_done_) {
    is_coded_ = true;
    is_coded_otherwise_ = is_coded_otherwise_ || !is_same_field(plain(value), "chunked");
  }
  auto& into = owner_.is_header_done_ ? owner_.response_.trailers : owner_.response_.headers;
  into.add(plain(name), plain(value));
}

void http_response_parser::message::on_header_impl(error_code& ec) {
  if (is_coded_otherwise_) ec = http::make_error_code(http::error::bad_transfer_encoding);
  owner_.is_header_done_ = owner_.response_.status >= 200;
}

void http_response_parser::message::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                                      error_code& /*ec*/) {
  if (length && owner_.kind_ == body::whole) {
    owner_.response_.body.reserve(static_cast<std::size_t>(std::min(*length, reserved_max)));
  }
}

std::size_t http_response_parser::message::on_body_impl(string_view bytes, error_code& /*ec*/) {
  owner_.response_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t http_response_parser::message::on_chunk_body_impl(std::uint64_t /*to_come*/,
                                                              string_view bytes, error_code& ec) {
  return on_body_impl(bytes, ec);
}

http_response_parser::http_response_parser(const http_limits& limits, body kind)
    : limits_(limits), kind_(kind) {
  message_.emplace(*this, kind);
}

result<std::size_t> http_response_parser::put(std::string_view bytes) {
  std::size_t used = 0;
  if (!has_seen_bytes_ && kind_ == body::whole) {
    if (const auto whole = read_quickly(bytes, limits_, response_)) {
      has_seen_bytes_ = is_header_done_ = is_done_ = true;
      keeps_ = whole->keeps_connection;
      return whole->used;
    }
    response_ = {};
  }
  has_seen_bytes_ = has_seen_bytes_ || !bytes.empty();
  // Beast has an assertion that less than the shortest last chunk is not looked at twice.
  if (is_between_chunks_ && bytes.size() < last_chunk_min) return 0;
  while (used < bytes.size() && !is_done_) {
    const bool was_in_header = !is_header_done_;
    error_code code;
    const auto taken = put_message(bytes.substr(used), code);
    used += taken;
    if (code == http::error::need_more) {
      // A header that has no end, and just as well a chunk's header or the trailers.
      if (bytes.size() - used > limits_.header_max) code = http::error::header_limit;
    }
    if (was_in_header && !is_header_done_) header_bytes_ += taken;
    if (header_bytes_ > limits_.header_max) code = http::error::header_limit;
    if (code && code != http::error::need_more) return refuse(code);
    if (message_->is_done()) {
      if (auto fine = message_ended(); !fine) return failure(std::move(fine).error());
    } else if (code == http::error::need_more) {
      is_between_chunks_ = is_header_done_;
      break;
    }
    is_between_chunks_ = false;
  }
  return used;
}

/// Beast takes no byte of a head before it is whole, and no head that is not strict.
std::size_t http_response_parser::put_message(std::string_view bytes, error_code& code) {
  const auto [head_size, is_strict] = is_header_done_ ? head_shape() : shape_of_head(bytes);
  const bool may_be_head = message_->got_some() || bytes.starts_with("HTTP/");
  if (!is_header_done_ && head_size == 0 && may_be_head && !is_strict_so_far(bytes)) {
    code = http::error::need_more;
    return 0;
  }
  const auto strict = is_strict ? std::nullopt : strict_head(bytes.substr(0, head_size));
  if (!strict) return message_->put(boost::asio::buffer(bytes), code);
  if (message_->put(boost::asio::buffer(*strict), code) != strict->size()) return 0;
  if (code == http::error::need_more) code = {};  // there may be more behind the head
  return head_size;
}

result<> http_response_parser::message_ended() {
  if (response_.status >= 200) {
    is_done_ = true;
    return {};
  }
  if (response_.status == 101) return malformed("101 Switching Protocols, which nobody asked for");
  if (++interims_ > limits_.interim_max) {
    return malformed(fmt::format("over {} before the final one", limits_.interim_max));
  }
  has_seen_continue_ = has_seen_continue_ || response_.status == 100;
  response_ = {};
  message_.emplace(*this, kind_);
  return {};
}

result<> http_response_parser::end_of_stream() {
  if (is_done_) return {};
  if (!message_->got_some()) return malformed("the server closed before it");
  error_code code;
  message_->put_eof(code);
  if (code) {
    return malformed(is_header_done_ ? "cut short: the server closed inside of the body"
                                     : "cut short: the server closed inside of the header");
  }
  return message_ended();
}

failure http_response_parser::refuse(const error_code& code) const {
  if (code == http::error::header_limit) {
    return malformed("the header is over " + waitstate::bytes(limits_.header_max),
                     "http_limits::header_max");
  }
  if (code == http::error::body_limit) {
    return malformed("the body is over " + waitstate::bytes(limits_.body_max),
                     "http_limits::body_max, or take it in parts");
  }
  if (message_->is_coded_in_another_way()) {
    return malformed("a transfer coding that was not asked for");
  }
  return malformed(code.message());
}

bool http_response_parser::keeps_connection() const {
  if (keeps_) return *keeps_;
  // A transfer coding in HTTP/1.0 means that somebody on the way does not know it (RFC 9112 6.1).
  return is_header_done_ && !message_->is_faulty() && message_->keep_alive();
}

std::optional<std::uint64_t> http_response_parser::bytes_to_come() const {
  if (is_done_) return 0;
  if (!is_header_done_) return std::nullopt;
  const auto known = message_->content_length_remaining();
  return known ? std::optional<std::uint64_t>(*known) : std::nullopt;
}

bool is_reusable(const http_exchange_facts& facts) {
  return facts.request_sent && facts.response_done && facts.response_keeps &&
         !facts.we_said_close && facts.bytes_after == 0;
}

}  // namespace waitstate::client
