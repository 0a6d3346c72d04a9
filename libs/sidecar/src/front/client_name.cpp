#include "front/client_name.h"

#include <fstream>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::sidecar {

std::string client_name(std::int64_t pid, std::uint16_t port) {
  if (pid <= 0) return fmt::format("the client from port {}", port);
  std::string command;
  std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), command);
  if (command.empty()) return fmt::format("pid {}", pid);
  return fmt::format("{} (pid {})", quotable(command), pid);
}

}  // namespace waitstate::sidecar
