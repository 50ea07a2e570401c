// Cutting a byte stream into frames. RFC 6587 (octet counting and non-transparent framing), RFC 5425, NDJSON.
//
// The method is told apart per frame, at the frame's first byte, and needs no memory of earlier frames:
//   digits{1..7} SP '<'   → octet counting ("MSG-LEN SP SYSLOG-MSG"; leading zeros and larger counts refused: then it is a line)
//   anything else         → a line that ends at LF, CRLF or NUL (kSyslog), LF or CRLF (kLine)
// Delimiters are not part of the frame; empty lines are skipped and are not frames.
#pragma once

#include "kernels/common.h"

namespace penstock {

enum class Framing : uint8_t {
  kSyslog,    ///< octet counting, LF, CRLF or NUL, mixed at will
  kLine,      ///< LF or CRLF
  kPrefixed,  ///< u32 little-endian length before each frame (made by us, never by a peer)
  kDatagram,  ///< DatagramHeader before each frame (made by us); see ring/chunk.h
};

struct Frame {
  const uint8_t* data;
  uint32_t size;
};

/// Where a stream's bytes can be cut, and what to do with a frame over the limit.
/// Layout of the input:  [discard | whole | truncated_prefix + truncated | rest]
struct Cut {
  uint32_t discard = 0;           ///< tail of an over-long frame already emitted: drop and count
  uint32_t whole = 0;             ///< whole frames, delimiters included
  uint32_t truncated_prefix = 0;  ///< length prefix before an over-long frame (octet counting)
  uint32_t truncated = 0;         ///< > 0: first max_message_bytes of an over-long frame; emit as one truncated frame
  // rest: the beginning of a frame still incomplete; the caller carries it over (at most max + 12 bytes)
};

/// Per-connection state: only what is left of an over-long frame. Zero-initialised is the start state.
struct FramingState {
  uint64_t discard_bytes = 0;       ///< octet counting: bytes still to drop
  bool discard_to_delimiter = false;  ///< line: drop up to and including the next delimiter
};

/// Says how to cut `size` bytes that begin at a frame boundary (or within a frame being discarded).
/// Called again on what follows until it makes no progress (discard + whole + truncated all 0).
/// `at_end`: the peer closed; an unterminated last line is a whole frame; a short octet-counted frame is too.
Cut cut_frames(const uint8_t* data, size_t size, Framing framing, uint32_t max_message_bytes, bool at_end,
               FramingState& state);

/// The first frame of `size` bytes that hold whole frames. Returns bytes consumed (delimiter and skipped empty lines
/// included); 0 when nothing is left. frame.size == 0 with a return > 0 means only empty lines were there.
/// An unterminated end is a frame.
size_t next_frame(const uint8_t* data, size_t size, Framing framing, Frame& frame);

}  // namespace penstock
