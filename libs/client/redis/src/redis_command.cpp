#include "waitstate/client/redis/redis_command.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

// Held against the flags that a server states (COMMAND) by tests/integration/redis_test.cpp.
constexpr std::array reads = {"BITCOUNT"sv,
                              "BITFIELD_RO"sv,
                              "BITPOS"sv,
                              "DBSIZE"sv,
                              "DUMP"sv,
                              "ECHO"sv,
                              "EVALSHA_RO"sv,
                              "EVAL_RO"sv,
                              "EXISTS"sv,
                              "EXPIRETIME"sv,
                              "FCALL_RO"sv,
                              "GEODIST"sv,
                              "GEOHASH"sv,
                              "GEOPOS"sv,
                              "GEORADIUSBYMEMBER_RO"sv,
                              "GEORADIUS_RO"sv,
                              "GEOSEARCH"sv,
                              "GET"sv,
                              "GETBIT"sv,
                              "GETRANGE"sv,
                              "HEXISTS"sv,
                              "HGET"sv,
                              "HGETALL"sv,
                              "HKEYS"sv,
                              "HLEN"sv,
                              "HMGET"sv,
                              "HRANDFIELD"sv,
                              "HSTRLEN"sv,
                              "HVALS"sv,
                              "KEYS"sv,
                              "LCS"sv,
                              "LINDEX"sv,
                              "LLEN"sv,
                              "LPOS"sv,
                              "LRANGE"sv,
                              "MGET"sv,
                              "PEXPIRETIME"sv,
                              "PING"sv,
                              "PTTL"sv,
                              "RANDOMKEY"sv,
                              "SCARD"sv,
                              "SDIFF"sv,
                              "SINTER"sv,
                              "SINTERCARD"sv,
                              "SISMEMBER"sv,
                              "SMEMBERS"sv,
                              "SMISMEMBER"sv,
                              "SORT_RO"sv,
                              "SRANDMEMBER"sv,
                              "STRLEN"sv,
                              "SUBSTR"sv,
                              "SUNION"sv,
                              "TTL"sv,
                              "TYPE"sv,
                              "XLEN"sv,
                              "XPENDING"sv,
                              "XRANGE"sv,
                              "XREVRANGE"sv,
                              "ZCARD"sv,
                              "ZCOUNT"sv,
                              "ZDIFF"sv,
                              "ZINTER"sv,
                              "ZINTERCARD"sv,
                              "ZLEXCOUNT"sv,
                              "ZMSCORE"sv,
                              "ZRANDMEMBER"sv,
                              "ZRANGE"sv,
                              "ZRANGEBYLEX"sv,
                              "ZRANGEBYSCORE"sv,
                              "ZRANK"sv,
                              "ZREVRANGE"sv,
                              "ZREVRANGEBYLEX"sv,
                              "ZREVRANGEBYSCORE"sv,
                              "ZREVRANK"sv,
                              "ZSCORE"sv,
                              "ZUNION"sv};

constexpr std::array idempotents = {
    "DEL"sv,  "EXPIREAT"sv, "HDEL"sv,    "HMSET"sv,     "HSCAN"sv,    "HSET"sv,   "INFO"sv,
    "LSET"sv, "MSET"sv,     "PERSIST"sv, "PEXPIREAT"sv, "PFADD"sv,    "PSETEX"sv, "ROLE"sv,
    "SADD"sv, "SCAN"sv,     "SETBIT"sv,  "SETEX"sv,     "SETRANGE"sv, "SREM"sv,   "SSCAN"sv,
    "TIME"sv, "UNLINK"sv,   "ZREM"sv,    "ZSCAN"sv};

constexpr std::array statefuls = {
    "ASKING"sv,     "AUTH"sv,         "BLMOVE"sv,       "BLMPOP"sv,      "BLPOP"sv,
    "BRPOP"sv,      "BRPOPLPUSH"sv,   "BZMPOP"sv,       "BZPOPMAX"sv,    "BZPOPMIN"sv,
    "DISCARD"sv,    "EXEC"sv,         "HELLO"sv,        "MONITOR"sv,     "MULTI"sv,
    "PSUBSCRIBE"sv, "PSYNC"sv,        "PUNSUBSCRIBE"sv, "QUIT"sv,        "READONLY"sv,
    "READWRITE"sv,  "REPLCONF"sv,     "RESET"sv,        "SELECT"sv,      "SSUBSCRIBE"sv,
    "SUBSCRIBE"sv,  "SUNSUBSCRIBE"sv, "SYNC"sv,         "UNSUBSCRIBE"sv, "UNWATCH"sv,
    "WAIT"sv,       "WAITAOF"sv,      "WATCH"sv};

static_assert(std::ranges::is_sorted(reads));
static_assert(std::ranges::is_sorted(idempotents));
static_assert(std::ranges::is_sorted(statefuls));

// CLIENT's subcommands that say or change something about other connections only.
constexpr std::array harmless_of_client = {"GETNAME"sv, "ID"sv,    "INFO"sv,    "KILL"sv,
                                           "LIST"sv,    "PAUSE"sv, "UNBLOCK"sv, "UNPAUSE"sv};

std::string upper(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return word;
}

bool has_option(const redis_command& command, std::size_t from, std::string_view option) {
  for (auto i = from; i < command.size(); ++i) {
    if (upper(command[i]) == option) return true;
  }
  return false;
}

redis_command_kind classify_by_arguments(const std::string& name, const redis_command& command) {
  using enum redis_command_kind;
  const auto first = command.size() > 1 ? upper(command[1]) : std::string();
  if (name == "XREAD") return has_option(command, 1, "BLOCK") ? stateful : read;
  if (name == "XREADGROUP") return has_option(command, 1, "BLOCK") ? stateful : once;
  if (name == "CLIENT") return std::ranges::count(harmless_of_client, first) > 0 ? once : stateful;
  if (name == "SCRIPT") return first == "DEBUG" ? stateful : once;
  if (name == "OBJECT" || name == "MEMORY") {
    const bool is_of_a_key = first == "USAGE" || first == "ENCODING" || first == "FREQ" ||
                             first == "IDLETIME" || first == "REFCOUNT";
    return is_of_a_key ? read : once;
  }
  // Whether NX or XX holds, and what GET gives, is different the second time.
  if (name == "SET") {
    const bool asks = has_option(command, 3, "NX") || has_option(command, 3, "XX") ||
                      has_option(command, 3, "GET");
    return asks ? once : idempotent;
  }
  if (name == "ZADD") {
    const bool adds = has_option(command, 2, "INCR") || has_option(command, 2, "NX") ||
                      has_option(command, 2, "XX") || has_option(command, 2, "GT") ||
                      has_option(command, 2, "LT");
    return adds ? once : idempotent;
  }
  return once;
}

}  // namespace

std::string_view to_string(redis_command_kind k) {
  switch (k) {
    case redis_command_kind::read: return "read";
    case redis_command_kind::idempotent: return "idempotent";
    case redis_command_kind::once: return "once";
    case redis_command_kind::stateful: return "stateful";
  }
  assert(false && "unknown kind");
  return {};
}

redis_command_kind classify(const redis_command& command) {
  if (command.empty()) return redis_command_kind::once;
  const auto name = upper(command.front());
  if (std::ranges::binary_search(reads, name)) return redis_command_kind::read;
  if (std::ranges::binary_search(idempotents, name)) return redis_command_kind::idempotent;
  if (std::ranges::binary_search(statefuls, name)) return redis_command_kind::stateful;
  return classify_by_arguments(name, command);
}

bool runs_script(const redis_command& command) {
  if (command.empty()) return false;
  const auto name = upper(command.front());
  return name == "EVAL" || name == "EVALSHA" || name == "FCALL";
}

result<> append_request(std::string& to, const redis_command& command) {
  if (command.empty() || command.front().empty()) {
    return failure(
        {.code = errc::invalid_input, .what = "redis: a command without a name", .hint = {}});
  }
  std::size_t size = to.size();
  std::vector<const char*> values;
  std::vector<std::size_t> sizes;
  for (const auto& argument : command) {
    size += argument.size() + 16;
    values.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  if (size > redis_request_bytes_max || command.size() > redis_pipeline_max) {
    return failure(
        {.code = errc::invalid_input,
         .what = fmt::format("redis: '{}' makes a request of {} and {}, {} and {} are "
                             "the most",
                             command.front(), bytes(size), counted(command.size(), "argument"),
                             bytes(redis_request_bytes_max), grouped(redis_pipeline_max)),
         .hint = {}});
  }
  char* formatted = nullptr;
  const int length = redisFormatCommandArgv(&formatted, static_cast<int>(command.size()),
                                            values.data(), sizes.data());
  if (length < 0) throw std::bad_alloc();
  to.append(formatted, static_cast<std::size_t>(length));
  redisFreeCommand(formatted);
  return {};
}

}  // namespace waitstate::client
