// waitstate sidecar: short connections of any program become long ones that are kept.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/awaited_signals.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/service_manager.h"
#include "app/cli/sidecar_ctl.h"
#include "app/cli/sidecar_suggest.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/sidecar/admin_client.h"
#include "waitstate/sidecar/admin_server.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/hand_over.h"
#include "waitstate/sidecar/sidecar.h"

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct sidecar_choice {
  std::string config{sidecar::usual_config_path};
  bool check = false;
  std::vector<std::string> listen;
  std::vector<std::string> to;
  std::vector<std::string> words;  ///< ctl and what follows it
  std::string admin;               ///< Empty: as the file says; of ctl the usual path.
  bool json = false;
  bool take_over = false;
};

/// At once: whoever reads it, a journal say, does not wait for the next.
void say(const std::string& text) {
  write_out(text + '\n');
  static_cast<void>(finish_output());
}

/// As many descriptors as this process may have; where that is less than what the routes allow, it
/// is said now and not by refused clients later.
void take_descriptors(const sidecar::config& c) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  constexpr std::uint64_t our_own = 64;
  std::uint64_t wanted = our_own;
  for (const auto& r : c.routes) {
    const auto servers = std::max<std::uint64_t>(r.servers.fixed.size(), 1);
    wanted += r.clients_max + c.threads * servers * r.connections_max;
  }
  if (wanted <= limit.rlim_max) return;
  say(fmt::format(
      "{} descriptors are allowed, and the routes could use {}: LimitNOFILE= in the unit, "
      "or a smaller clients_max",
      grouped(limit.rlim_max), grouped(wanted)));
}

result<sidecar::config> config_of(const sidecar_choice& c) {
  if (c.to.empty()) return sidecar::read_config(c.config);
  return sidecar::single_route(c.listen.front(), c.to);
}

std::string summary(const sidecar::config& c) {
  std::string text;
  for (const auto& r : c.routes) {
    std::vector<std::string> fronts;
    fronts.reserve(r.listen.size());
    for (const auto& front : r.listen) fronts.push_back(sidecar::to_string(front));
    text += fmt::format("route '{}': {} on {}\n", r.name, sidecar::to_string(r.speaks),
                        fmt::join(fronts, ", "));
  }
  return text;
}

class sidecar_loop {
 public:
  explicit sidecar_loop(const sidecar_choice& c) : choice_(c) {}

  result<int> run() {
    auto read = config_of(choice_);
    if (!read) return failure(std::move(read).error());
    if (auto begun = begin(*read); !begun) return failure(std::move(begun).error());
    std::string text = summary(*read);
    text.pop_back();
    say(text);
    service_.ready(counted(read->routes.size(), "route"));
    serve();
    service_.stopping();
    // The one that takes the place is still being answered.
    if (is_replaced_) std::this_thread::sleep_for(milliseconds(100));
    admin_.reset();
    drain();
    return done;
  }

 private:
  result<> begin(const sidecar::config& read) {
    const auto admin = choice_.admin.empty() ? read.admin : choice_.admin;
    take_descriptors(read);
    sidecar::handed_sockets handed;
    if (choice_.take_over) {
      auto taken = sidecar::ask_for_sockets(admin);
      if (!taken) return failure(std::move(taken).error());
      handed = *std::move(taken);
    }
    auto started = sidecar::sidecar::start(read, say, std::move(handed));
    if (!started) return failure(std::move(started).error());
    running_ = *std::move(started);
    if (choice_.take_over) {
      auto told = sidecar::ask_admin(admin, "POST", "/replaced");
      if (!told) return failure(in_step("take over", std::move(told).error()));
    }
    auto serving = start_admin(admin, read.status);
    if (!serving) return failure(std::move(serving).error());
    admin_ = *std::move(serving);
    return {};
  }

  /// The one whose place is taken gives its addresses up in a moment.
  result<std::unique_ptr<sidecar::admin_server>> start_admin(
      const std::string& admin, const std::optional<client::endpoint>& status) {
    constexpr milliseconds patience{5'000};
    constexpr milliseconds pause{20};
    const auto until = steady_clock::now() + patience;
    for (;;) {
      auto serving = sidecar::admin_server::start(admin, status, hooks());
      const bool is_taken = !serving && serving.error().cause == std::errc::address_in_use;
      if (!choice_.take_over || !is_taken || steady_clock::now() >= until) return serving;
      std::this_thread::sleep_for(pause);
    }
  }

  [[nodiscard]] sidecar::admin_hooks hooks() {
    return {
        .status = [this] { return running_->status(); },
        .steer = [this](
                     const std::string& route, const client::endpoint& server,
                     sidecar::server_order order) { return running_->steer(route, server, order); },
        .reload = [this]() -> result<> {
          auto read = config_of(choice_);
          if (!read) return failure(std::move(read).error());
          return running_->reload(*std::move(read));
        },
        .hand_over = [this] { return running_->hand_over(); },
        .end_replaced =
            [this] {
              is_replaced_ = true;
              ::kill(::getpid(), SIGTERM);  // the loop that waits for signals ends
            }};
  }

  void serve() {
    constexpr milliseconds longest{60'000};
    while (true) {
      service_.tick();
      const auto arrived =
          signals_.wait(std::min(longest, service_.tick_every().value_or(longest)));
      if (arrived == SIGHUP) reload();
      if (arrived && *arrived != SIGHUP) return;
    }
  }

  /// What runs goes on until there is something better.
  void reload() {
    service_.reloading();
    auto read = config_of(choice_);
    auto applied = read ? running_->reload(*read) : result<>(failure(read.error()));
    if (applied) {
      say("read again: " + counted(read->routes.size(), "route"));
    } else {
      write_error(fmt::format("waitstate: sidecar: {}; what was read before stays\n",
                              applied.error().what));
    }
    service_.ready(applied ? "read again" : "kept what was read before");
  }

  /// Until every client is gone, its time is over, or a second signal comes.
  void drain() {
    constexpr milliseconds step{50};
    running_->drain(is_replaced_);
    const auto until = steady_clock::now() + running_->running().drain_time_max;
    while (running_->draining_clients() > 0 && steady_clock::now() < until) {
      const auto arrived = signals_.wait(step);
      if (arrived && *arrived != SIGHUP) return;
      service_.tick();
    }
  }

  const sidecar_choice& choice_;
  awaited_signals signals_;
  service_manager service_;
  std::unique_ptr<sidecar::sidecar> running_;
  std::unique_ptr<sidecar::admin_server> admin_;
  std::atomic<bool> is_replaced_{false};
};

result<int> check(const sidecar_choice& c) {
  const auto read = config_of(c);
  if (!read) return failure(read.error());
  write_out(summary(*read));
  return done;
}

result<int> ctl(const sidecar_choice& c) {
  const auto admin = c.admin.empty() ? std::string(sidecar::usual_admin_path) : c.admin;
  return run_sidecar_ctl(admin, {c.words.begin() + 1, c.words.end()}, c.json);
}

}  // namespace

void add_sidecar(CLI::App& app, command& chosen) {
  auto typed = std::make_shared<sidecar_choice>();
  auto* sub = app.add_subcommand("sidecar", "Keep connections for programs that open one a call");
  sub->add_option("--config", typed->config,
                  fmt::format("The routes, else {}", sidecar::usual_config_path))
      ->type_name("FILE");
  auto* listen =
      sub->add_option("--listen", typed->listen, "One route without a file: where clients connect")
          ->type_name("ADDRESS")
          ->expected(1);
  sub->add_option("--to", typed->to, "Of that route: a server, http://HOST:PORT; several times")
      ->type_name("SERVER")
      ->needs(listen);
  sub->add_option("--admin", typed->admin,
                  fmt::format("The unix socket for ctl, whatever the file says; of ctl else {}",
                              sidecar::usual_admin_path))
      ->type_name("PATH");
  sub->add_option("words", typed->words,
                  "ctl routes, servers, clients, leases, openings, metrics or reload; ctl drain, "
                  "kill or ready ROUTE SERVER")
      ->type_name("");
  sub->add_flag("--json", typed->json, "Of ctl: print everything as JSON");
  sub->add_flag("--take-over", typed->take_over,
                "Take the place of the one that runs: its listening sockets first, then its end");
  sub->add_flag("--check", typed->check, "Read the routes, say how they were understood, and end");
  sub->footer(
      "examples:\n"
      "  waitstate sidecar --listen 127.0.0.1:8080 --to http://10.0.0.5:80\n"
      "  waitstate sidecar suggest > sidecar.toml          what would help this host\n"
      "  waitstate sidecar --check --config sidecar.toml   is it right?\n"
      "  waitstate sidecar ctl servers                     of one that runs\n"
      "  systemctl enable --now waitstate-sidecar          as a service");
  add_sidecar_suggest(*sub, chosen);
  sub->callback([typed, sub, &chosen] {
    if (!sub->get_subcommands().empty()) return;
    if (typed->to.empty() != typed->listen.empty()) {
      chosen.refused = error{.code = errc::invalid_input,
                             .what = "sidecar: --listen without --to",
                             .hint = "--listen 127.0.0.1:8080 --to http://10.0.0.5:80"};
      return;
    }
    if (!typed->words.empty() && typed->words.front() != "ctl") {
      chosen.refused =
          error{.code = errc::invalid_input,
                .what = fmt::format("sidecar: there is no '{}'", quotable(typed->words.front())),
                .hint = "waitstate sidecar ctl routes"};
      return;
    }
    chosen.run = [typed]() -> result<int> {
      auto ended = !typed->words.empty() ? ctl(*typed)
                   : typed->check        ? check(*typed)
                                         : sidecar_loop(*typed).run();
      if (!ended) return failure(in_step("sidecar", std::move(ended).error()));
      return ended;
    };
  });
}

}  // namespace waitstate::cli
