// What a peer's handshake messages claim to be long, before anything is reserved for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace penstock {

/// Follows the records of a handshake (RFC 8446, 4 and 5.1) as they are read, record by record, whatever way messages are cut into
/// them. OpenSSL reserves what a message claims at once: a ClientHello may claim 128 KiB, and after a HelloRetryRequest another.
class TlsMessageGuard {
 public:
  /// OpenSSL allows a client's chain 100 KiB; a ClientHello with keys for after quantum computers has about 2 KiB.
  static constexpr uint32_t kMessageMax = 16 * 1024;

  /// To the end of what is under way, a record's head or the rest of it. No more may be read at a time, so that what comes after
  /// is looked at in the light of what OpenSSL made of it.
  uint32_t wants() const { return record_left_ != 0 ? record_left_ : kHeadBytes - head_size_; }

  /// False: a message claims more than it may. At most `wants` bytes. `sealed`: behind a change of the cipher messages are encrypted
  /// in records of their own type, as before TLS 1.3.
  bool take(const uint8_t* data, size_t size, bool sealed) {
    if (record_left_ == 0) {
      for (; size != 0; size--) head_[head_size_++] = *data++;
      if (head_size_ < kHeadBytes) return true;
      head_size_ = 0;
      record_left_ = uint32_t{head_[3]} << 8 | head_[4];
      return true;
    }
    record_left_ -= static_cast<uint32_t>(size);
    changed_ |= head_[0] == kChangeCipherSpec;
    return head_[0] != kHandshake || (changed_ && sealed) || follow(data, size);
  }

 private:
  static constexpr uint32_t kHeadBytes = 5;
  static constexpr uint8_t kChangeCipherSpec = 20, kHandshake = 22;

  bool follow(const uint8_t* data, size_t size) {
    while (size != 0) {
      if (message_left_ != 0) {
        const size_t part = std::min<size_t>(size, message_left_);
        data += part;
        size -= part;
        message_left_ -= static_cast<uint32_t>(part);
        continue;
      }
      message_ = message_ << 8 | *data++;
      size--;
      if (++message_size_ < 4) continue;
      message_size_ = 0;
      message_left_ = message_ & 0xffffff;
      if (message_left_ > kMessageMax) return false;
    }
    return true;
  }

  uint8_t head_[kHeadBytes] = {};
  uint8_t head_size_ = 0;
  uint8_t message_size_ = 0;
  bool changed_ = false;
  uint32_t record_left_ = 0;
  uint32_t message_ = 0;  ///< type and length, as far as they are read
  uint32_t message_left_ = 0;
};

}  // namespace penstock
