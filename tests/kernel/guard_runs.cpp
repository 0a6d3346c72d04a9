#include "tests/kernel/guard_runs.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Lines that are whole and objects; a policy is said in other words.
std::vector<nlohmann::json> objects_in(std::istream& in) {
  std::vector<nlohmann::json> all;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    auto object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_object()) all.push_back(std::move(object));
  }
  return all;
}

}  // namespace

void guard_test::rules(const std::string& text) {
  const auto path = folder_.write("guard.toml", "every = \"1s\"\n" + text);
  ::chmod(path.c_str(), 0600);
}

std::string guard_test::reaping(const std::string& lines) {
  return "[[rule]]\nname = \"leak\"\nselect = \"state:close-wait peer-port:9443\"\n"
         "when.count = 10\naction = \"reap\"\n" +
         lines + "\n";
}

std::vector<std::string> guard_test::words(const std::vector<std::string>& more) const {
  std::vector<std::string> all{"guard", "--json"};
  for (const auto& [option, name] :
       {std::pair("--policy", "guard.toml"), std::pair("--state", "state.json"),
        std::pair("--audit", "audit.jsonl")}) {
    if (std::ranges::find(more, option) != more.end()) continue;
    all.insert(all.end(), {option, file(name)});
  }
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<nlohmann::json> guard_test::once(int status,
                                             const std::vector<std::string>& more) const {
  auto all = words(more);
  all.emplace_back("--once");
  const auto ran = run_waitstate(all);
  EXPECT_EQ(ran.exit_status, status) << ran.output << ran.errors;
  std::istringstream in(ran.output);
  return objects_in(in);
}

std::vector<nlohmann::json> guard_test::of(const std::vector<nlohmann::json>& lines,
                                           const std::string& event) {
  std::vector<nlohmann::json> some;
  std::ranges::copy_if(lines, std::back_inserter(some),
                       [&](const auto& line) { return line.at("event") == event; });
  return some;
}

running_guard::running_guard(std::vector<std::string> words)
    : process_(
          [&] {
            words.insert(words.begin(), WAITSTATE_BINARY);
            return words;
          }(),
          folder_.path()) {}

std::vector<nlohmann::json> running_guard::said() const {
  std::ifstream in(folder_.path() / "output.log");
  return objects_in(in);
}

bool running_guard::says(const std::string& event, std::size_t times) const {
  const auto until = steady_clock::now() + 20s;
  while (steady_clock::now() < until) {
    const auto lines = said();
    const auto count =
        std::ranges::count_if(lines, [&](const auto& line) { return line.at("event") == event; });
    if (static_cast<std::size_t>(count) >= times) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

bool appears(const std::string& path) {
  const auto until = steady_clock::now() + 20s;
  while (!std::filesystem::exists(path)) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

std::size_t close_waits() {
  std::size_t count = 0;
  for (const auto* path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      std::istringstream fields(line);
      std::string number;
      std::string local;
      std::string remote;
      std::string state;
      fields >> number >> local >> remote >> state;
      if (state == close_wait) ++count;
    }
  }
  return count;
}

}  // namespace waitstate::kernel_test
