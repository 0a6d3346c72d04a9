#include "mux/mux_greeting.h"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include "mux/mux_message.h"
#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::client {
namespace {

constexpr std::string_view check = "tinit check";
constexpr std::uint32_t reply_max = 65'536;

task<mux_message> ask(connection_ptr over, mux_message what) {
  std::string bytes;
  append_mux_message(bytes, what);
  const auto [unsent, sent] = co_await asio::async_write(*over, asio::buffer(bytes), as_value);
  if (unsent) co_return failure(from_code(unsent, "send the Mux handshake"));
  thrift_frame_reader reader(reply_max);
  for (;;) {
    const auto space = reader.space();
    const auto [code, got] =
        co_await over->async_read_some(asio::buffer(space.data(), space.size()), as_value);
    if (code) {
      auto why = from_code(code, "read the Mux handshake");
      why.hint = "does this server speak ThriftMux? If not, use thrift_channel";
      co_return failure(std::move(why));
    }
    reader.received(got);
    auto frame = reader.next();
    if (!frame) co_return failure(std::move(frame).error());
    if (!*frame) continue;
    if (!reader.is_at_boundary()) {
      co_return failure(
          {.code = errc::corrupt, .what = "bytes after the Mux handshake", .hint = {}});
    }
    const auto read = read_mux_frame(**frame);
    if (!read) co_return failure(read.error());
    co_return read_mux_message(read->type, read->tag, read->body);
  }
}

}  // namespace

task<> greet_as_mux(connection_ptr made) {
  mux_message may_init{.type = mux_type::rerr, .tag = 1, .body = std::string(check)};
  auto echoed = co_await ask(made, std::move(may_init));
  if (!echoed) co_return failure(std::move(echoed).error());
  // A server that does not know Tinit is of version 1, too.
  if (echoed->type != mux_type::rerr || echoed->body != check) co_return result<>();
  mux_message init{.type = mux_type::tinit, .tag = 1};
  auto answered = co_await ask(made, std::move(init));
  if (!answered) co_return failure(std::move(answered).error());
  if (answered->type != mux_type::rinit || answered->version != 1) {
    co_return failure({.code = errc::corrupt,
                       .what = fmt::format("Mux of version {}", answered->version),
                       .hint = {}});
  }
  co_return result<>();
}

}  // namespace waitstate::client
