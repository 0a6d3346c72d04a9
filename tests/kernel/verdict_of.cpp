#include "tests/kernel/verdict_of.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "waitstate/base/fd.h"

namespace waitstate::kernel_test {
namespace {

/// A file without a name, for the output of a child: unlike a pipe it cannot fill up.
fd temporary_file() {
  return fd(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

std::string contents(const fd& file) {
  std::string all;
  std::array<char, 65536> bytes{};
  ::lseek(file.get(), 0, SEEK_SET);
  for (;;) {
    const auto got = ::read(file.get(), bytes.data(), bytes.size());
    if (got <= 0) return all;
    all.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

outcome run_waitstate(const std::vector<std::string>& arguments) {
  const fd output = temporary_file();
  const fd errors = temporary_file();
  std::vector<const char*> words{WAITSTATE_BINARY};
  for (const auto& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);

  const int child = ::fork();
  if (child == 0) {
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(errors.get(), STDERR_FILENO);
    ::execv(WAITSTATE_BINARY, const_cast<char**>(words.data()));
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status)) throw std::runtime_error("waitstate was killed: " + contents(errors));
  return {
      .exit_status = WEXITSTATUS(status), .output = contents(output), .errors = contents(errors)};
}

nlohmann::json diagnose(std::vector<std::string> more) {
  more.insert(more.begin(), {"diagnose", "--json"});
  const auto run = run_waitstate(more);
  if (run.output.empty()) throw std::runtime_error("waitstate said only: " + run.errors);
  return nlohmann::json::parse(run.output);
}

nlohmann::json first_finding(const nlohmann::json& report) {
  const auto& findings = report.at("findings");
  return findings.empty() ? nlohmann::json() : findings.front();
}

nlohmann::json finding(const nlohmann::json& report, const std::string& id) {
  for (const auto& f : report.at("findings")) {
    if (f.at("id") == id) return f;
  }
  return {};
}

}  // namespace waitstate::kernel_test
