// Whatever a client sends, cut wherever: the messages are the same as those of the whole, and are
// what was sent. One without a frame ends where its struct does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "thrift/thrift_own_answer.h"
#include "thrift/thrift_request_reader.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace {

using namespace waitstate;

constexpr std::uint32_t message_max = 1 << 16;

struct outcome {
  std::vector<std::string> messages;
  std::string refused;
  bool is_framed = true;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome read_all(std::string_view bytes, std::size_t at_once) {
  sidecar::thrift_request_reader reader(message_max);
  outcome all;
  while (!bytes.empty()) {
    const auto space = reader.space();
    const auto taken = std::min({space.size(), bytes.size(), at_once});
    if (taken == 0) std::abort();
    std::ranges::copy(bytes.substr(0, taken), space.begin());
    reader.received(taken);
    bytes.remove_prefix(taken);
    for (;;) {
      auto next = reader.next();
      all.is_framed = reader.is_framed();
      if (!next) {
        all.refused = next.error().what;
        if (all.refused.empty()) std::abort();
        return all;
      }
      if (!*next) break;
      if ((*next)->empty() || (*next)->size() > message_max) std::abort();
      all.messages.push_back(**std::move(next));
    }
  }
  return all;
}

void check_message(const std::string& message) {
  const auto read = client::read_thrift_envelope(message);
  if (!read) return;
  const auto answer = sidecar::thrift_own_answer(*read, "why");
  const auto answered = client::read_thrift_envelope(answer);
  if (!answered || answered->seqid != read->seqid || answered->name != read->name) std::abort();
  const auto told = client::read_thrift_exception(answer, *answered);
  if (!told || told->message != "waitstate: why" || told->type != 6) std::abort();
  auto changed = message;
  sidecar::make_oneway(changed, *read);
  const auto again = client::read_thrift_envelope(changed);
  if (!again || again->type != client::thrift_message_type::oneway || again->name != read->name ||
      again->seqid != read->seqid || again->body_at != read->body_at) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto all = read_all(bytes, std::string_view::npos);
  if (read_all(bytes, 1) != all || read_all(bytes, 7) != all) std::abort();
  std::string sent;
  for (const auto& message : all.messages) {
    if (all.is_framed) {
      client::append_thrift_frame(sent, message);
    } else {
      sent += message;
      if (!client::read_thrift_envelope(message)) std::abort();
    }
    check_message(message);
  }
  if (!bytes.starts_with(sent)) std::abort();
  return 0;
}
