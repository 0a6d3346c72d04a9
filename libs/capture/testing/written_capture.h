#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// Captures for tests, written byte by byte: IPv4 in Linux' cooked frames, or in Ethernet's.
namespace waitstate::capture {

enum : std::uint8_t { fin = 1, syn = 2, rst = 4, ack = 16 };

struct written_end {
  std::uint8_t last = 0;  ///< Of 10.0.0.x.
  std::uint16_t port = 0;
};

struct written_segment {
  written_end from;
  written_end to;
  std::uint8_t flags = ack;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint16_t payload = 0;
};

class written_capture {
 public:
  /// 113: cooked, in which 10.0.0.1 is this host. 1: Ethernet, which tells no host.
  explicit written_capture(std::uint32_t link_type = 113) : link_type_(link_type) {
    little32(0xa1b2c3d4);
    little16(2);
    little16(4);
    little32(0);
    little32(0);
    little32(65'535);
    little32(link_type);
  }

  written_capture& at(std::chrono::milliseconds when) {
    now_ = when;
    return *this;
  }

  /// The headers alone are captured; the payload is said by the IP header's length.
  written_capture& add(const written_segment& s) {
    const auto frame = frame_of(s);
    little32(static_cast<std::uint32_t>(1'700'000'000 + now_.count() / 1'000));
    little32(static_cast<std::uint32_t>(now_.count() % 1'000 * 1'000));
    little32(static_cast<std::uint32_t>(frame.size()));
    little32(static_cast<std::uint32_t>(frame.size() + s.payload));
    bytes_ += frame;
    return *this;
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  /// The frame of a segment, without what a file has around it.
  [[nodiscard]] std::string frame_of(const written_segment& s) const {
    std::string f;
    if (link_type_ == 1) {
      f.append(12, '\0');
    } else {
      big16(f, s.from.last == 1 ? 4 : 0);
      big16(f, 1);
      f.append(10, '\0');
    }
    big16(f, 0x0800);
    f += "\x45";
    f.push_back('\0');
    big16(f, static_cast<std::uint16_t>(40 + s.payload));
    f.append(4, '\0');
    f += "\x40\x06";
    f.append(2, '\0');
    for (const auto& e : {s.from, s.to}) {
      f += "\x0a";
      f.append(2, '\0');
      f.push_back(static_cast<char>(e.last));
    }
    big16(f, s.from.port);
    big16(f, s.to.port);
    big32(f, s.sequence);
    big32(f, s.acknowledged);
    f += "\x50";
    f.push_back(static_cast<char>(s.flags));
    f.append(6, '\0');
    return f;
  }

 private:
  static void big16(std::string& to, std::uint16_t n) {
    to.push_back(static_cast<char>(n >> 8U));
    to.push_back(static_cast<char>(n & 0xFFU));
  }
  static void big32(std::string& to, std::uint32_t n) {
    big16(to, static_cast<std::uint16_t>(n >> 16U));
    big16(to, static_cast<std::uint16_t>(n & 0xFFFFU));
  }
  void little16(std::uint16_t n) {
    bytes_.push_back(static_cast<char>(n & 0xFFU));
    bytes_.push_back(static_cast<char>(n >> 8U));
  }
  void little32(std::uint32_t n) {
    little16(static_cast<std::uint16_t>(n & 0xFFFFU));
    little16(static_cast<std::uint16_t>(n >> 16U));
  }

  std::uint32_t link_type_;
  std::string bytes_;
  std::chrono::milliseconds now_{0};
};

/// A connection of 10.0.0.1 to a server, written in the order in which its packets go.
class written_connection {
 public:
  written_connection(written_capture& to, std::uint16_t port, written_end server)
      : to_(to), client_{.last = 1, .port = port}, server_(server) {}

  written_connection& syn_from_client() {
    to_.add({client_, server_, syn, 100, 0});
    return *this;
  }
  written_connection& handshake() {
    syn_from_client();
    to_.add({server_, client_, syn | ack, 500, 101});
    to_.add({client_, server_, ack, 101, 501});
    return *this;
  }
  written_connection& from_client(std::uint8_t flags, std::uint16_t payload = 0) {
    to_.add({client_, server_, flags, sent_, got_, payload});
    sent_ += payload + ((flags & fin) != 0 ? 1U : 0U);
    return *this;
  }
  written_connection& from_server(std::uint8_t flags, std::uint16_t payload = 0) {
    to_.add({server_, client_, flags, got_, sent_, payload});
    got_ += payload + ((flags & fin) != 0 ? 1U : 0U);
    return *this;
  }
  /// The client's last segment once more.
  written_connection& again_from_client(std::uint16_t payload) {
    to_.add({client_, server_, ack, sent_ - payload, got_, payload});
    return *this;
  }

 private:
  written_capture& to_;
  written_end client_;
  written_end server_;
  std::uint32_t sent_ = 101;
  std::uint32_t got_ = 501;
};

}  // namespace waitstate::capture
