#include "app/cli/line_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"

namespace waitstate::cli {
namespace {

using std::chrono::steady_clock;

class line_output_to_a_pipe : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_ = fd(ends[0]);
    writer_ = fd(ends[1]);
    ASSERT_EQ(::fcntl(writer_.get(), F_SETPIPE_SZ, 8'192), 8'192);
  }
  [[nodiscard]] std::string read_all() const {
    std::string text(65'536, '\0');
    ::fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
    const auto got = ::read(reader_.get(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

  fd reader_;
  fd writer_;
};

TEST_F(line_output_to_a_pipe, ends_each_line) {
  line_output to(writer_.get());
  to.write("a");
  to.write("b\n");
  EXPECT_EQ(read_all(), "a\nb\n");
  EXPECT_EQ(to.take_lost(), 0U);
}

TEST_F(line_output_to_a_pipe, waits_once_for_a_reader_that_stands_still_and_loses_whole_lines) {
  line_output to(writer_.get());
  const auto began = steady_clock::now();
  for (int i = 0; i < 100; ++i) to.write(std::string(999, 'x'));
  EXPECT_LT(steady_clock::now() - began, line_output::patience * 3);
  const auto lost = to.take_lost();
  EXPECT_GT(lost, 80U);
  EXPECT_EQ(to.take_lost(), 0U);
  auto all = read_all();
  to.write("again");
  all += read_all();
  ASSERT_TRUE(all.ends_with("x\nagain\n")) << all.substr(all.size() - 20);
  EXPECT_EQ(all.size(), (100 - lost) * 1'000 + 6) << "none is cut";
}

TEST_F(line_output_to_a_pipe, has_nobody_to_tell_when_its_reader_has_gone) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  reader_ = fd();
  line_output to(writer_.get());
  to.write("x");
  EXPECT_EQ(to.take_lost(), 0U);
  ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace waitstate::cli
