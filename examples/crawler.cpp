// Fetches every URL given on the command line, or in a file with one on each line, and counts how
// they ended.
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "waitstate/client/http.h"

namespace {

using namespace waitstate::client;

/// What is left to fetch, and how the rest ended.
class crawl {
 public:
  explicit crawl(std::deque<std::string> urls) : urls_(std::move(urls)) {}

  void fetch_all(blocking_http& http, std::chrono::milliseconds within) {
    for (auto url = next(); !url.empty(); url = next()) {
      const auto got = http.request(http_get(url), within);
      const std::scoped_lock held(lock_);
      ++outcomes_[got ? std::to_string(got->status) : "failed"];
      if (!got) std::cerr << url << ": " << got.error().what << '\n';
    }
  }

  void print() const {
    for (const auto& [outcome, count] : outcomes_) std::cout << outcome << ' ' << count << '\n';
  }

 private:
  std::string next() {
    const std::scoped_lock held(lock_);
    if (urls_.empty()) return {};
    auto url = std::move(urls_.front());
    urls_.pop_front();
    return url;
  }

  std::mutex lock_;
  std::deque<std::string> urls_;
  std::map<std::string, int> outcomes_;
};

}  // namespace

int main(int argc, char** argv) {
  std::deque<std::string> words(argv + 1, argv + argc);
  std::map<std::string, int> options{{"--at-once", 16}, {"--within", 5000}};
  while (words.size() > 2 && options.contains(words[0])) {
    options[words[0]] = std::atoi(words[1].c_str());
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.empty() || options["--at-once"] < 1 || options["--within"] < 1) {
    std::cerr << "usage: crawler [--at-once N] [--within MS] (FILE | URL...)\n";
    return 2;
  }
  if (std::ifstream file(words[0]); words.size() == 1 && file) {
    words.assign(std::istream_iterator<std::string>(file), {});
  }
  io_threads background;
  blocking_http http(background, {.follow_redirects_max = 5});
  crawl all(std::move(words));
  const std::chrono::milliseconds within(options.at("--within"));
  std::vector<std::jthread> threads;
  for (int i = 0; i < options["--at-once"]; ++i) {
    threads.emplace_back([&] { all.fetch_all(http, within); });
  }
  threads.clear();
  all.print();
}
