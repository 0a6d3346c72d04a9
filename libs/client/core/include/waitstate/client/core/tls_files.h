#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Files in PEM of which a TLS context is made.
struct tls_file_settings {
  std::string authorities{};  ///< Who may vouch for a server; empty: whom the system trusts.
  std::string certificate{};  ///< Ours, with its chain, for servers that ask for one; empty: none.
  std::string key{};          ///< Its private key; empty: it is in the same file.
  duration look_every = std::chrono::seconds(1);  ///< How often at most the files are looked at.
};

/// A TLS context that is made anew when one of its files changes, as certificates do that live for
/// days. New connections use the new one; those that are there go on. Files that cannot be read, or
/// do not belong together, as in the middle of a change, leave what there is.
///
/// Any thread may call any member.
class tls_from_files {
 public:
  /// Fails when the files cannot be used now.
  static result<std::shared_ptr<tls_from_files>> make(tls_file_settings settings);

  /// Reads the files again if they are others than before.
  [[nodiscard]] std::shared_ptr<asio::ssl::context> current();
  /// Why what the files are now is not used; nothing when it is.
  [[nodiscard]] std::optional<error> trouble() const;

 private:
  using times = std::vector<std::filesystem::file_time_type>;

  explicit tls_from_files(tls_file_settings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] result<std::shared_ptr<asio::ssl::context>> read() const;
  [[nodiscard]] times changed_at() const;

  const tls_file_settings settings_;
  mutable std::mutex lock_;
  std::shared_ptr<asio::ssl::context> now_;
  times of_now_;
  time_point looked_at_{};
  std::optional<error> trouble_;
};

}  // namespace waitstate::client
