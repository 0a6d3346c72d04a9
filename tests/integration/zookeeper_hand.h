#pragma once

#include <memory>
#include <string>
#include <vector>

namespace waitstate::integration_test {

/// A session of ZooKeeper's C client that waits for each answer: what an operator would do by hand.
/// Throws std::runtime_error when ZooKeeper says no.
class zookeeper_hand {
 public:
  explicit zookeeper_hand(const std::string& hosts);
  /// Ends the session: its ephemeral nodes go at once.
  ~zookeeper_hand();
  zookeeper_hand(const zookeeper_hand&) = delete;
  zookeeper_hand& operator=(const zookeeper_hand&) = delete;

  /// Gives the path, with the number that ZooKeeper appends to sequential nodes.
  enum class kind { persistent, sequential, ephemeral };
  std::string create(const std::string& path, const std::string& data, kind what);
  /// A persistent node and its parents; those that are there stay.
  void create_all(const std::string& path);
  void set(const std::string& path, const std::string& data);
  void remove(const std::string& path);
  [[nodiscard]] std::string get(const std::string& path) const;
  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;

 private:
  struct session;
  std::unique_ptr<session> session_;
};

}  // namespace waitstate::integration_test
