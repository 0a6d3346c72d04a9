#include "finagle_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "waitstate/client/thrift.h"

namespace waitstate::integration_test {

using client::mux_message;
using client::mux_status;
using client::mux_type;

/// One connection, which several threads write to.
class finagle_server::peer {
 public:
  explicit peer(int socket) : socket_(socket) {}
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() { ::close(socket_); }

  std::optional<std::string> read_frame() {
    for (;;) {
      auto frame = reader_.next();
      if (!frame) return {};
      if (*frame) return *std::move(frame);
      const auto space = reader_.space();
      const auto got = ::read(socket_, space.data(), space.size());
      if (got <= 0) return {};
      reader_.received(static_cast<std::size_t>(got));
    }
  }

  void send(std::string_view bytes) {
    const std::scoped_lock held(lock_);
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void send(const mux_message& m) {
    std::string bytes;
    client::append_mux_message(bytes, m);
    send(bytes);
  }

 private:
  const int socket_;
  client::thrift_frame_reader reader_;
  std::mutex lock_;
};

finagle_server::finagle_server(const finagle_options& options)
    : options_(options), processor_(std::make_shared<echo_handler>(options.name)) {}

void finagle_server::serve() {
  // Before any thread is made, so that sigwait() alone gets it.
  sigset_t drain;
  sigemptyset(&drain);
  sigaddset(&drain, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &drain, nullptr);
  std::thread(&finagle_server::drain_on_signal, this).detach();

  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  if (::bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener, 1024) != 0) {
    std::exit(1);
  }
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) std::exit(1);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::thread(&finagle_server::serve_connection, std::ref(*this), std::make_shared<peer>(socket))
        .detach();
  }
}

void finagle_server::drain_on_signal() {
  sigset_t drain;
  sigemptyset(&drain);
  sigaddset(&drain, SIGUSR1);
  int number = 0;
  while (sigwait(&drain, &number) == 0) {
    draining_ = true;
    const std::scoped_lock held(lock_);
    for (const auto& to : mux_peers_) to->send(mux_message{.type = mux_type::tdrain, .tag = 1});
  }
}

void finagle_server::serve_connection(finagle_server& self, const peer_ptr& to) {
  auto first = to->read_frame();
  if (!first) return;
  // A framed Thrift message in TBinaryProtocol reads as Rerr with one of these tags.
  const auto read = client::read_mux_frame(*first);
  const bool is_thrift =
      !read || (read->type == mux_type::rerr && (read->tag == 65537 || read->tag == 65540));
  if (self.options_.has_mux && !is_thrift) {
    self.serve_mux(to, *std::move(first));
  } else {
    self.serve_thrift(to, *std::move(first));
  }
}

std::string finagle_server::process(std::string message) {
  using namespace apache::thrift;
  const auto in = std::make_shared<transport::TMemoryBuffer>();
  in->write(reinterpret_cast<const std::uint8_t*>(message.data()),
            static_cast<std::uint32_t>(message.size()));
  const auto out = std::make_shared<transport::TMemoryBuffer>();
  processor_.process(std::make_shared<protocol::TBinaryProtocol>(in),
                     std::make_shared<protocol::TBinaryProtocol>(out), nullptr);
  return out->getBufferAsString();
}

void finagle_server::serve_thrift(const peer_ptr& to, std::string first) {
  const auto probe = client::twitter_upgrade_probe().substr(4);
  const bool is_upgraded = first == probe;
  std::optional<std::string> frame = std::move(first);
  if (is_upgraded) {
    std::string reply;
    client::append_thrift_frame(reply, probe);
    reply[7] = 2;
    to->send(reply);
    frame = to->read_frame();
  }
  for (; frame; frame = to->read_frame()) {
    std::size_t message_at = 0;
    if (is_upgraded) {
      const auto header = client::read_twitter_request_header(*frame);
      if (!header) return;
      message_at = header->second;
    }
    auto reply = process(frame->substr(message_at));
    // Oneway: nothing, or a frame of nothing, in any case without a ResponseHeader.
    if (reply.empty() && !options_.has_empty_frames) continue;
    if (is_upgraded && !reply.empty()) reply.insert(0, 1, '\0');
    std::string framed;
    client::append_thrift_frame(framed, reply);
    to->send(framed);
  }
}

void finagle_server::serve_mux(const peer_ptr& to, std::string first) {
  {
    const std::scoped_lock held(lock_);
    mux_peers_.insert(to);
  }
  std::optional<std::string> frame = std::move(first);
  for (; frame; frame = to->read_frame()) {
    const auto read = client::read_mux_frame(*frame);
    if (!read) break;
    const auto asked = client::read_mux_message(read->type, read->tag, read->body);
    if (!asked) break;
    answer_mux(to, *asked);
  }
  const std::scoped_lock held(lock_);
  mux_peers_.erase(to);
}

void finagle_server::answer_mux(const peer_ptr& to, const mux_message& asked) {
  switch (asked.type) {
    case mux_type::rerr: to->send(asked); return;  // "tinit check"
    case mux_type::tinit: to->send(mux_message{.type = mux_type::rinit, .tag = asked.tag}); return;
    case mux_type::tping:
      if (options_.answers_pings) to->send(mux_message{.type = mux_type::rping, .tag = asked.tag});
      return;
    case mux_type::tdispatch:
      std::thread(&finagle_server::dispatch, this, to, asked).detach();
      return;
    default: return;
  }
}

void finagle_server::dispatch(const peer_ptr& to, const mux_message& asked) {
  mux_message reply{.type = mux_type::rdispatch, .tag = asked.tag};
  const int number = ++dispatched_;
  const bool is_refused =
      draining_ || (options_.nack_every > 0 && number % options_.nack_every == 0);
  if (is_refused) {
    reply.status = mux_status::nack;
  } else {
    reply.body = process(asked.body);
  }
  to->send(reply);
}

}  // namespace waitstate::integration_test
