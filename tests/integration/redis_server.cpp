#include "tests/integration/redis_server.h"

#include <stdexcept>

namespace waitstate::integration_test {

void redis_server::start() {
  std::vector<std::string> argv = {"redis-server",
                                   "--port",
                                   port(),
                                   "--bind",
                                   "127.0.0.1",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--dir",
                                   folder_.path().string(),
                                   "--repl-diskless-sync-delay",
                                   "0"};
  argv.insert(argv.end(), more_.begin(), more_.end());
  process_.emplace(argv, folder_.path());
  if (!netlab::wait_for_port(port_)) throw std::runtime_error("redis-server did not start");
}

}  // namespace waitstate::integration_test
