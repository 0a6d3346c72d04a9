#include "waitstate/client/core/tls_files.h"

#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "waitstate/client/core/dialer.h"

namespace waitstate::client {

result<std::shared_ptr<tls_from_files>> tls_from_files::make(tls_file_settings settings) {
  std::shared_ptr<tls_from_files> made(new tls_from_files(std::move(settings)));
  made->of_now_ = made->changed_at();
  auto now = made->read();
  if (!now) return failure(std::move(now).error());
  made->now_ = *std::move(now);
  made->looked_at_ = clock::now();
  return made;
}

std::shared_ptr<asio::ssl::context> tls_from_files::current() {
  const std::scoped_lock held(lock_);
  const auto now = clock::now();
  if (now - looked_at_ < settings_.look_every) return now_;
  looked_at_ = now;
  auto changed = changed_at();
  if (changed == of_now_) return now_;
  auto made = read();
  if (made) {
    now_ = *std::move(made);
    of_now_ = std::move(changed);
    trouble_.reset();
  } else {
    trouble_ = std::move(made).error();
  }
  return now_;
}

std::optional<error> tls_from_files::trouble() const {
  const std::scoped_lock held(lock_);
  return trouble_;
}

tls_from_files::times tls_from_files::changed_at() const {
  times all;
  for (const auto& path : {settings_.authorities, settings_.certificate, settings_.key}) {
    std::error_code gone;
    all.push_back(path.empty() ? std::filesystem::file_time_type()
                               : std::filesystem::last_write_time(path, gone));
  }
  return all;
}

result<std::shared_ptr<asio::ssl::context>> tls_from_files::read() const {
  boost::system::error_code bad;
  const auto refuse = [&bad](const std::string& path) {
    return failure(from_code(bad, fmt::format("TLS: '{}'", path)));
  };
  auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  std::ignore = made->set_verify_mode(asio::ssl::verify_peer, bad);
  if (settings_.authorities.empty()) {
    std::ignore = made->set_default_verify_paths(bad);
    if (bad) return failure(from_code(bad, "load the system's certificates"));
  } else {
    std::ignore = made->load_verify_file(settings_.authorities, bad);
    if (bad) return refuse(settings_.authorities);
  }
  if (settings_.certificate.empty()) return made;
  std::ignore = made->use_certificate_chain_file(settings_.certificate, bad);
  if (bad) return refuse(settings_.certificate);
  const auto& key = settings_.key.empty() ? settings_.certificate : settings_.key;
  // OpenSSL refuses a key that is not the certificate's.
  std::ignore = made->use_private_key_file(key, asio::ssl::context::pem, bad);
  if (bad) return refuse(key);
  return made;
}

}  // namespace waitstate::client
