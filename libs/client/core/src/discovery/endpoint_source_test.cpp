#include "waitstate/client/core/endpoint_source.h"

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class told_source final : public endpoint_source {
 public:
  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  using endpoint_source::publish;
  using endpoint_source::publish_failure;
};

error broken() {
  return {.code = errc::unavailable, .what = "broken", .hint = {}};
}

TEST(endpoint_source, keeps_the_last_good_set_while_it_cannot_be_asked) {
  told_source source;
  EXPECT_EQ(source.current().state, source_state::pending);
  source.publish_failure(broken());
  EXPECT_EQ(source.current().state, source_state::pending);
  EXPECT_EQ(source.current().why->what, "broken");

  source.publish({{{"b", 1}}, {{"a", 1}}, {{"b", 1}}});
  EXPECT_EQ(source.current().state, source_state::ok);
  EXPECT_EQ(source.current().endpoints,
            (std::vector<weighted_endpoint>{{{"a", 1}, 1}, {{"b", 1}, 1}}));

  source.publish_failure(broken());
  EXPECT_EQ(source.current().state, source_state::stale);
  EXPECT_EQ(source.current().endpoints.size(), 2U);
  EXPECT_EQ(source.current().generation, 1U);
}

TEST(endpoint_source, tells_of_changes_in_order_and_only_of_changes) {
  told_source source;
  std::vector<std::uint64_t> told;
  auto alive = std::make_shared<int>();
  source.subscribe(alive, [&](const endpoint_set& set) { told.push_back(set.generation); });
  source.publish({{{"a", 1}}});
  source.publish({{{"a", 1}}});
  source.publish({{{"b", 1}}});
  alive.reset();
  source.publish({{{"c", 1}}});
  EXPECT_EQ(told, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(endpoint_source, a_fixed_list_is_there_at_once) {
  const auto source = static_source({{{"a", 1}, 2}});
  EXPECT_EQ(source->current().state, source_state::ok);
  EXPECT_EQ(source->current().endpoints.front().weight, 2);
}

/// What a test's resolver says; nothing means failure.
struct told_names {
  std::atomic<int> asked{0};
  std::atomic<int> addresses{1};
};

task<std::vector<endpoint>> tell(std::shared_ptr<told_names> names, std::string host,
                                 std::uint16_t port) {
  ++names->asked;
  std::vector<endpoint> found;
  for (int i = 1; i <= names->addresses; ++i) {
    found.push_back({.host = "127.0.0." + std::to_string(i), .port = port});
  }
  if (found.empty()) {
    co_return failure(
        {.code = errc::unavailable, .what = "resolve '" + host + "': down", .hint = {}});
  }
  co_return found;
}

TEST(dns_source, asks_again_and_keeps_the_last_good_addresses) {
  test_io io;
  const auto names = std::make_shared<told_names>();
  const auto source =
      dns_source(io.executor(),
                 {.host = "search",
                  .port = 80,
                  .refresh = 20ms,
                  .retry = 5ms,
                  .resolve = [names](auto host, auto port) { return tell(names, host, port); }});
  EXPECT_EQ(source->current().state, source_state::pending);
  io.spawn(source->run());
  EXPECT_TRUE(soon([&] { return source->current().endpoints.size() == 1; }));
  names->addresses = 3;
  EXPECT_TRUE(soon([&] { return source->current().endpoints.size() == 3; }));
  names->addresses = 0;
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::stale; }));
  EXPECT_EQ(source->current().endpoints.size(), 3U);
  EXPECT_EQ(source->current().why->what, "resolve 'search': down");
  names->addresses = 2;
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::ok; }));
  source->stop();
  std::this_thread::sleep_for(50ms);
  const int asked = names->asked;
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(names->asked, asked);
}

TEST(dns_source, resolves_by_the_system) {
  test_io io;
  const auto source = dns_source(io.executor(), {.host = "127.0.0.1", .port = 80});
  io.spawn(source->run());
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::ok; }));
  EXPECT_EQ(source->current().endpoints.front().at, (endpoint{"127.0.0.1", 80}));
  source->stop();
}

class file_source_test : public testing::Test {
 protected:
  void SetUp() override {
    auto name = (fs::temp_directory_path() / "waitstate-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (source_) source_->stop();
    io_.stop();
    fs::remove_all(folder_);
  }

  void write(const char* name, std::string_view text) { std::ofstream(folder_ / name) << text; }

  void watch(const fs::path& path) {
    source_ = file_source(io_.executor(), path.string()).value();
    io_.spawn(source_->run());
  }

  bool has(std::size_t count, source_state state) {
    return soon([&] {
      const auto set = source_->current();
      return set.endpoints.size() == count && set.state == state;
    });
  }

  test_io io_;
  fs::path folder_;
  std::shared_ptr<endpoint_source> source_;
};

TEST_F(file_source_test, reads_the_file_again_when_it_is_written_or_replaced) {
  write("servers", "a:1\n");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  write("servers", "a:1\nb:1\n");
  EXPECT_TRUE(has(2, source_state::ok));
  write("new", "a:1\nb:1\nc:1 3\n");
  fs::rename(folder_ / "new", folder_ / "servers");
  EXPECT_TRUE(has(3, source_state::ok));
}

TEST_F(file_source_test, follows_a_link_that_is_moved) {
  write("one", "a:1\n");
  write("two", "a:1\nb:1\n");
  fs::create_symlink("one", folder_ / "servers");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  fs::create_symlink("two", folder_ / "next");
  fs::rename(folder_ / "next", folder_ / "servers");
  EXPECT_TRUE(has(2, source_state::ok));
}

TEST_F(file_source_test, keeps_the_last_good_list_when_the_file_is_wrong_or_gone) {
  write("servers", "a:1\nb:1\n");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(2, source_state::ok));
  write("servers", "a:1\nnonsense\n");
  EXPECT_TRUE(has(2, source_state::stale));
  EXPECT_EQ(
      source_->current().why->what,
      (folder_ / "servers").string() + ": endpoint list: line 2: endpoint 'nonsense': no port");
  fs::remove(folder_ / "servers");
  EXPECT_TRUE(
      soon([&] { return source_->current().why->what.find("No such file") != std::string::npos; }));
  EXPECT_EQ(source_->current().endpoints.size(), 2U);
  write("servers", "c:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
}

TEST_F(file_source_test, a_file_that_comes_later_is_found_and_a_folder_has_to_be_there) {
  watch(folder_ / "servers");
  EXPECT_EQ(source_->current().state, source_state::pending);
  write("servers", "a:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
  const auto nowhere = file_source(io_.executor(), (folder_ / "none" / "servers").string());
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().what.find("No such file"), std::string::npos);
}

TEST_F(file_source_test, finds_the_folder_again_that_went_away) {
  const auto folder = folder_ / "list";
  fs::create_directory(folder);
  write("list/servers", "a:1\n");
  watch(folder / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  fs::remove_all(folder);
  EXPECT_TRUE(has(1, source_state::stale));
  fs::create_directory(folder);
  write("list/servers", "a:1\nb:1\n");
  EXPECT_TRUE(has(2, source_state::ok));

  fs::create_directory(folder_ / "next");
  write("next/servers", "a:1\nb:1\nc:1\n");
  fs::rename(folder, folder_ / "last");
  fs::rename(folder_ / "next", folder);
  EXPECT_TRUE(has(3, source_state::ok));
  write("list/servers", "d:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
}

TEST_F(file_source_test, a_file_without_end_is_refused) {
  write("servers", std::string(2 << 20, '#'));
  watch(folder_ / "servers");
  EXPECT_NE(source_->current().why->what.find("over 1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace waitstate::client
