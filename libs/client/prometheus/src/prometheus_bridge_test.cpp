#include "waitstate/client/prometheus/prometheus_bridge.h"

#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class prometheus_bridge_test : public testing::Test {
 protected:
  void SetUp() override {
    cluster_settings settings;
    settings.name = "search";
    cluster_ = cluster::make(io_.executor(), static_source({{server_.at()}}), settings).value();
    collector_.add(cluster_);
  }
  void TearDown() override {
    if (cluster_) cluster_->stop();
    io_.stop();
  }

  /// The value of each series: {"name{label="x"}", "1"}.
  std::map<std::string, std::string> series() {
    std::map<std::string, std::string> all;
    std::istringstream text(prometheus::TextSerializer().Serialize(collector_.Collect()));
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with('#')) continue;
      const auto blank = line.rfind(' ');
      all[line.substr(0, blank)] = line.substr(blank + 1);
    }
    return all;
  }
  std::string of(const std::string& name, const std::string& more = {}) const {
    return "waitstate_client_" + name + "{upstream=\"search\",endpoint=\"" +
           to_string(server_.at()) + "\"" + more + "}";
  }

  test_server server_{test_server::echo};
  test_io io_;
  std::shared_ptr<cluster> cluster_;
  cluster_collector collector_;
};

TEST_F(prometheus_bridge_test, shows_what_is_out_and_what_was) {
  auto out = io_.await(cluster_->acquire({.deadline = clock::now() + 5s})).value();
  auto all = series();
  EXPECT_EQ(all[of("connections_leased")], "1");
  EXPECT_EQ(all[of("leases_total")], "1");
  EXPECT_EQ(all[of("lease_returns_total")], "0");
  EXPECT_EQ(all[of("endpoint_health", ",state=\"alive\"")], "1");
  EXPECT_EQ(all[of("endpoint_health", ",state=\"dead\"")], "0");
  EXPECT_EQ(all["waitstate_client_source_state{upstream=\"search\",state=\"ok\"}"], "1");
  EXPECT_GT(std::stod(all[of("oldest_lease_seconds")]), 0);
  out.over().keep();
  out.give_back(call_outcome::ok);
  all = series();
  EXPECT_EQ(all[of("connections_leased")], "0");
  EXPECT_EQ(all[of("connections_idle")], "1");
  EXPECT_EQ(all[of("lease_returns_total")], "1");
  EXPECT_EQ(all[of("calls_succeeded_total")], "1");
  EXPECT_EQ(all[of("oldest_lease_seconds")], "0");
}

TEST_F(prometheus_bridge_test, forgets_a_cluster_that_is_gone) {
  EXPECT_FALSE(collector_.Collect().empty());
  cluster_->stop();
  cluster_.reset();
  EXPECT_TRUE(soon([this] { return collector_.Collect().empty(); }));
}

TEST_F(prometheus_bridge_test, puts_two_clusters_into_the_same_families) {
  cluster_settings settings;
  settings.name = "other";
  const auto other = cluster::make(io_.executor(), static_source({}), settings).value();
  const auto of_one = collector_.Collect().size();
  collector_.add(other);
  EXPECT_EQ(collector_.Collect().size(), of_one);
  EXPECT_EQ(series()["waitstate_client_calls_total{upstream=\"other\"}"], "0");
  other->stop();
}

TEST_F(prometheus_bridge_test, counts_calls_by_how_long_they_took) {
  const std::function<task<bool>(attempt*)> well = [](attempt* a) -> task<bool> {
    a->over->keep();
    co_return true;
  };
  const std::function<task<bool>(attempt*)> in_vain = [](attempt* a) -> task<bool> {
    a->response_byte_seen = true;
    co_return failure({.code = errc::unavailable, .what = "no", .hint = {}});
  };
  const call_options options{.deadline = 5s};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(io_.await(cluster_->call<bool>(options, well)));
  EXPECT_FALSE(io_.await(cluster_->call<bool>(options, in_vain)));
  auto all = series();
  const std::string name = "waitstate_client_call_seconds";
  EXPECT_EQ(all[name + "_count{upstream=\"search\",outcome=\"ok\"}"], "3");
  EXPECT_EQ(all[name + "_count{upstream=\"search\",outcome=\"failed\"}"], "1");
  EXPECT_EQ(all[name + "_bucket{upstream=\"search\",outcome=\"ok\",le=\"5\"}"], "3");
  EXPECT_EQ(all[name + "_bucket{upstream=\"search\",outcome=\"ok\",le=\"+Inf\"}"], "3");
  EXPECT_GT(std::stod(all[name + "_sum{upstream=\"search\",outcome=\"ok\"}"]), 0);
}

/// name -> "type | labels | meaning"
using description = std::map<std::string, std::string>;

description documented() {
  description rows;
  std::ifstream page(WAITSTATE_DOCS "/metrics.md");
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `waitstate_client_")) continue;
    const auto end = line.find('`', 3);
    rows[line.substr(3, end - 3)] = line.substr(end + 4, line.size() - end - 6);
  }
  return rows;
}

TEST_F(prometheus_bridge_test, is_what_the_document_says) {
  description rows;
  for (const auto& family : collector_.Collect()) {
    std::string labels;
    for (const auto& label : family.metric.at(0).label) {
      labels += (labels.empty() ? "" : ", ") + label.name;
    }
    const auto* const type = family.type == prometheus::MetricType::Counter     ? "counter"
                             : family.type == prometheus::MetricType::Histogram ? "histogram"
                                                                                : "gauge";
    rows[family.name] = std::string(type) + " | " + labels + " | " + family.help;
    EXPECT_EQ(family.name.ends_with("_total"), family.type == prometheus::MetricType::Counter)
        << family.name;
  }
  std::string page;
  for (const auto& [name, rest] : rows) page += "| `" + name + "` | " + rest + " |\n";
  EXPECT_EQ(documented(), rows) << "the table has to be:\n" << page;
}

}  // namespace
}  // namespace waitstate::client
