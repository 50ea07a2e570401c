// The values of a frame under construction, by section: section 0 holds what every reader needs and what is small, each
// other one the values of one column.
#pragma once

#include <vector>

#include "frames/byte_buffer.h"
#include "frames/format.h"

namespace penstock::frames {

class Sections {
 public:
  /// Values smaller than this stay in section 0: a section of its own costs 16 bytes and a run of the compressor. Texts are
  /// alike enough to be compressed together, ids are not.
  static constexpr size_t kOwnBytesMin = 512;
  static constexpr size_t kOwnTextMin = 4096;

  struct Part {
    SectionKind kind;
    size_t size;
    const uint8_t* elsewhere;  ///< its bytes; nullptr: the next ones of `body`
  };

  void clear() {
    head.clear();
    body_.clear();
    parts_.clear();
    left_ = 0;
  }
  /// Writes the number of a section with these bytes, or 0 and the bytes themselves.
  void blob(SectionKind kind, const uint8_t* bytes, size_t size) {
    uint8_t* const out = begin_blob(size, kind);
    if (size != 0) std::memcpy(out, bytes, size);
    end_blob(kind, size);
  }
  /// As `blob`, of bytes that stay where they are until the frame is put together.
  void blob_left(SectionKind kind, const uint8_t* bytes, size_t size) {
    if (size < kOwnTextMin || parts_.size() + 2 >= kSectionsMax) return blob(kind, bytes, size);
    head.varint(parts_.size() + 1);
    parts_.push_back({kind, size, bytes});
    left_ += size;
  }
  /// As `blob`, for bytes that are written in place: at most `size` + 8 of them.
  uint8_t* begin_blob(size_t size, SectionKind kind) {
    own_ = size >= (kind == SectionKind::kText ? kOwnTextMin : kOwnBytesMin) && parts_.size() + 2 < kSectionsMax;
    head.varint(own_ ? parts_.size() + 1 : 0);
    return (own_ ? body_ : head).room(size + 8);
  }
  void end_blob(SectionKind kind, size_t size) {
    (own_ ? body_ : head).used(size);
    if (own_) parts_.push_back({kind, size, nullptr});
  }
  struct Mark {
    size_t head, body, parts, left;
  };
  Mark mark() const { return {head.size(), body_.size(), parts_.size(), left_}; }
  /// Forgets what was written since.
  void rollback(const Mark& to) {
    head.cut(to.head);
    body_.cut(to.body);
    parts_.erase(parts_.begin() + static_cast<ptrdiff_t>(to.parts), parts_.end());
    left_ = to.left;
  }
  /// Bytes written since, in the frame.
  size_t since(const Mark& from) const {
    return head.size() - from.head + body_.size() - from.body + left_ - from.left + sizeof(SectionEntry) * (parts_.size() - from.parts);
  }
  const std::vector<Part>& parts() const { return parts_; }
  const ByteBuffer& body() const { return body_; }

  ByteBuffer head;

 private:
  ByteBuffer body_;
  std::vector<Part> parts_;
  size_t left_ = 0;  ///< bytes of parts that are elsewhere
  bool own_ = false;
};

}  // namespace penstock::frames
