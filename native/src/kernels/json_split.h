// HTTP bodies into frames: a JSON array into its elements, text into lines, both in pieces of whole frames.
//
// Only what separates elements is looked at (strings, brackets, commas); whether an element is well-formed is for its
// parser to say. Every byte but separators, white space around elements and a byte order mark ends up in a frame. Time
// is linear in the body; memory is at most three times the body (an element of one byte, its comma, a prefix of four).
#pragma once

#include <span>
#include <vector>

#include "kernels/common.h"

namespace penstock {

/// Brackets and commas outside strings, in order. Reads nothing past `body`.
class JsonStructurals {
 public:
  explicit JsonStructurals(std::string_view body) : body_(body) {}
  /// Offset of the next one; the body's size when there is none.
  size_t next();

 private:
  void load_block();

  std::string_view body_;
  size_t block_ = 0;        ///< offset of the block after the one in mask_
  uint64_t mask_ = 0;       ///< those of the block not yet looked at
  uint64_t in_string_ = 0;  ///< all ones when the block so far ended within a string
  bool escape_ = false;     ///< the block so far ended with an escaping backslash
};

/// Where the object or array that begins `body` ends: the offset just past its last bracket; 0 when it is not closed.
size_t first_json_value_end(std::string_view body);

/// The elements of a JSON array, one after the other, without copying.
class JsonArrayElements {
 public:
  enum class Step : uint8_t { kElement, kEnd, kMalformed };

  explicit JsonArrayElements(std::string_view body) : body_(body), structurals_(body) {}
  /// kElement: `element` is the next one, trimmed. kEnd: the array was closed and nothing follows. kMalformed: no
  /// array, an empty element, an unclosed array or string, or text after the array; see `offset`.
  Step next(std::string_view& element);
  size_t offset() const { return at_; }

 private:
  size_t skip_space(size_t at) const;

  std::string_view body_;
  JsonStructurals structurals_;
  size_t at_ = 0;  ///< where the next element, or what is wrong, begins
  enum class State : uint8_t { kStart, kFirst, kMore, kDone } state_ = State::kStart;
};

/// Frames that are handed over together.
struct FramePiece {
  uint32_t begin;  ///< offset of its first byte
  uint32_t end;    ///< offset just past its last byte
  uint32_t count;  ///< frames in it
};

struct FrameLimits {
  uint32_t piece_bytes;  ///< a piece is no larger, unless a single frame is
  uint32_t frame_bytes;  ///< a larger frame is refused
};

enum class SplitResult : uint8_t { kOk, kMalformed, kFrameTooLarge };

/// Frames of a body. After an error `offset` says where in the body; nothing else is then meaningful.
struct FramedBody {
  SplitResult result = SplitResult::kOk;
  size_t offset = 0;
  std::vector<uint8_t> frames;  ///< u32 little-endian length before each (Framing::kPrefixed); unused for lines
  std::vector<FramePiece> pieces;
};

/// One more frame, which `parts` are together.
void append_frame(FramedBody& out, std::span<const std::string_view> parts, const FrameLimits& limits);

/// `body` must be smaller than 1 GiB (offsets are 32 bits).
FramedBody split_json_array(std::string_view body, const FrameLimits& limits);
/// Pieces of the body itself, cut after LF (Framing::kLine); empty lines (LF, CRLF) do not count.
FramedBody cut_lines(std::string_view body, const FrameLimits& limits);

}  // namespace penstock
