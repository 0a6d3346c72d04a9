#include "redis/redis_commands.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "redis/resp_request_scanner.h"

namespace waitstate::sidecar {
namespace {

using enum redis_use;

struct row {
  std::string_view name;
  redis_use use = write;
};

constexpr bool before(const row& a, const row& b) {
  return a.name < b.name;
}

// What is not here is a write. Held against the flags that a server states (COMMAND) by
// tests/integration/sidecar_redis_test.cpp.
constexpr auto rows = std::to_array<row>({
    {"ASKING", refused},
    {"AUTH", auth},
    {"BITCOUNT", read},
    {"BITFIELD_RO", read},
    {"BITPOS", read},
    {"BLMOVE", apart},
    {"BLMPOP", apart},
    {"BLPOP", apart},
    {"BRPOP", apart},
    {"BRPOPLPUSH", apart},
    {"BZMPOP", apart},
    {"BZPOPMAX", apart},
    {"BZPOPMIN", apart},
    {"CLIENT", client},
    {"COMMAND", read},
    {"DBSIZE", read},
    {"DEBUG", apart},
    {"DISCARD", ends_multi},
    {"DUMP", read},
    {"ECHO", read},
    {"EVALSHA_RO", read},
    {"EVAL_RO", read},
    {"EXEC", ends_multi},
    {"EXISTS", read},
    {"EXPIRETIME", read},
    {"FAILOVER", apart},
    {"FCALL_RO", read},
    {"GEODIST", read},
    {"GEOHASH", read},
    {"GEOPOS", read},
    {"GEORADIUSBYMEMBER_RO", read},
    {"GEORADIUS_RO", read},
    {"GEOSEARCH", read},
    {"GET", read},
    {"GETBIT", read},
    {"GETRANGE", read},
    {"HELLO", hello},
    {"HEXISTS", read},
    {"HGET", read},
    {"HGETALL", read},
    {"HKEYS", read},
    {"HLEN", read},
    {"HMGET", read},
    {"HOST:", hostile},
    {"HRANDFIELD", read},
    {"HSTRLEN", read},
    {"HVALS", read},
    {"KEYS", read},
    {"LCS", read},
    {"LINDEX", read},
    {"LLEN", read},
    {"LPOS", read},
    {"LRANGE", read},
    {"MGET", read},
    {"MIGRATE", apart},
    {"MONITOR", tunnel},
    {"MULTI", multi},
    {"PEXPIRETIME", read},
    {"PING", read},
    {"POST", hostile},
    {"PSUBSCRIBE", tunnel},
    {"PSYNC", refused},
    {"PTTL", read},
    {"PUNSUBSCRIBE", tunnel},
    {"QUIT", quit},
    {"RANDOMKEY", read},
    {"READONLY", refused},
    {"READWRITE", refused},
    {"REPLCONF", refused},
    {"RESET", reset},
    {"SCARD", read},
    {"SDIFF", read},
    {"SELECT", select},
    {"SHUTDOWN", apart},
    {"SINTER", read},
    {"SINTERCARD", read},
    {"SISMEMBER", read},
    {"SMEMBERS", read},
    {"SMISMEMBER", read},
    {"SORT_RO", read},
    {"SRANDMEMBER", read},
    {"SSUBSCRIBE", tunnel},
    {"STRLEN", read},
    {"SUBSCRIBE", tunnel},
    {"SUBSTR", read},
    {"SUNION", read},
    {"SUNSUBSCRIBE", tunnel},
    {"SYNC", refused},
    {"TTL", read},
    {"TYPE", read},
    {"UNSUBSCRIBE", tunnel},
    {"UNWATCH", unwatch},
    {"WAIT", refused},
    {"WAITAOF", refused},
    {"WATCH", watch},
    {"XLEN", read},
    {"XPENDING", read},
    {"XRANGE", read},
    {"XREVRANGE", read},
    {"ZCARD", read},
    {"ZCOUNT", read},
    {"ZDIFF", read},
    {"ZINTER", read},
    {"ZINTERCARD", read},
    {"ZLEXCOUNT", read},
    {"ZMSCORE", read},
    {"ZRANDMEMBER", read},
    {"ZRANGE", read},
    {"ZRANGEBYLEX", read},
    {"ZRANGEBYSCORE", read},
    {"ZRANK", read},
    {"ZREVRANGE", read},
    {"ZREVRANGEBYLEX", read},
    {"ZREVRANGEBYSCORE", read},
    {"ZREVRANK", read},
    {"ZSCORE", read},
    {"ZUNION", read},
});
static_assert(std::ranges::is_sorted(rows, before));

constexpr std::size_t name_max = 24;

constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

redis_use by_name(std::string_view name) {
  if (name.size() > name_max) return write;
  std::array<char, name_max> letters{};
  std::ranges::transform(name, letters.begin(), upper);
  const row wanted{.name = {letters.data(), name.size()}};
  const auto found = std::ranges::lower_bound(rows, wanted, before);
  return found != rows.end() && found->name == wanted.name ? found->use : write;
}

/// What `CLIENT word` is: most of them are about one connection, which is not the client's here.
redis_use of_client(std::string_view word) {
  for (const auto* const known :
       {"SETNAME", "GETNAME", "SETINFO", "ID", "INFO", "NO-EVICT", "NO-TOUCH"}) {
    if (is_word(word, known)) return client;
  }
  for (const auto* const changing : {"TRACKING", "TRACKINGINFO", "CACHING", "GETREDIR", "REPLY"}) {
    if (is_word(word, changing)) return tunnel;
  }
  for (const auto* const of_others : {"KILL", "PAUSE", "UNPAUSE", "UNBLOCK"}) {
    if (is_word(word, of_others)) return refused;
  }
  return write;
}

/// Does XREAD or XREADGROUP have a BLOCK among its options, or may have one behind what is known?
bool may_wait(std::span<const std::string_view> arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto word = arguments[i];
    if (is_word(word, "STREAMS")) return false;
    if (is_word(word, "BLOCK")) return true;
    if (is_word(word, "COUNT")) ++i;
    if (is_word(word, "GROUP")) i += 2;
  }
  return arguments.size() >= resp_request_scanner::arguments_kept;
}

}  // namespace

bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, upper);
}

redis_use use_of(std::span<const std::string_view> arguments) {
  if (arguments.empty()) return write;
  const auto name = arguments.front();
  const auto use = by_name(name);
  const auto first = arguments.size() > 1 ? arguments[1] : std::string_view();
  if (use == client) return of_client(first);
  if (use != write) return use;
  if (is_word(name, "XREAD")) return may_wait(arguments) ? apart : read;
  if (is_word(name, "XREADGROUP")) return may_wait(arguments) ? apart : write;
  const bool has_kill = is_word(name, "SCRIPT") || is_word(name, "FUNCTION");
  if (has_kill && is_word(first, "KILL")) return apart;
  if (is_word(name, "SCRIPT") && is_word(first, "DEBUG")) return tunnel;
  return write;
}

std::string why_refused(std::span<const std::string_view> arguments) {
  const auto name = arguments.empty() ? std::string_view() : arguments.front();
  if (is_word(name, "WAIT") || is_word(name, "WAITAOF")) {
    return "WAIT is about the writes of one connection, which clients share here";
  }
  if (is_word(name, "CLIENT")) {
    return "CLIENT KILL, PAUSE and UNBLOCK reach whoever shares the connection; say it to the "
           "server itself";
  }
  if (is_word(name, "ASKING") || is_word(name, "READONLY") || is_word(name, "READWRITE")) {
    return "this route is no Redis Cluster: its clients choose the server for each key themselves";
  }
  return "replication needs the server itself";
}

}  // namespace waitstate::sidecar
