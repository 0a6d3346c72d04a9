// A framed Thrift server, as Apache Thrift has it, or as Finagle has it: the same port answers
// plain Thrift, Thrift with the TTwitter upgrade, and ThriftMux.
//
//   waitstate_thrift_server --port N --name X [--kind plain|compact|upgraded|mux]
//                           [--nack-every N] [--silent-pings] [--empty-frames]
//
// SIGUSR1 drains: Tdrain on each Mux connection. Prints nothing.
#include <signal.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>

#include "finagle_server.h"

namespace {

using namespace waitstate::integration_test;

void serve_apache(const finagle_options& options, bool is_compact) {
  using namespace apache::thrift;
  std::shared_ptr<protocol::TProtocolFactory> protocols;
  if (is_compact) {
    protocols = std::make_shared<protocol::TCompactProtocolFactory>();
  } else {
    protocols = std::make_shared<protocol::TBinaryProtocolFactory>();
  }
  server::TThreadedServer server(
      std::make_shared<echo_serviceProcessor>(std::make_shared<echo_handler>(options.name)),
      std::make_shared<transport::TServerSocket>("127.0.0.1", options.port),
      std::make_shared<transport::TFramedTransportFactory>(), protocols);
  server.serve();
}

}  // namespace

int main(int argc, char** argv) {
  finagle_options options;
  std::string_view kind = "plain";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--silent-pings") {
      options.answers_pings = false;
      continue;
    }
    if (word == "--empty-frames") {
      options.has_empty_frames = true;
      continue;
    }
    if (i + 1 == argc) return 2;
    const char* const value = argv[++i];
    if (word == "--port") options.port = std::atoi(value);
    if (word == "--name") options.name = value;
    if (word == "--nack-every") options.nack_every = std::atoi(value);
    if (word == "--kind") kind = value;
  }
  options.has_mux = kind == "mux";
  signal(SIGPIPE, SIG_IGN);
  if (kind == "plain" || kind == "compact") {
    serve_apache(options, kind == "compact");
  } else {
    finagle_server(options).serve();
  }
}
