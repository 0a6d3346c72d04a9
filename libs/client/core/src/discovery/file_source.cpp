#include "waitstate/client/core/file_source.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/base/fd.h"
#include "waitstate/base/text.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {
namespace {

constexpr std::size_t size_max = 1 << 20;
// The folder's: a file that is replaced takes a watch of its own with it.
constexpr std::uint32_t changes =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_MOVE_SELF;
// How often a folder that went away is looked for.
constexpr duration folder_retry = std::chrono::seconds(1);

int watch_folder(int inotify, const std::string& folder) {
  return ::inotify_add_watch(inotify, folder.c_str(), changes | IN_ONLYDIR);
}

result<std::string> read_whole(const std::string& path) {
  // Not blocking, for a pipe that somebody put there.
  const fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failure(from_errno(errno, fmt::format("open {}", path)));
  std::string text;
  std::array<char, 16'384> part{};
  for (;;) {
    const auto got = ::read(file.get(), part.data(), part.size());
    if (got < 0) return failure(from_errno(errno, fmt::format("read {}", path)));
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > size_max) {
      return failure({.code = errc::corrupt,
                      .what = fmt::format("read {}: over {}", path, bytes(size_max)),
                      .hint = {}});
    }
  }
}

class watched_file final : public endpoint_source,
                           public std::enable_shared_from_this<watched_file> {
 public:
  watched_file(const asio::strand<asio::any_io_executor>& turn, int inotify, int watch,
               std::string folder, std::string path)
      : turn_(turn),
        inotify_(turn, inotify),
        retry_(turn),
        watch_(watch),
        folder_(std::move(folder)),
        path_(std::move(path)) {
    read();
  }

  asio::awaitable<void> run() override { return spawned_in_turn(shared_from_this()); }

  void stop() override {
    asio::post(turn_, [self = shared_from_this()] {
      self->stopped_ = true;
      boost::system::error_code ignored;
      std::ignore = self->inotify_.cancel(ignored);
      self->retry_.cancel();
    });
  }

 private:
  static asio::awaitable<void> spawned_in_turn(std::shared_ptr<watched_file> self) {
    co_await asio::co_spawn(self->turn_, keep_reading(self), asio::use_awaitable);
  }

  static asio::awaitable<void> keep_reading(std::shared_ptr<watched_file> self) {
    self->read();  // it may have changed before the watch was looked at
    alignas(inotify_event) std::array<char, 4096> events{};
    while (!self->stopped_) {
      if (self->watch_ < 0) {
        co_await find_folder(self);
        continue;
      }
      // Which file it was does not matter: with a link any change of the folder may be ours.
      const auto [code, size] =
          co_await self->inotify_.async_read_some(asio::buffer(events), as_value);
      if (code) co_return;
      self->look_for_its_end(std::string_view(events.data(), size));
      self->read();
    }
  }

  static asio::awaitable<void> find_folder(std::shared_ptr<watched_file> self) {
    self->watch_ = watch_folder(self->inotify_.native_handle(), self->folder_);
    if (self->watch_ >= 0) co_return self->read();
    self->retry_.expires_after(folder_retry);
    co_await self->retry_.async_wait(as_value);
  }

  /// The watch is on the folder that was there, and stays on it when it moves.
  void look_for_its_end(std::string_view events) {
    while (events.size() >= sizeof(inotify_event)) {
      inotify_event event{};
      std::memcpy(&event, events.data(), sizeof(event));
      events.remove_prefix(std::min(events.size(), sizeof(event) + event.len));
      if (event.wd != watch_ || (event.mask & (IN_IGNORED | IN_MOVE_SELF)) == 0) continue;
      if ((event.mask & IN_IGNORED) == 0) ::inotify_rm_watch(inotify_.native_handle(), watch_);
      watch_ = -1;
    }
  }

  void read() {
    auto text = read_whole(path_);
    if (!text) return publish_failure(std::move(text).error());
    auto list = parse_endpoint_list(*text);
    if (!list) return publish_failure(in_step(path_, std::move(list).error()));
    publish(*std::move(list));
  }

  const asio::strand<asio::any_io_executor> turn_;
  asio::posix::stream_descriptor inotify_;  // in turn_
  asio::steady_timer retry_;                // in turn_
  int watch_;                               // in turn_; below 0 while there is no folder
  const std::string folder_;
  const std::string path_;
  bool stopped_ = false;  // in turn_
};

}  // namespace

result<std::shared_ptr<endpoint_source>> file_source(asio::any_io_executor executor,
                                                     std::string path) {
  fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return failure(from_errno(errno, "watch files"));
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int watch = watch_folder(inotify.get(), folder);
  if (watch < 0) return failure(from_errno(errno, fmt::format("watch {}", folder)));
  return std::make_shared<watched_file>(asio::make_strand(executor), inotify.release(), watch,
                                        std::move(folder), std::move(path));
}

}  // namespace waitstate::client
