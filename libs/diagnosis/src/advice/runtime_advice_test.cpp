#include "advice/runtime_advice.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "runtimes_page.h"

namespace waitstate::diagnosis {
namespace {

bool is_whole_lines(std::string_view text) {
  return !text.empty() && text.ends_with('\n');
}

bool is_one_line(std::string_view text) {
  return !text.empty() && !text.contains('\n');
}

TEST(runtime_advice, of_every_runtime_has_something_to_say_on_every_topic) {
  for (const auto* row : runtime_rows()) {
    const auto name = to_string(row->runtime);
    const auto a = advice_for(row->runtime);
    EXPECT_EQ(a.runtime, row->runtime);
    EXPECT_TRUE(is_whole_lines(a.close)) << name;
    EXPECT_TRUE(is_whole_lines(a.evict)) << name;
    EXPECT_TRUE(is_whole_lines(a.serve)) << name;
    EXPECT_TRUE(is_whole_lines(a.threads)) << name;
    EXPECT_TRUE(is_one_line(a.keep.text)) << name;
    EXPECT_TRUE(is_whole_lines(a.keep.command)) << name;
    EXPECT_TRUE(is_one_line(a.backlog)) << name;
    EXPECT_TRUE(is_one_line(a.bind.text) || is_whole_lines(a.bind.command)) << name;
  }
}

TEST(runtime_advice, has_one_row_a_file) {
  std::set<std::string> files;
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "runtime";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".cpp") files.insert(entry.path().stem().string());
  }
  std::set<runtime> runtimes;
  std::set<std::string> names{"any"};
  for (const auto* row : runtime_rows()) {
    EXPECT_TRUE(runtimes.insert(row->runtime).second) << row->name;
    EXPECT_TRUE(names.emplace(row->name).second) << row->name;
  }
  EXPECT_EQ(names, files);
}

TEST(runtime_advice, is_what_the_page_of_runtimes_says) {
  const std::filesystem::path path(WAITSTATE_RUNTIMES_PAGE);
  if (std::getenv("WAITSTATE_WRITE_DOCS") != nullptr) std::ofstream(path) << runtimes_page();
  std::ifstream file(path);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(page, runtimes_page()) << "./dev docs writes it";
}

TEST(runtime_advice, of_any_program_stands_in_where_there_is_no_row) {
  const auto any = advice_for(runtime::unknown);
  EXPECT_EQ(advice_for(runtime::mysql).close, any.close);
  EXPECT_TRUE(is_whole_lines(any.close));
  EXPECT_TRUE(is_whole_lines(any.serve));
  EXPECT_TRUE(is_whole_lines(any.threads));
  EXPECT_TRUE(any.evict.empty()) << "how a pool is set is each library's own";
}

TEST(runtime_advice, takes_what_a_row_leaves_out_from_the_row_that_it_is_like) {
  const auto gunicorn = advice_for(runtime::gunicorn);
  const auto python = advice_for(runtime::python);
  EXPECT_EQ(gunicorn.close, python.close);
  EXPECT_EQ(gunicorn.keep.command, python.keep.command);
  EXPECT_NE(gunicorn.serve, python.serve);
}

TEST(runtime_advice, fills_in_its_places_and_nothing_else_in_braces) {
  const advice_values values{
      .destination = "10.0.0.7:80", .host = "10.0.0.7", .port = "80", .pid = "812"};
  EXPECT_EQ(filled("{destination} {host} {port} {pid} { agent } {} {por", values),
            "10.0.0.7:80 10.0.0.7 80 812 { agent } {} {por");
  EXPECT_EQ(filled("{pid}", {}), "PID");
}

}  // namespace
}  // namespace waitstate::diagnosis
