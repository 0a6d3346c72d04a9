// Whatever arrives, cut wherever: the frames are the same as those of the whole, and what can be
// read of one can be written and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"
#include "waitstate/client/thrift/twitter_upgrade.h"

namespace {

using namespace waitstate::client;

constexpr std::uint32_t frame_max = 1 << 16;

std::vector<std::string> read_all(std::string_view bytes, std::size_t at_once) {
  thrift_frame_reader reader(frame_max);
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    const auto space = reader.space();
    const auto taken = std::min({space.size(), bytes.size(), at_once});
    if (taken == 0) std::abort();
    std::ranges::copy(bytes.substr(0, taken), space.begin());
    reader.received(taken);
    bytes.remove_prefix(taken);
    for (;;) {
      auto next = reader.next();
      if (!next) return frames;
      if (!*next) break;
      if ((*next)->empty()) std::abort();
      frames.push_back(**std::move(next));
    }
  }
  return frames;
}

void check_envelope(std::string_view message) {
  const auto read = read_thrift_envelope(message);
  if (!read) return;
  std::string written;
  append_thrift_envelope(written, *read);
  const auto again = read_thrift_envelope(written);
  if (!again || again->name != read->name || again->seqid != read->seqid ||
      again->type != read->type || again->body_at != written.size()) {
    std::abort();
  }
  (void)read_thrift_exception(message, *read);
  std::string changed(message);
  if (set_thrift_seqid(changed, *read, 77) && read_thrift_envelope(changed)->seqid != 77) {
    std::abort();
  }
}

void check_headers(std::string_view frame) {
  if (const auto at = skip_twitter_response_header(frame); at && *at > frame.size()) std::abort();
  const auto read = read_twitter_request_header(frame);
  if (!read) return;
  std::string written;
  append_twitter_request_header(written, read->first);
  const auto again = read_twitter_request_header(written);
  if (!again || again->first != read->first || again->second != written.size()) std::abort();
  check_envelope(frame.substr(read->second));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto frames = read_all(bytes, std::string_view::npos);
  if (read_all(bytes, 1) != frames || read_all(bytes, 7) != frames) std::abort();
  check_envelope(bytes);
  check_headers(bytes);
  for (const auto& frame : frames) {
    check_envelope(frame);
    check_headers(frame);
  }
  return 0;
}
