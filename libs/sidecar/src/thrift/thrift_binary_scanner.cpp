#include "thrift/thrift_binary_scanner.h"

#include <algorithm>

namespace waitstate::sidecar {
namespace {

// As TBinaryProtocol numbers them.
constexpr std::uint8_t type_stop = 0;
constexpr std::uint8_t type_text = 11;
constexpr std::uint8_t type_struct = 12;
constexpr std::uint8_t type_map = 13;
constexpr std::uint8_t type_set = 14;
constexpr std::uint8_t type_list = 15;

constexpr std::size_t list_head_size = 5;  // a type and a count
constexpr std::size_t map_head_size = 6;   // two of them
constexpr std::uint32_t version_mask = 0xFFFF'0000;
constexpr std::uint32_t version_1 = 0x8001'0000;

/// Of a value whose size its type says; 0 for the others.
constexpr std::uint64_t size_of(std::uint8_t type) {
  switch (type) {
    case 2:
    case 3: return 1;
    case 6: return 2;
    case 8: return 4;
    case 4:
    case 10: return 8;
    case 16: return 16;  // uuid
    default: return 0;
  }
}

constexpr bool is_message_type(char type) {
  return type >= 1 && type <= 4;  // call, reply, exception, oneway
}

constexpr bool is_type(std::uint8_t type) {
  return size_of(type) > 0 || (type >= type_text && type <= type_list);
}

}  // namespace

std::size_t thrift_binary_scanner::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != state::done && refused_.empty()) {
    const std::size_t left = bytes.size() - taken;
    if (skip_ > 0) {
      const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, left));
      skip_ -= passed;
      taken += passed;
      continue;
    }
    const auto more = std::min(need_ - have_, left);
    std::ranges::copy(bytes.substr(taken, more),
                      token_.begin() + static_cast<std::ptrdiff_t>(have_));
    have_ += more;
    taken += more;
    if (have_ == need_) act();
  }
  return refused_.empty() ? taken : 0;
}

std::uint32_t thrift_binary_scanner::number(std::size_t at) const {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(token_.at(i));
  }
  return value;
}

void thrift_binary_scanner::refuse(std::string_view why) {
  refused_ = why;
}

void thrift_binary_scanner::want(state next, std::size_t bytes) {
  state_ = next;
  need_ = bytes;
  have_ = 0;
  if (bytes > left_) return refuse("the message is over the limit");
  left_ -= bytes;
}

void thrift_binary_scanner::pass_over(std::uint64_t bytes) {
  if (bytes > left_) return refuse("the message is over the limit");
  left_ -= bytes;
  skip_ += bytes;
}

void thrift_binary_scanner::begin(level l) {
  if (levels_.size() == levels_max) return refuse("values within values are too deep");
  levels_.push_back(l);
}

bool thrift_binary_scanner::needs_more_of(std::uint8_t type) {
  switch (type) {
    case type_text: want(state::text_size, 4); return true;
    case type_map: want(state::map_head, map_head_size); return true;
    case type_set:
    case type_list: want(state::list_head, list_head_size); return true;
    case type_struct: begin({}); return false;
    default: pass_over(size_of(type)); return false;
  }
}

void thrift_binary_scanner::go_on() {
  while (refused_.empty()) {
    while (!levels_.empty() && !levels_.back().is_struct && levels_.back().elements == 0) {
      levels_.pop_back();
    }
    if (levels_.empty()) {
      state_ = state::done;
      return;
    }
    auto& now = levels_.back();
    if (now.is_struct) return want(state::field_type, 1);
    --now.elements;
    // A map's keys and values take turns; of others both types are the same.
    if (needs_more_of(now.elements % 2 == 1 ? now.first_type : now.second_type)) return;
  }
}

void thrift_binary_scanner::read_elements(std::uint8_t first, std::uint8_t second,
                                          std::uint32_t count) {
  constexpr std::uint32_t count_max = 0x7FFF'FFFF;
  if (count > count_max) return refuse("a negative count");
  if (count == 0) return;
  if (!is_type(first) || !is_type(second)) return refuse("an unknown type");
  const bool is_map = state_ == state::map_head;
  const auto each = size_of(first) + (is_map ? size_of(second) : 0);
  if (size_of(first) > 0 && size_of(second) > 0) {
    pass_over(each * count);
    return;
  }
  // An element has a byte at least.
  const auto elements = std::uint64_t{count} * (is_map ? 2 : 1);
  if (elements > left_) return refuse("the message is over the limit");
  begin({.first_type = first, .second_type = second, .is_struct = false, .elements = elements});
}

void thrift_binary_scanner::act() {
  constexpr std::uint32_t size_max = 0x7FFF'FFFF;
  switch (state_) {
    case state::version:
      if ((number(0) & version_mask) != version_1 || !is_message_type(token_.at(3))) {
        return refuse("it is no strict TBinaryProtocol");
      }
      left_ -= std::min<std::uint64_t>(left_, need_);
      return want(state::name_size, 4);
    case state::name_size:
      if (number(0) > size_max) return refuse("a negative size");
      pass_over(number(0));
      if (refused_.empty()) want(state::seqid, 4);
      return;
    case state::seqid: begin({}); break;
    case state::field_type:
      field_ = static_cast<std::uint8_t>(token_.front());
      if (field_ == type_stop) {
        levels_.pop_back();
        break;
      }
      if (!is_type(field_)) return refuse("an unknown type");
      return want(state::field_id, 2);
    case state::field_id:
      if (needs_more_of(field_)) return;
      break;
    case state::text_size:
      if (number(0) > size_max) return refuse("a negative size");
      pass_over(number(0));
      break;
    case state::list_head: {
      const auto type = static_cast<std::uint8_t>(token_.front());
      read_elements(type, type, number(1));
      break;
    }
    case state::map_head:
      read_elements(static_cast<std::uint8_t>(token_.at(0)),
                    static_cast<std::uint8_t>(token_.at(1)), number(2));
      break;
    case state::done: return;
  }
  go_on();
}

}  // namespace waitstate::sidecar
