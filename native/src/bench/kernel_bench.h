// The kernels one by one over a buffer of lines, for `npm run bench`: each call does the whole buffer, so that what is
// measured is the kernel and not the call.
#pragma once

#include <string>
#include <vector>

#include "bench/simdjson_alone.h"
#include "frames/frame_builder.h"
#include "kernels/encode.h"
#include "kernels/encode_compact.h"
#include "kernels/framing.h"
#include "kernels/json.h"
#include "kernels/syslog.h"
#include "pipeline/batch_builder.h"

namespace penstock {

class KernelBench {
 public:
  /// `lines` are LF-terminated; `json`: parse them as JSON, else as syslog.
  KernelBench(std::string_view lines, bool json);

  size_t frame();         ///< framing alone
  size_t parse();         ///< framing and parsing
  size_t parse_scalar();  ///< the same with the scalar oracle (syslog)
  size_t encode();        ///< framing, parsing, protobuf
  size_t encode_compact();  ///< framing, parsing, the encoding "compact"
  size_t encode_json();   ///< framing, parsing, ECS JSON
  size_t batch();         ///< framing, parsing, protobuf into record batches of 512 KiB, header and CRC
  size_t checksum();      ///< CRC-32C over the lines; returns bytes
  size_t copy();          ///< memcpy of the lines; returns bytes
  size_t simdjson();      ///< simdjson's own parser alone, a DOM of every line (JSON)
  /// The record batches `batch` makes, one after the other, for codecs to compress.
  size_t fill(uint8_t* out, size_t capacity, bool compact, bool keep_original);

  /// One record batch at a time over the lines, up to 512 KiB, or with `frame_events` one plain frame of at most so many events;
  /// 0 at their end, and then from the first line again.
  size_t fill_next(uint8_t* out, size_t capacity, uint32_t frame_events);

  /// What the frame of the last fill_next was packed into, and in how much time.
  void frame_packed(size_t bytes, uint64_t ns) { frame_.packed(bytes, ns); }
  void fix_layout(frames::Layout layout) { frame_.fix_layout(layout); }
  frames::Layout frame_layout() const { return frame_.layout(); }

  /// Results that must not be optimised away.
  uint64_t sink() const { return sink_; }

 private:
  template <typename Each>
  size_t for_each_event(Each each, bool scalar);
  bool next_event(size_t& at, uint32_t index, bool scalar);

  std::vector<uint8_t> lines_;
  size_t size_;
  bool json_;
  int64_t now_;  ///< when all events are received: whatever is done with the lines, they are the same events
  Arena arena_;
  SyslogMemory memory_;
  JsonParser parser_;
  Event event_;
  CompactEncoder compact_;
  std::vector<uint8_t> out_;
  std::vector<uint8_t> copy_;
  std::unique_ptr<SimdjsonAlone> simdjson_;
  frames::FrameBuilder frame_{{0, 1, 0}};
  size_t next_ = 0;        ///< where fill_next goes on
  uint32_t next_index_ = 0;
  uint64_t sink_ = 0;
};

}  // namespace penstock
