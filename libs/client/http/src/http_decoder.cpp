#include "http_decoder.h"

#include <brotli/decode.h>
#define ZLIB_CONST  // it changes nothing of what goes in
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/client/http/http_message.h"

namespace waitstate::client {
namespace {

constexpr std::size_t piece_max = std::size_t{64} << 10;
constexpr int zstd_window_max = 23;  // 8 MiB, the most that RFC 9659 section 3 allows

failure broken(std::string_view encoding, std::string_view why) {
  return failure(
      {.code = errc::corrupt, .what = fmt::format("http body: {}: {}", encoding, why), .hint = {}});
}

/// gzip with any number of members, zlib's format, and deflate without it, which some servers send
/// for "deflate" (RFC 9110 section 8.4.1.2).
class zlib_decoder final : public http_decoder {
 public:
  explicit zlib_decoder(bool is_gzip) : is_gzip_(is_gzip) {}
  ~zlib_decoder() override {
    if (has_begun_) ::inflateEnd(&stream_);
  }

  result<> put(std::string_view& in, std::string& out, std::size_t out_max) override {
    if (in.empty() && !has_more_) return {};
    if (!has_begun_) {
      if (auto fine = begin(in.front()); !fine) return fine;
    }
    if (is_at_end_ && !in.empty()) {
      if (!is_gzip_) return broken(name(), "bytes after its end");
      if (::inflateReset(&stream_) != Z_OK) return broken(name(), "cannot go on");
      is_at_end_ = false;
    }
    std::array<char, piece_max> made;
    const auto room = std::min(out_max, made.size());
    stream_.next_in = reinterpret_cast<const Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), 1U << 30));
    const auto taken = stream_.avail_in;
    stream_.next_out = reinterpret_cast<Bytef*>(made.data());
    stream_.avail_out = static_cast<uInt>(room);
    const int how = ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(taken - stream_.avail_in);
    out.append(made.data(), room - stream_.avail_out);
    has_more_ = stream_.avail_out == 0 && how == Z_OK;
    is_at_end_ = how == Z_STREAM_END;
    if (how == Z_OK || how == Z_STREAM_END || how == Z_BUF_ERROR) return {};
    return broken(name(), stream_.msg != nullptr ? stream_.msg : "not what it says to be");
  }
  [[nodiscard]] bool has_more() const override { return has_more_; }
  [[nodiscard]] result<> end() const override {
    if (!has_begun_ || is_at_end_) return {};
    return broken(name(), "it ends in the middle");
  }

 private:
  [[nodiscard]] std::string_view name() const { return is_gzip_ ? "gzip" : "deflate"; }

  result<> begin(char first) {
    constexpr int largest_window = 15;
    constexpr int with_gzip = 16;
    // zlib's header begins with its method, 8, in the lower half of the first byte, and a window of
    // 32 KiB at most in the other.
    const auto byte = static_cast<unsigned char>(first);
    const bool is_zlib = (byte & 0x0fU) == 8 && (byte >> 4U) <= 7;
    int window = is_zlib ? largest_window : -largest_window;
    if (is_gzip_) window = largest_window + with_gzip;
    if (::inflateInit2(&stream_, window) != Z_OK) return broken(name(), "out of memory");
    has_begun_ = true;
    return {};
  }

  const bool is_gzip_;
  z_stream stream_{};
  bool has_begun_ = false;
  bool is_at_end_ = false;
  bool has_more_ = false;
};

class brotli_decoder final : public http_decoder {
 public:
  result<> put(std::string_view& in, std::string& out, std::size_t out_max) override {
    if (!state_) return broken("br", "out of memory");
    if (::BrotliDecoderIsFinished(state_.get()) != 0 && !in.empty()) {
      return broken("br", "bytes after its end");
    }
    std::array<std::uint8_t, piece_max> made;
    auto* to = made.data();
    const auto room = std::min(out_max, made.size());
    auto left = room;
    const auto* from = reinterpret_cast<const std::uint8_t*>(in.data());
    auto size = in.size();
    const auto how =
        ::BrotliDecoderDecompressStream(state_.get(), &size, &from, &left, &to, nullptr);
    in.remove_prefix(in.size() - size);
    out.append(reinterpret_cast<const char*>(made.data()), room - left);
    has_more_ = how == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    has_begun_ = true;
    if (how != BROTLI_DECODER_RESULT_ERROR) return {};
    return broken("br", ::BrotliDecoderErrorString(::BrotliDecoderGetErrorCode(state_.get())));
  }
  [[nodiscard]] bool has_more() const override { return has_more_; }
  [[nodiscard]] result<> end() const override {
    if (!has_begun_ || ::BrotliDecoderIsFinished(state_.get()) != 0) return {};
    return broken("br", "it ends in the middle");
  }

 private:
  struct freed {
    void operator()(BrotliDecoderState* s) const { ::BrotliDecoderDestroyInstance(s); }
  };
  std::unique_ptr<BrotliDecoderState, freed> state_{
      ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  bool has_begun_ = false;
  bool has_more_ = false;
};

class zstd_decoder final : public http_decoder {
 public:
  zstd_decoder() {
    if (state_) ::ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, zstd_window_max);
  }

  result<> put(std::string_view& in, std::string& out, std::size_t out_max) override {
    if (!state_) return broken("zstd", "out of memory");
    if (in.empty() && !has_more_) return {};
    std::array<char, piece_max> made;
    ZSTD_outBuffer to{.dst = made.data(), .size = std::min(out_max, made.size()), .pos = 0};
    ZSTD_inBuffer from{.src = in.data(), .size = in.size(), .pos = 0};
    const auto how = ::ZSTD_decompressStream(state_.get(), &to, &from);
    in.remove_prefix(from.pos);
    out.append(made.data(), to.pos);
    if (::ZSTD_isError(how) != 0) return broken("zstd", ::ZSTD_getErrorName(how));
    has_more_ = to.pos == to.size && how != 0;
    is_in_frame_ = how != 0;
    return {};
  }
  [[nodiscard]] bool has_more() const override { return has_more_; }
  [[nodiscard]] result<> end() const override {
    if (!is_in_frame_) return {};
    return broken("zstd", "it ends in the middle");
  }

 private:
  struct freed {
    void operator()(ZSTD_DCtx* s) const { ::ZSTD_freeDCtx(s); }
  };
  std::unique_ptr<ZSTD_DCtx, freed> state_{::ZSTD_createDCtx()};
  bool is_in_frame_ = false;
  bool has_more_ = false;
};

}  // namespace

std::unique_ptr<http_decoder> http_decoder_for(std::string_view content_encoding) {
  const auto is = [&](std::string_view name) { return is_same_field(content_encoding, name); };
  if (is("gzip") || is("x-gzip")) return std::make_unique<zlib_decoder>(true);
  if (is("deflate")) return std::make_unique<zlib_decoder>(false);
  if (is("br")) return std::make_unique<brotli_decoder>();
  if (is("zstd")) return std::make_unique<zstd_decoder>();
  return nullptr;
}

result<> decode_body(http_decoder& by, std::string& body, std::uint64_t body_max) {
  std::string decoded;
  for (std::string_view rest = body; !rest.empty() || by.has_more();) {
    const auto left_before = rest.size();
    const auto made_before = decoded.size();
    if (auto fine = by.put(rest, decoded, piece_max); !fine) return fine;
    if (decoded.size() > body_max) {
      return failure(
          {.code = errc::corrupt,
           .what = fmt::format("http body: longer than {} once it is decoded", bytes(body_max)),
           .hint = "raise http_limits::body_max, or take it in parts with on_body"});
    }
    // Neither taken nor made: what is left is the beginning of something.
    const bool is_stuck = rest.size() == left_before && decoded.size() == made_before;
    if (is_stuck && !by.has_more()) break;
  }
  if (auto fine = by.end(); !fine) return fine;
  body = std::move(decoded);
  return {};
}

}  // namespace waitstate::client
