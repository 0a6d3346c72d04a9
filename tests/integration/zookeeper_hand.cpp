#include "tests/integration/zookeeper_hand.h"

// Asks for the functions that wait, which only the threaded library has.
#define THREADED
#include <zookeeper/zookeeper.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;

void say_nothing(const char* /*message*/) {}
void see_nothing(zhandle_t* /*zh*/, int /*type*/, int /*state*/, const char* /*path*/,
                 void* /*context*/) {}

void check(int code, const std::string& path) {
  if (code != ZOK) throw std::runtime_error(path + ": " + zerror(code));
}

}  // namespace

struct zookeeper_hand::session {
  zhandle_t* handle = nullptr;
};

zookeeper_hand::zookeeper_hand(const std::string& hosts) : session_(std::make_unique<session>()) {
  session_->handle = zookeeper_init2(hosts.c_str(), see_nothing, 30'000, nullptr, nullptr,
                                     ZOO_NO_LOG_CLIENTENV, say_nothing);
  for (int i = 0; i < 2000 && zoo_state(session_->handle) != ZOO_CONNECTED_STATE; ++i) {
    std::this_thread::sleep_for(10ms);
  }
}

zookeeper_hand::~zookeeper_hand() {
  zookeeper_close(session_->handle);
}

std::string zookeeper_hand::create(const std::string& path, const std::string& data, kind what) {
  int mode = ZOO_PERSISTENT;
  if (what == kind::sequential) mode = ZOO_PERSISTENT_SEQUENTIAL;
  if (what == kind::ephemeral) mode = ZOO_EPHEMERAL_SEQUENTIAL;
  std::array<char, 512> made{};
  check(zoo_create(session_->handle, path.c_str(), data.data(), static_cast<int>(data.size()),
                   &ZOO_OPEN_ACL_UNSAFE, mode, made.data(), made.size()),
        path);
  return made.data();
}

void zookeeper_hand::create_all(const std::string& path) {
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const auto parent = path.substr(0, end);
    const int code = zoo_create(session_->handle, parent.c_str(), "", 0, &ZOO_OPEN_ACL_UNSAFE,
                                ZOO_PERSISTENT, nullptr, 0);
    if (code != ZNODEEXISTS) check(code, parent);
    if (end == path.npos) return;
  }
}

void zookeeper_hand::set(const std::string& path, const std::string& data) {
  check(zoo_set(session_->handle, path.c_str(), data.data(), static_cast<int>(data.size()), -1),
        path);
}

void zookeeper_hand::remove(const std::string& path) {
  check(zoo_delete(session_->handle, path.c_str(), -1), path);
}

std::string zookeeper_hand::get(const std::string& path) const {
  std::array<char, 4096> text{};
  int size = text.size();
  check(zoo_get(session_->handle, path.c_str(), 0, text.data(), &size, nullptr), path);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::vector<std::string> zookeeper_hand::children(const std::string& path) const {
  String_vector names{};
  check(zoo_get_children(session_->handle, path.c_str(), 0, &names), path);
  std::vector<std::string> list(names.data, names.data + names.count);
  deallocate_String_vector(&names);
  return list;
}

}  // namespace waitstate::integration_test
