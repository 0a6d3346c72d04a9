#include "tests/integration/zookeeper_server.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace waitstate::integration_test {
namespace {

constexpr const char* jar = "/usr/share/java/zookeeper.jar";  // package libzookeeper-java

}  // namespace

zookeeper_server::zookeeper_server() : port_(netlab::free_port()) {
  (void)folder_.write("zoo.cfg", fmt::format("tickTime=200\n"
                                             "minSessionTimeout=400\n"
                                             "maxSessionTimeout=60000\n"
                                             "dataDir={}\n"
                                             "clientPort={}\n"
                                             "clientPortAddress=127.0.0.1\n"
                                             "maxClientCnxns=0\n"
                                             "admin.enableServer=false\n"
                                             "4lw.commands.whitelist=*\n",
                                             (folder_.path() / "data").string(), port_));
  restart();
}

std::string zookeeper_server::hosts() const {
  return fmt::format("127.0.0.1:{}", port_);
}

void zookeeper_server::kill() {
  running_.reset();
}

void zookeeper_server::restart() {
  // What the package's zkServer.sh starts, without its log folder and its wish to be root.
  running_.emplace(
      std::vector<std::string>{"java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                               "-XX:-UsePerfData", "-Dzookeeper.jmx.log4j.disable=true", "-cp", jar,
                               "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                               (folder_.path() / "zoo.cfg").string()},
      folder_.path());
  if (netlab::wait_for_port(port_)) return;
  std::ifstream log(folder_.path() / "output.log");
  std::string text((std::istreambuf_iterator<char>(log)), {});
  throw std::runtime_error("the zookeeper server did not start:\n" + text);
}

}  // namespace waitstate::integration_test
