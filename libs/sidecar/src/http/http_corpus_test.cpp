#include "http_corpus.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "http/chunk_scanner.h"
#include "http/http_head.h"

namespace waitstate::sidecar {
namespace {

/// Bytes that come in pieces, as they do from a socket.
class arriving {
 public:
  arriving(std::string_view all, std::size_t piece) : all_(all), piece_(piece) {}

  /// What is there and not yet used.
  [[nodiscard]] std::string_view there() const { return all_.substr(used_, there_ - used_); }
  void use(std::size_t count) { used_ += count; }
  /// More is there; false: that was all.
  bool more() {
    if (there_ == all_.size()) return false;
    there_ = std::min(all_.size(), there_ + piece_);
    return true;
  }
  void all() { there_ = all_.size(); }

 private:
  std::string_view all_;
  std::size_t piece_;
  std::size_t used_ = 0;
  std::size_t there_ = 0;
};

/// " +5", " +chunked 15" or " +rest", and what is behind the body is there; false: it is not whole,
/// or refused with `status`.
bool pass_body(const body_framing& body, arriving& bytes, int status, std::string& seen) {
  if (body.end == body_end::none) return true;
  if (body.end == body_end::close) {
    bytes.all();
    bytes.use(bytes.there().size());
    seen += " +rest";
    return true;
  }
  if (body.end == body_end::length) {
    seen += " +" + std::to_string(body.length);
    while (bytes.there().size() < body.length) {
      if (!bytes.more()) return seen += " more", false;
    }
    bytes.use(body.length);
    return true;
  }
  seen += " +chunked ";
  chunk_scanner scanner;
  std::size_t taken = 0;
  while (!scanner.is_done()) {
    const auto count = scanner.take(bytes.there());
    if (!scanner.refused().empty()) return seen += std::to_string(status), false;
    bytes.use(count);
    taken += count;
    if (!scanner.is_done() && !bytes.more()) return seen += "more", false;
  }
  seen += std::to_string(taken);
  return true;
}

/// One request is added to what was seen; false: it is the last one.
bool pass_request(arriving& bytes, std::string& seen) {
  request_head head;
  head_refusal why;
  auto state = parse_state::incomplete;
  while ((state = parse_request_head(bytes.there(), head, why)) == parse_state::incomplete) {
    if (!bytes.more()) return bytes.there().empty() ? false : (seen += "more", false);
  }
  if (state == parse_state::refused) {
    EXPECT_FALSE(why.why.empty());
    return seen += std::to_string(why.status), false;
  }
  seen.append(head.method).append(" ").append(head.target);
  for (const auto piece : head.lines) EXPECT_TRUE(piece.ends_with("\r\n"));
  bytes.use(head.size);
  if (!pass_body(head.body, bytes, 400, seen)) return false;
  if (!head.upgrade.empty()) seen += " upgrade";
  if (head.method == "CONNECT") return seen += " tunnel", false;
  if (!head.keeps_open) return seen += " close", false;
  while (bytes.there().empty() && bytes.more()) {
  }
  if (!bytes.there().empty()) seen += " | ";
  return !bytes.there().empty();
}

std::string seen_of_requests(std::string_view all, std::size_t piece) {
  arriving bytes(all, piece);
  std::string seen;
  while (pass_request(bytes, seen)) {
  }
  return seen;
}

std::string seen_of_response(std::string_view all, std::string_view method, std::size_t piece) {
  arriving bytes(all, piece);
  response_head head;
  head_refusal why;
  auto state = parse_state::incomplete;
  while ((state = parse_response_head(bytes.there(), method, head, why)) ==
         parse_state::incomplete) {
    if (!bytes.more()) return "more";
  }
  if (state == parse_state::refused) {
    EXPECT_FALSE(why.why.empty());
    return std::to_string(why.status);
  }
  auto seen = std::to_string(head.status);
  bytes.use(head.size);
  if (!pass_body(head.body, bytes, 502, seen)) return seen;
  seen += head.keeps_open ? " kept" : " closed";
  bytes.all();
  if (!bytes.there().empty()) seen += " stray " + std::to_string(bytes.there().size());
  return seen;
}

TEST(http_corpus, no_request_is_seen_in_two_ways_however_it_is_cut) {
  for (const auto& c : request_corpus()) {
    for (const std::size_t piece : {1U, 2U, 7U, 64U, 100'000U}) {
      if (piece < 1000 && c.bytes.size() > 5000) continue;
      EXPECT_EQ(seen_of_requests(c.bytes, piece), c.wanted) << c.name << " by " << piece;
    }
  }
}

TEST(http_corpus, no_response_is_seen_in_two_ways_however_it_is_cut) {
  for (const auto& c : response_corpus()) {
    for (const std::size_t piece : {1U, 2U, 7U, 64U, 100'000U}) {
      if (piece < 1000 && c.bytes.size() > 5000) continue;
      EXPECT_EQ(seen_of_response(c.bytes, c.method, piece), c.wanted) << c.name << " by " << piece;
    }
  }
}

TEST(http_corpus, is_large_and_names_each_case_once) {
  const auto requests = request_corpus();
  const auto responses = response_corpus();
  EXPECT_GE(requests.size(), 100U);
  EXPECT_GE(responses.size(), 50U);
  std::set<std::string_view> names;
  for (const auto& c : requests) EXPECT_TRUE(names.insert(c.name).second) << c.name;
  names.clear();
  for (const auto& c : responses) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

}  // namespace
}  // namespace waitstate::sidecar
