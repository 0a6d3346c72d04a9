// Fetches every URL given on the command line, or in a file with one on each line, and counts how
// they ended.
//
// usage: crawler [--at-once N] [--within MS] (FILE | URL...)
#include <chrono>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "waitstate/client/blocking_http.h"

namespace {

using namespace waitstate::client;

/// What is left to fetch, and how the rest ended.
class crawl {
 public:
  explicit crawl(std::deque<std::string> urls) : urls_(std::move(urls)) {}

  void fetch_all(blocking_http& http, std::chrono::milliseconds within) {
    for (auto url = next(); !url.empty(); url = next()) {
      const auto got = http.get(url, within);
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
  std::vector<std::string> words(argv + 1, argv + argc);
  unsigned long at_once = 16;
  std::chrono::milliseconds within(5000);
  for (; words.size() > 2 && words[0].starts_with("--");
       words.erase(words.begin(), words.begin() + 2)) {
    const auto value = std::stoul(words[1]);
    if (words[0] == "--at-once") at_once = value;
    if (words[0] == "--within") within = std::chrono::milliseconds(value);
  }
  std::deque<std::string> urls(words.begin(), words.end());
  if (words.size() == 1 && words[0].find("://") == std::string::npos) {
    urls.clear();
    std::ifstream file(words[0]);
    for (std::string line; file >> line;) urls.push_back(line);
  }

  client background;
  blocking_http http(background, {.follow_redirects_max = 5});
  crawl all(std::move(urls));
  std::vector<std::jthread> threads;
  while (threads.size() < at_once) threads.emplace_back([&] { all.fetch_all(http, within); });
  threads.clear();
  all.print();
}
