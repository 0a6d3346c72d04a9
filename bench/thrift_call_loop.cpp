// A framed Thrift server that answers each call with what it was called with, and two callers of it
// from one plain thread: over Apache Thrift's own socket, and over this library's transport. The
// callers print the calls a second and how many failed.
//
// usage: waitstate_thrift_call_loop server PORT
//        waitstate_thrift_call_loop socket|waitstate PORT SECONDS
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <thrift/TProcessor.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

#include "waitstate/client/thrift.h"

namespace {

using namespace waitstate::client;
using namespace std::chrono_literals;
namespace protocol = apache::thrift::protocol;
namespace transport = apache::thrift::transport;

void write_echo(protocol::TProtocol& to, protocol::TMessageType type, std::int32_t sequence,
                const std::string& what) {
  to.writeMessageBegin("echo", type, sequence);
  to.writeStructBegin("echo");
  to.writeFieldBegin("what", protocol::T_STRING, 0);
  to.writeString(what);
  to.writeFieldEnd();
  to.writeFieldStop();
  to.writeStructEnd();
  to.writeMessageEnd();
  to.getTransport()->writeEnd();
  to.getTransport()->flush();
}

std::string read_echo(protocol::TProtocol& from, std::int32_t& sequence) {
  std::string name;
  std::string what;
  auto type = protocol::T_CALL;
  auto field = protocol::T_STOP;
  std::int16_t id = 0;
  from.readMessageBegin(name, type, sequence);
  from.readStructBegin(name);
  from.readFieldBegin(name, field, id);
  from.readString(what);
  from.readFieldEnd();
  from.readFieldBegin(name, field, id);
  from.readStructEnd();
  from.readMessageEnd();
  from.getTransport()->readEnd();
  return what;
}

class echoes final : public apache::thrift::TProcessor {
 public:
  bool process(std::shared_ptr<protocol::TProtocol> in, std::shared_ptr<protocol::TProtocol> out,
               void* /*context*/) override {
    std::int32_t sequence = 0;
    const auto what = read_echo(*in, sequence);
    write_echo(*out, protocol::T_REPLY, sequence, what);
    return true;
  }
};

int serve(int port) {
  apache::thrift::server::TThreadedServer server(
      std::make_shared<echoes>(), std::make_shared<transport::TServerSocket>("127.0.0.1", port),
      std::make_shared<transport::TFramedTransportFactory>(),
      std::make_shared<protocol::TBinaryProtocolFactory>());
  server.serve();
  return 0;
}

void call(const std::shared_ptr<transport::TTransport>& over, std::chrono::seconds time) {
  protocol::TBinaryProtocol calls(over);
  const std::string question(32, 'x');
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  const auto began = clock::now();
  while (clock::now() - began < time) {
    std::int32_t sequence = 0;
    write_echo(calls, protocol::T_CALL, 0, question);
    ++(read_echo(calls, sequence) == question ? done : failed);
  }
  const std::chrono::duration<double> took = clock::now() - began;
  std::printf("%.0f %llu\n", static_cast<double>(done) / took.count(),
              static_cast<unsigned long long>(failed));
}

int call_over_a_socket(int port, std::chrono::seconds time) {
  const auto socket = std::make_shared<transport::TSocket>("127.0.0.1", port);
  socket->setNoDelay(true);
  const auto framed = std::make_shared<transport::TFramedTransport>(socket);
  framed->open();
  call(framed, time);
  return 0;
}

int call_over_this_library(int port, std::chrono::seconds time) {
  io_threads background;
  cluster_settings settings{.name = "echo"};
  settings.pool = thrift_channel::greeted({}, {});
  auto servers = background.make_cluster(
      static_source({{.at = {"127.0.0.1", static_cast<std::uint16_t>(port)}}}), settings);
  if (!servers) return 1;
  call(std::make_shared<thrift_transport>(background, thrift_channel::make(*servers, {})), time);
  return 0;
}

int number(const char* text) {
  int value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const int port = argc > 2 ? number(argv[2]) : 0;
  const std::chrono::seconds time(argc > 3 ? number(argv[3]) : 0);
  if (mode == "server" && port > 0) return serve(port);
  if (mode == "socket" && time > 0s) return call_over_a_socket(port, time);
  if (mode == "waitstate" && time > 0s) return call_over_this_library(port, time);
  std::fputs("usage: waitstate_thrift_call_loop server PORT | socket|waitstate PORT SECONDS\n",
             stderr);
  return 2;
}
