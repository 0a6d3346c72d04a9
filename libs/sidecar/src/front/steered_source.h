#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "waitstate/client/core/endpoint_source.h"

namespace waitstate::sidecar {

/// The servers of another source, but for those that somebody has taken out: these get no new calls
/// and finish what they have. A server that the other source does not know can be taken out, too,
/// so that it is out when it comes.
///
/// Any thread may call any member.
class steered_source final : public client::endpoint_source,
                             public std::enable_shared_from_this<steered_source> {
 public:
  explicit steered_source(std::shared_ptr<client::endpoint_source> of) : of_(std::move(of)) {}

  client::asio::awaitable<void> run() override;
  void stop() override { of_->stop(); }

  void take_out(const client::endpoint& server);
  /// False when it was not out.
  bool put_back(const client::endpoint& server);
  [[nodiscard]] std::set<client::endpoint> taken_out() const;

 private:
  void publish_rest();

  const std::shared_ptr<client::endpoint_source> of_;
  mutable std::mutex lock_;
  std::mutex publishing_;
  std::set<client::endpoint> out_;
};

}  // namespace waitstate::sidecar
