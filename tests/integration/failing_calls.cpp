#include "failing_calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstring>

namespace waitstate::client {
namespace {

thread_local bool may_fail_here = false;
std::atomic<const char*> name_of_failing{nullptr};
std::atomic<int> reason_of_failing{0};
std::atomic<int> every_so_many{1};
std::atomic<std::uint64_t> seen{0};
std::atomic<std::uint64_t> failed{0};

bool fails(const char* name) {
  const auto* const failing = name_of_failing.load();
  if (!may_fail_here || failing == nullptr || std::strcmp(failing, name) != 0) return false;
  if (++seen % static_cast<std::uint64_t>(every_so_many.load()) != 0) return false;
  ++failed;
  errno = reason_of_failing;
  return true;
}

template <class Function>
Function* next_of(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

const char* kept(const std::string& name) {
  for (const auto* known :
       {"socket", "connect", "send", "sendmsg", "recv", "recvmsg", "setsockopt", "getsockopt",
        "epoll_ctl", "epoll_wait", "ioctl", "poll", "shutdown", "bind", "close"}) {
    if (name == known) return known;
  }
  return nullptr;
}

}  // namespace

std::vector<failing_call> calls_that_may_fail() {
  const std::vector<std::pair<std::string, std::vector<int>>> all{
      {"socket", {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES, EAFNOSUPPORT}},
      {"connect",
       {EAGAIN, ECONNREFUSED, ECONNRESET, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EADDRNOTAVAIL,
        EADDRINUSE, EACCES, EPERM, EINTR}},
      {"send", {EAGAIN, EINTR, ECONNRESET, EPIPE, ENOBUFS, ENOMEM, ETIMEDOUT, EHOSTUNREACH}},
      {"sendmsg", {EAGAIN, EINTR, ECONNRESET, EPIPE, ENOBUFS, ENOMEM, ETIMEDOUT, EHOSTUNREACH}},
      {"recv", {EINTR, ECONNRESET, ETIMEDOUT, ENOMEM, ECONNREFUSED, EHOSTUNREACH}},
      {"recvmsg", {EINTR, ECONNRESET, ETIMEDOUT, ENOMEM, ECONNREFUSED, EHOSTUNREACH}},
      {"setsockopt", {ENOMEM, ENOBUFS, ENOPROTOOPT, EINVAL, EPERM}},
      {"getsockopt", {ENOMEM, ENOBUFS, ENOPROTOOPT}},
      {"epoll_ctl", {ENOMEM, ENOSPC, EPERM}},
      {"epoll_wait", {EINTR}},
      {"ioctl", {ENOMEM, EINVAL, ENOTTY}},
      {"poll", {EINTR, ENOMEM}},
      {"shutdown", {ENOTCONN, ENOBUFS}},
      {"close", {EINTR, EIO}},
  };
  std::vector<failing_call> each;
  for (const auto& [name, reasons] : all) {
    for (const auto reason : reasons) {
      each.push_back({.name = name, .reason = reason, .may_last = reason != EINTR});
    }
  }
  return each;
}

void let_calls_fail_here() {
  may_fail_here = true;
}

void let_fail(const failing_call& what, int every) {
  reason_of_failing = what.reason;
  every_so_many = every;
  seen = 0;
  failed = 0;
  name_of_failing = kept(what.name);
}

void let_none_fail() {
  name_of_failing = nullptr;
}

std::uint64_t failed_calls() {
  return failed;
}

}  // namespace waitstate::client

using waitstate::client::fails;
using waitstate::client::next_of;

extern "C" {

int socket(int family, int type, int protocol) __THROW {
  static const auto next = next_of<int(int, int, int)>("socket");
  return fails("socket") ? -1 : next(family, type, protocol);
}

int connect(int handle, const sockaddr* to, socklen_t size) {
  static const auto next = next_of<int(int, const sockaddr*, socklen_t)>("connect");
  return fails("connect") ? -1 : next(handle, to, size);
}

ssize_t send(int handle, const void* bytes, size_t size, int flags) {
  static const auto next = next_of<ssize_t(int, const void*, size_t, int)>("send");
  return fails("send") ? -1 : next(handle, bytes, size, flags);
}

ssize_t sendmsg(int handle, const msghdr* what, int flags) {
  static const auto next = next_of<ssize_t(int, const msghdr*, int)>("sendmsg");
  return fails("sendmsg") ? -1 : next(handle, what, flags);
}

ssize_t recv(int handle, void* into, size_t size, int flags) {
  static const auto next = next_of<ssize_t(int, void*, size_t, int)>("recv");
  return fails("recv") ? -1 : next(handle, into, size, flags);
}

ssize_t recvmsg(int handle, msghdr* into, int flags) {
  static const auto next = next_of<ssize_t(int, msghdr*, int)>("recvmsg");
  return fails("recvmsg") ? -1 : next(handle, into, flags);
}

int setsockopt(int handle, int level, int name, const void* value, socklen_t size) __THROW {
  static const auto next = next_of<int(int, int, int, const void*, socklen_t)>("setsockopt");
  return fails("setsockopt") ? -1 : next(handle, level, name, value, size);
}

int getsockopt(int handle, int level, int name, void* value, socklen_t* size) __THROW {
  static const auto next = next_of<int(int, int, int, void*, socklen_t*)>("getsockopt");
  return fails("getsockopt") ? -1 : next(handle, level, name, value, size);
}

int epoll_ctl(int set, int what, int handle, epoll_event* event) __THROW {
  static const auto next = next_of<int(int, int, int, epoll_event*)>("epoll_ctl");
  return fails("epoll_ctl") ? -1 : next(set, what, handle, event);
}

int epoll_wait(int set, epoll_event* events, int room, int time_max) {
  static const auto next = next_of<int(int, epoll_event*, int, int)>("epoll_wait");
  return fails("epoll_wait") ? -1 : next(set, events, room, time_max);
}

int ioctl(int handle, unsigned long request, ...) __THROW {
  static const auto next = next_of<int(int, unsigned long, void*)>("ioctl");
  va_list rest;
  va_start(rest, request);
  auto* const argument = va_arg(rest, void*);
  va_end(rest);
  return fails("ioctl") ? -1 : next(handle, request, argument);
}

int poll(pollfd* handles, nfds_t count, int time_max) {
  static const auto next = next_of<int(pollfd*, nfds_t, int)>("poll");
  return fails("poll") ? -1 : next(handles, count, time_max);
}

int shutdown(int handle, int how) __THROW {
  static const auto next = next_of<int(int, int)>("shutdown");
  return fails("shutdown") ? -1 : next(handle, how);
}

int close(int handle) {
  static const auto next = next_of<int(int)>("close");
  const int done = next(handle);
  return fails("close") ? -1 : done;
}
}
