#include "redis_parser.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <string>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

// hiredis looks for a line's end from the line's beginning each time that more of it comes.
constexpr std::size_t line_max = std::size_t{64} << 10;

}  // namespace

struct redis_parser::state {
  redis_limits limits;
  redisReader* reader = nullptr;
  std::size_t elements = 0;  // of the reply under way
  std::size_t bytes = 0;     // fed since the last whole reply
  bool has_begun = false;    // a reply
  bool too_many = false;
  bool has_long_line = false;
  std::optional<error> failed;
};

namespace {

/// hiredis makes the tree top down and in order, so that the element under way is always the last
/// of its array and nothing moves while something points at it.
redis_reply* place(const redisReadTask* task) noexcept {
  try {
    if (task->parent == nullptr) return new redis_reply();
    return &static_cast<redis_reply*>(task->parent->obj)->elements.emplace_back();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void* make_string(bool& has_long_line, const redisReadTask* task, char* text, std::size_t size) {
  // Also one whose end came along with it, so that it is all the same how the bytes are cut.
  has_long_line = task->type != REDIS_REPLY_STRING && size > line_max;
  auto* const made = has_long_line ? nullptr : place(task);
  if (made == nullptr) return nullptr;
  made->kind = task->type == REDIS_REPLY_STATUS  ? redis_kind::status
               : task->type == REDIS_REPLY_ERROR ? redis_kind::error
                                                 : redis_kind::string;
  try {
    made->text.assign(text, size);
  } catch (const std::bad_alloc&) {
    if (task->parent == nullptr) delete made;
    return nullptr;
  }
  return made;
}

void* make_integer(const redisReadTask* task, long long number) {
  auto* const made = place(task);
  if (made == nullptr) return nullptr;
  made->kind = redis_kind::integer;
  made->number = number;
  return made;
}

void* make_null(const redisReadTask* task) {
  return place(task);
}

void free_reply(void* root) {
  delete static_cast<redis_reply*>(root);
}

}  // namespace

redis_parser::redis_parser(const redis_limits& limits) : state_(std::make_unique<state>()) {
  static redisReplyObjectFunctions functions = {
      .createString = [](const redisReadTask* task, char* text, std::size_t size) -> void* {
        return make_string(static_cast<state*>(task->privdata)->has_long_line, task, text, size);
      },
      .createArray = [](const redisReadTask* task, int count) -> void* {
        auto& self = *static_cast<state*>(task->privdata);
        self.elements += static_cast<std::size_t>(count);
        if (self.elements > self.limits.elements_max) {
          self.too_many = true;
          return nullptr;
        }
        auto* const made = place(task);
        if (made != nullptr) made->kind = redis_kind::array;
        return made;
      },
      .createInteger = make_integer,
      .createNil = make_null,
      .freeObject = free_reply};
  state_->limits = limits;
  state_->reader = redisReaderCreateWithFunctions(&functions);
  if (state_->reader == nullptr) throw std::bad_alloc();
  state_->reader->privdata = state_.get();
}

redis_parser::~redis_parser() {
  redisReaderFree(state_->reader);
}

void redis_parser::feed(std::string_view bytes) {
  if (state_->failed || bytes.empty()) return;
  state_->bytes += bytes.size();
  state_->has_begun = true;
  if (redisReaderFeed(state_->reader, bytes.data(), bytes.size()) != REDIS_OK) {
    throw std::bad_alloc();
  }
}

result<std::optional<redis_reply>> redis_parser::next() {
  if (state_->failed) return failure(*state_->failed);
  void* got = nullptr;
  if (redisReaderGetReply(state_->reader, &got) != REDIS_OK) {
    if (state_->too_many) {
      return fail(
          fmt::format("a reply has more than {}", counted(state_->limits.elements_max, "element")));
    }
    if (state_->has_long_line) return fail_for_long_line();
    return fail(state_->reader->errstr);
  }
  if (got == nullptr) {
    const auto bulk = awaited_bulk();
    if (state_->bytes > state_->limits.reply_bytes_max ||
        (bulk && *bulk > state_->limits.reply_bytes_max)) {
      return fail(fmt::format("a reply is longer than {}", bytes(state_->limits.reply_bytes_max)));
    }
    if (is_line_too_long()) return fail_for_long_line();
    return std::nullopt;
  }
  const std::unique_ptr<redis_reply> whole(static_cast<redis_reply*>(got));
  state_->elements = 0;
  state_->bytes = state_->reader->len - state_->reader->pos;
  state_->has_begun = state_->bytes > 0;
  return std::move(*whole);
}

/// The length that the string under way announces, before its bytes are here.
std::optional<std::size_t> redis_parser::awaited_bulk() const {
  const auto& reader = *state_->reader;
  if (reader.ridx < 0 || reader.rstack[reader.ridx].type != REDIS_REPLY_STRING) return {};
  const auto rest = unread();
  std::size_t length = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), length);
  if (read.ec == std::errc::result_out_of_range) return ~std::size_t{0};
  if (read.ec != std::errc()) return {};
  return length;
}

/// A status, an error, a number or a length has begun, and does not end.
bool redis_parser::is_line_too_long() const {
  const auto rest = unread();
  return rest.size() > line_max && !rest.substr(0, line_max + 2).contains("\r\n");
}

std::string_view redis_parser::unread() const {
  const auto& reader = *state_->reader;
  return {reader.buf + reader.pos, reader.len - reader.pos};
}

failure redis_parser::fail_for_long_line() {
  return fail(fmt::format("a line of a reply is longer than {}", bytes(line_max)));
}

failure redis_parser::fail(std::string why) {
  state_->failed = {.code = errc::corrupt, .what = std::move(why), .hint = {}};
  return failure(*state_->failed);
}

bool redis_parser::is_at_boundary() const {
  return !state_->failed && !state_->has_begun;
}

}  // namespace waitstate::client
