#include "http_decoder.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http_test.h"
#include "waitstate/client/http/http_service.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// `window`: 15 for zlib's format, 31 for gzip, -15 for deflate alone.
std::string deflated(const std::string& text, int window) {
  z_stream s{};
  EXPECT_EQ(::deflateInit2(&s, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&s, text.size()) + 64, 0);
  std::string in = text;
  s.next_in = reinterpret_cast<Bytef*>(in.data());
  s.avail_in = static_cast<uInt>(in.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&s, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - s.avail_out);
  ::deflateEnd(&s);
  return out;
}

std::string encoded(std::string_view how, const std::string& text) {
  if (how == "gzip") return deflated(text, 31);
  if (how == "deflate") return deflated(text, 15);
  if (how == "br") {
    std::size_t size = ::BrotliEncoderMaxCompressedSize(text.size()) + 64;
    std::string out(size, 0);
    EXPECT_EQ(::BrotliEncoderCompress(9, 22, BROTLI_MODE_GENERIC, text.size(),
                                      reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                      reinterpret_cast<std::uint8_t*>(out.data())),
              BROTLI_TRUE);
    out.resize(size);
    return out;
  }
  std::string out(::ZSTD_compressBound(text.size()), 0);
  out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

const std::vector<std::string> all_encodings = {"gzip", "deflate", "br", "zstd"};

/// Something that compresses a little.
std::string prose(std::size_t size) {
  std::mt19937 random(7);
  std::string text(size, 0);
  for (auto& c : text) c = static_cast<char>('a' + random() % 7);
  return text;
}

std::string decoded(std::string_view how, std::string body, std::uint64_t body_max = 1 << 30) {
  const auto by = http_decoder_for(how);
  if (!by) return "none";
  const auto fine = decode_body(*by, body, body_max);
  return fine ? body : "! " + fine.error().what;
}

TEST(http_decoder, undoes_what_was_encoded) {
  for (const auto& how : all_encodings) {
    for (const std::size_t size : {1U, 100U, 65'536U, 1'000'000U}) {
      EXPECT_EQ(decoded(how, encoded(how, prose(size))), prose(size)) << how << ' ' << size;
    }
    EXPECT_EQ(decoded(how, ""), "") << "an empty body needs no encoding";
  }
  EXPECT_EQ(decoded("GZIP", encoded("gzip", "x")), "x");
  EXPECT_EQ(decoded("x-gzip", encoded("gzip", "x")), "x");
}

TEST(http_decoder, takes_deflate_without_a_head_and_gzip_in_several_members) {
  EXPECT_EQ(decoded("deflate", deflated(prose(5000), -15)), prose(5000));
  EXPECT_EQ(decoded("gzip", encoded("gzip", "one ") + encoded("gzip", "two")), "one two");
  EXPECT_EQ(decoded("zstd", encoded("zstd", "one ") + encoded("zstd", "two")), "one two");
}

TEST(http_decoder, gives_the_same_however_it_is_cut) {
  const auto text = prose(100'000);
  for (const auto& how : all_encodings) {
    const auto body = encoded(how, text);
    std::mt19937 random(3);
    const auto by = http_decoder_for(how);
    std::string out;
    for (std::size_t at = 0; at < body.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 700, body.size() - at);
      std::string_view in = std::string_view(body).substr(at, size);
      for (int turns = 0; (!in.empty() || by->has_more()) && turns < 10'000; ++turns) {
        const auto before = out.size();
        ASSERT_TRUE(by->put(in, out, 1 + random() % 3000));
        EXPECT_LE(out.size() - before, 3000U);
      }
      at += size;
    }
    EXPECT_TRUE(by->end()) << how;
    EXPECT_EQ(out, text) << how;
  }
}

TEST(http_decoder, refuses_a_bomb_before_it_has_gone_off) {
  const std::string zeros(20'000'000, 0);
  for (const auto& how : all_encodings) {
    const auto bomb = encoded(how, zeros);
    EXPECT_LT(bomb.size(), 120'000U) << how;
    EXPECT_EQ(decoded(how, bomb, 1'000'000), "! http body: longer than 977 KiB once it is decoded")
        << how;
  }
}

TEST(http_decoder, says_what_is_wrong_with_what_it_is_not) {
  for (const auto& how : all_encodings) {
    const auto body = encoded(how, prose(5000));
    EXPECT_TRUE(decoded(how, body.substr(0, body.size() - 3)).starts_with("! ")) << how;
    EXPECT_TRUE(decoded(how, "\xff\xffnot at all, and longer than any head").starts_with("! "))
        << how;
  }
  EXPECT_EQ(http_decoder_for("identity"), nullptr);
  EXPECT_EQ(http_decoder_for("gzip, br"), nullptr);
  EXPECT_EQ(http_decoder_for("aes128gcm"), nullptr);
}

TEST(http_decoder, ends_whatever_it_is_fed) {
  std::mt19937 random(11);
  for (int i = 0; i < 1000; ++i) {
    const auto& how = all_encodings[random() % all_encodings.size()];
    auto body = encoded(how, prose(random() % 2000));
    for (std::size_t n = random() % 4; n > 0 && !body.empty(); --n) {
      body[random() % body.size()] = static_cast<char>(random());
    }
    EXPECT_LE(decoded(how, body, 100'000).size(), 100'000U);
  }
}

std::string answer(const std::string& how, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + how +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class http_encoded : public http_test {};

TEST_F(http_encoded, a_body_is_as_it_is_meant_whole_in_parts_and_as_a_stream) {
  const auto text = prose(300'000);
  for (const auto& how : all_encodings) {
    const test_server server(answers(answer(how, encoded(how, text))));
    const auto from = service(server);
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, text) << how;
    EXPECT_TRUE(got->was_encoded);
    EXPECT_FALSE(got->headers.find("Content-Encoding"));
    EXPECT_FALSE(got->headers.find("Content-Length"));
    EXPECT_TRUE(is_kept(from));

    std::string in_parts;
    http_call_options options{.deadline = 5s};
    options.on_body = [&](const http_response& head, std::string_view piece) -> result<> {
      EXPECT_TRUE(head.was_encoded);
      EXPECT_LE(piece.size(), std::size_t{64} << 10);
      in_parts += piece;
      return {};
    };
    ASSERT_TRUE(io_.await(from.request(http_get("/x"), options)));
    EXPECT_EQ(in_parts, text) << how;

    auto stream = io_.await(from.open(http_get("/x"), {.deadline = clock::now() + 5s}));
    ASSERT_TRUE(stream) << stream.error().what;
    std::string streamed;
    for (;;) {
      const auto piece = io_.await(stream->read());
      ASSERT_TRUE(piece) << piece.error().what;
      if (piece->empty()) break;
      streamed += *piece;
    }
    EXPECT_EQ(streamed, text) << how;
    EXPECT_TRUE(stream->is_done());
    EXPECT_TRUE(is_kept(from));
  }
}

TEST_F(http_encoded, who_asks_for_an_encoding_gets_it) {
  const auto body = encoded("gzip", "hello");
  const test_server server(answers(answer("gzip", body)));
  auto request = http_get("/x");
  request.headers.set("Accept-Encoding", "gzip");
  const auto got = io_.await(service(server).request(request, clock::now() + 5s));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, body);
  EXPECT_EQ(got->headers.find("Content-Encoding"), "gzip");
  const auto off = get(service(server, {.decode = false}));
  ASSERT_TRUE(off);
  EXPECT_EQ(off->body, body);
}

TEST_F(http_encoded, a_body_that_is_broken_or_a_bomb_is_an_error_and_no_crash) {
  const test_server broken(answers(answer("gzip", "not gzip")));
  const auto got = get(service(broken));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::corrupt);
  const test_server bomb(answers(answer("gzip", encoded("gzip", std::string(20'000'000, 0)))));
  const auto refused = get(service(bomb));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::corrupt);
  EXPECT_EQ(refused.error().what, "http body: longer than 16 MiB once it is decoded");
}

}  // namespace
}  // namespace waitstate::client
