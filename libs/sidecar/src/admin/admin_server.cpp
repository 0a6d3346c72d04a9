#include "waitstate/sidecar/admin_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "admin/admin_answer.h"
#include "front/front.h"
#include "front/listening_socket.h"

namespace waitstate::sidecar {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t connections_max = 32;
constexpr std::uint32_t head_max = 8U << 10;
constexpr std::uint64_t body_max = 8U << 10;
constexpr duration time_max = std::chrono::seconds(5);

}  // namespace

struct admin_server::state {
  explicit state(admin_hooks h) : hooks(std::move(h)) {}

  void listen(fd socket, bool may_order);
  asio::awaitable<void> serve(client_ptr who, bool may_order);
  asio::awaitable<void> answer(client_ptr who, bool may_order) const;

  const admin_hooks hooks;
  std::string path;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::vector<std::shared_ptr<front>> fronts;
  std::size_t connections = 0;
  std::thread thread;
};

void admin_server::state::listen(fd socket, bool may_order) {
  fronts.push_back(std::make_shared<front>(
      io.get_executor(), std::move(socket),
      [this, may_order](client_ptr who) {
        if (connections >= connections_max) return;
        asio::co_spawn(io, serve(std::move(who), may_order), asio::detached);
      },
      [](const error&) {}));
  asio::co_spawn(io, fronts.back()->run(), asio::detached);
}

asio::awaitable<void> admin_server::state::serve(client_ptr who, bool may_order) {
  ++connections;
  co_await answer(std::move(who), may_order);
  --connections;
}

/// One request, and its answer.
asio::awaitable<void> admin_server::state::answer(client_ptr who, bool may_order) const {
  beast::basic_stream<asio::generic::stream_protocol> stream(std::move(who->socket));
  stream.expires_after(time_max);
  beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.header_limit(head_max);
  parser.body_limit(body_max);
  const auto [failed, read] = co_await http::async_read(stream, buffer, parser, client::as_value);
  if (failed) co_return;
  const auto& asked = parser.get();
  if (may_order && asked.method() == http::verb::post && asked.target() == "/hand-over") {
    const auto sockets = hooks.hand_over();
    // Whoever asks is answered by them alone; an end without any says that there are none.
    if (sockets) std::ignore = send_sockets(stream.socket().native_handle(), *sockets);
    co_return;
  }
  const auto made = answer_admin({.method = asked.method_string(),
                                  .target = asked.target(),
                                  .body = asked.body(),
                                  .may_order = may_order},
                                 hooks);
  http::response<http::string_body> response(static_cast<http::status>(made.status), 11, made.body);
  response.set(http::field::content_type, made.type);
  response.set(http::field::server, "waitstate");
  response.keep_alive(false);
  response.prepare_payload();
  stream.expires_after(time_max);
  co_await http::async_write(stream, response, client::as_value);
}

admin_server::admin_server(std::unique_ptr<state> made) : state_(std::move(made)) {}

admin_server::~admin_server() {
  state_->io.stop();
  state_->thread.join();
  if (!state_->path.empty()) ::unlink(state_->path.c_str());
}

result<std::unique_ptr<admin_server>> admin_server::start(
    const std::string& path, const std::optional<client::endpoint>& status, admin_hooks hooks) {
  auto made = std::make_unique<state>(std::move(hooks));
  if (!path.empty()) {
    auto socket = open_listener({.host = path, .port = 0}, false);
    if (!socket) return failure(in_step("admin", std::move(socket).error()));
    made->path = path;
    made->listen(*std::move(socket), true);
  }
  if (status) {
    auto socket = open_listener(*status, false);
    if (!socket) {
      if (!path.empty()) ::unlink(path.c_str());
      return failure(in_step("status", std::move(socket).error()));
    }
    made->listen(*std::move(socket), false);
  }
  made->thread = std::thread([&io = made->io] { io.run(); });
  return std::unique_ptr<admin_server>(new admin_server(std::move(made)));
}

}  // namespace waitstate::sidecar
