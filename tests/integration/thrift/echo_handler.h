#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "echo_service.h"

namespace waitstate::integration_test {

/// What the servers of the tests answer.
class echo_handler final : public echo_serviceIf {
 public:
  explicit echo_handler(std::string name) : name_(std::move(name)) {}

  void name(std::string& answer) override { answer = name_; }
  void echo(std::string& answer, const std::string& what) override { answer = what; }
  std::int64_t add(std::int64_t left, std::int64_t right) override {
    if (left < 0) {
      echo_refused refused;
      refused.why = "less than nothing";
      throw refused;
    }
    return left + right;
  }
  std::int32_t wait_for(std::int32_t milliseconds) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return milliseconds;
  }
  void fail() override { throw std::runtime_error("it failed"); }
  void note(const std::string&) override { ++notes_; }
  std::int64_t notes() override { return notes_; }

 private:
  const std::string name_;
  std::atomic<std::int64_t> notes_{0};
};

}  // namespace waitstate::integration_test
