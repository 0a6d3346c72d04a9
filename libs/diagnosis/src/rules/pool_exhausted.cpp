#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/most_first.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// How a library tells which caller keeps a lease.
struct leak_finder {
  std::string_view program;
  std::string_view command;
};

constexpr leak_finder leak_finders[] = {
    {"HikariCP", "leakDetectionThreshold=10000    # logs the stack of who keeps one for 10 s\n"},
    {"Tomcat JDBC", "removeAbandoned=true; removeAbandonedTimeout=60; logAbandoned=true\n"},
    {"DBCP", "removeAbandonedOnBorrow=true; removeAbandonedTimeout=60; logAbandoned=true\n"},
    {"c3p0", "unreturnedConnectionTimeout=60; debugUnreturnedConnectionStackTraces=true\n"},
    {"Druid", "removeAbandoned=true; removeAbandonedTimeout=60; logAbandoned=true\n"},
    {"SQLAlchemy", "create_engine(url, pool_reset_on_return=\"rollback\", echo_pool=\"debug\")\n"},
    {"database/sql",
     "rows, err := db.QueryContext(ctx, query)\n"
     "defer rows.Close()    // each row set holds its connection until then\n"},
    {"Npgsql", "await using var connection = await source.OpenConnectionAsync(token);\n"},
    {"Apache HttpClient",
     "try (CloseableHttpResponse response = client.execute(request)) {\n"
     "  EntityUtils.consume(response.getEntity());\n"
     "}\n"},
    {"PgBouncer",
     "psql -p 6432 pgbouncer -c 'SHOW SERVERS' -c 'SHOW CLIENTS'    # who holds one, and how "
     "long\n"},
    {"urllib3", "HTTPAdapter(pool_maxsize=50, pool_block=True)    # as many as threads use it\n"},
};

std::string_view leak_finder_of(std::string_view program) {
  const auto* const found = std::ranges::find(leak_finders, program, &leak_finder::program);
  return found == std::end(leak_finders) ? std::string_view{} : found->command;
}

std::string pool_text(const connection_pool& p) {
  const auto of = p.program.empty() ? std::string("the pool") : p.program + "'s pool";
  return p.name.empty() ? of : of + " " + p.name;
}

/// A server that says how many clients it has and takes: who holds them, it says by a command.
struct counting_server {
  std::string_view program;
  std::string_view who_is_connected;
};

constexpr counting_server counting_servers[] = {
    {"Redis", "redis-cli CLIENT LIST | grep -o ' addr=[^:]*' | sort | uniq -c | sort -rn | head\n"},
    {"MySQL",
     "mysql -e \"SELECT user, SUBSTRING_INDEX(host, ':', 1) h, command, COUNT(*), MAX(time) FROM "
     "information_schema.processlist GROUP BY 1, 2, 3 ORDER BY 4 DESC\"\n"},
    {"memcached", "echo 'stats conns' | nc -q1 localhost 11211 | grep addr | sort | uniq -c\n"},
};

std::string_view who_is_connected_to(const connection_pool& p) {
  const auto* const found =
      std::ranges::find(counting_servers, p.program, &counting_server::program);
  return found == std::end(counting_servers) ? std::string_view{} : found->who_is_connected;
}

bool is_back_end(const connection_pool& p) {
  return p.program == "HAProxy";
}

/// Callers wait, and there is not one connection that could come back to them.
bool has_none(const connection_pool& p) {
  return p.waiting.value_or(0) > 0 && p.leased == 0U && p.idle == 0U;
}

std::string title_of(const connection_pool& p) {
  if (has_none(p)) {
    const auto waiting = p.waiting.value_or(0);
    return fmt::format(
        "{} has no connection to its server, and {} for one", pool_text(p),
        waiting == 1 ? std::string("1 caller waits") : counted(waiting, "caller") + " wait");
  }
  auto title =
      p.size ? fmt::format("{}{} out", pool_text(p),
                           *p.size == 1 ? std::string(": its only connection is")
                                        : fmt::format(": all {} connections are", grouped(*p.size)))
             : fmt::format("{} gave out no connection in time", pool_text(p));
  if (is_back_end(p)) {
    title = fmt::format("HAProxy sends {} no more than its {} connections, and all are in use",
                        p.name, grouped(p.size.value_or(0)));
  }
  if (!who_is_connected_to(p).empty()) {
    title = fmt::format("{} takes no more clients: {} of {} are connected", p.program,
                        grouped(p.leased.value_or(0)), grouped(p.size.value_or(0)));
  }
  const auto waiting = p.waiting.value_or(0);
  if (waiting > 0) {
    return title + fmt::format(", and {} for one", waiting == 1
                                                       ? std::string("1 caller waits")
                                                       : counted(waiting, "caller") + " wait");
  }
  if (p.refused > 0 && p.size) {
    return title + fmt::format(", and {} got none", counted(p.refused, "caller"));
  }
  return title;
}

/// Sockets of one destination that are as many as the pool: most likely they are the pool's.
std::vector<evidence> sockets_of(const snapshot& s, const connection_pool& p) {
  std::vector<evidence> proof;
  if (!p.size) return proof;
  for (const auto& g : s.groups) {
    const bool is_open =
        g.key.state == tcp::state::established || g.key.state == tcp::state::close_wait;
    if (!is_open || g.count != *p.size || g.key.direction != direction::outbound) continue;
    proof.push_back(
        {.fact = fmt::format("{} to {}", tcp::to_string(g.key.state), s.text_of(g.key.remote)),
         .value = fmt::format("{}: as many as the pool has", grouped(g.count)),
         .source = source_of(s)});
    break;
  }
  return proof;
}

std::vector<evidence> proof_of(const snapshot& s, const connection_pool& p) {
  std::vector<evidence> proof;
  if (p.leased && p.size) {
    proof.push_back({.fact = p.name.empty() ? "leased" : "leased, " + p.name,
                     .value = fmt::format("{} of {}", grouped(*p.leased), grouped(*p.size)),
                     .source = source_of(s)});
  }
  if (p.waiting) {
    proof.push_back(
        {.fact = "callers that wait", .value = grouped(*p.waiting), .source = source_of(s)});
  }
  if (const auto* said = message_of(s, message_kind::pool_exhausted)) {
    proof.push_back(message_evidence(*said));
  }
  for (auto& e : sockets_of(s, p)) proof.push_back(std::move(e));
  return proof;
}

std::vector<remedy> remedies_for(const snapshot& s, const connection_pool& p) {
  auto runtime = runtime::unknown;
  if (const auto* said = message_of(s, message_kind::pool_exhausted)) {
    runtime = runtime_of_message(*said);
  }
  const auto finder = leak_finder_of(p.program);
  std::vector<remedy> remedies;
  if (const auto command = who_is_connected_to(p); !command.empty()) {
    remedies.push_back({.text =
                            "See who holds the connections, and which are idle: a client without "
                            "a pool, or pools of many clients that are too large together",
                        .command = std::string(command)});
  } else if (is_back_end(p)) {
    remedies.push_back({.text = "See what the back end does with its connections: its threads, its "
                                "slowest requests, and whether it closes them",
                        .command = "echo 'show servers conn' | socat stdio "
                                   "/run/haproxy/admin.sock\n"});
  } else {
    remedies.push_back({.text =
                            "See who keeps the leases: let the pool say where those that do not "
                            "come back were taken, and give back each on every path",
                        .command = std::string(finder)});
    remedies.push_back(show_threads(s, runtime, nullptr));
  }
  remedies.push_back({.text =
                          "Bound how long one is kept: a time-out on each query and request, and "
                          "no call of another service while one is held"});
  remedies.push_back({.text =
                          "Enlarge the pool only when its leases do work: the server has to take "
                          "as many from all clients together",
                      .command = {},
                      .risk = "a slow server gets slower with more at once"});
  return remedies;
}

constexpr std::string_view why =
    "Every connection that the pool may have is lent, so each new caller waits for one to come "
    "back. "
    "Either some never do (an error path that does not close, a response that is not read to its "
    "end), or the peer is slow and each is kept for long, or the bound is too small for the load. "
    "Sockets tell: CLOSE-WAIT to the peer are lost leases, ESTABLISHED with nothing to read wait "
    "for "
    "it.";

/// Numbers of one moment may be of a burst; callers that wait are not.
certainty certainty_of(const connection_pool& p) {
  if (p.refused > 0) {
    return likely("a peer that is slow, so that each lease is kept for long",
                  "where the threads are that hold one: in a call to the peer, or nowhere");
  }
  return possible("a burst that a pool of the right size was met in",
                  "a second look some seconds later: whether the leases come back");
}

void word_none(finding& f) {
  f.cause =
      "The pool would lend one if it had any: the server is down, does not answer, refuses the "
      "login, or takes no more connections.";
  f.certainty = likely("a server that is slow to let the first connection in",
                       "the pool's own log: the error of its last connect or login");
  f.remedies = {{.text = "Connect to the server from here, as the pool does: its error says why"},
                {.text = "See how many connections the server takes, and who has them: its limit, "
                         "and those of all other pools"}};
}

finding finding_of(const snapshot& s, const connection_pool& p) {
  const bool hurts = p.refused > 0 || p.waiting.value_or(0) > 0 ||
                     message_of(s, message_kind::pool_exhausted) != nullptr;
  finding f{.id = "pool-exhausted",
            .severity = hurts ? severity::critical : severity::warning,
            .certainty = certainty_of(p),
            .title = title_of(p),
            .subject = host_subject(s),
            .evidence = proof_of(s, p),
            .cause = std::string(why),
            .forecast = hurts ? "callers fail when their wait times out" : "",
            .remedies = remedies_for(s, p)};
  if (has_none(p)) word_none(f);
  f.subject.text = p.name.empty() ? pool_text(p) : p.name;
  return f;
}

/// Errors of callers, where no line says how large the pool is.
finding told_without_size(const snapshot& s, const message& said) {
  const auto lines = messages_of(s, message_kind::pool_exhausted);
  connection_pool pool{.refused = lines};
  auto f = finding_of(s, pool);
  f.severity = severity::warning;
  f.title = fmt::format(
      "{} got no connection: each that the pool, or the server behind it, allows "
      "is taken",
      counted(lines, "caller"));
  f.subject = said.endpoint ? destination_subject(s, *said.endpoint, {}, 0) : host_subject(s);
  f.subject.process = said.program;
  return f;
}

}  // namespace

findings pool_exhausted(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& p : s.pools) {
    if (found.size() == findings_max) break;
    if (!p.of_workers && (p.is_out() || p.refused > 0 || has_none(p)))
      found.push_back(finding_of(s, p));
  }
  const auto* said = message_of(s, message_kind::pool_exhausted);
  if (found.empty() && said != nullptr) found.push_back(told_without_size(s, *said));
  sort_most_first(found, &finding::severity);
  return found;
}

}  // namespace waitstate::diagnosis
