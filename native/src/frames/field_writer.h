// Fields of a LogEvent, written from what a frame says of them. Behind texts, and behind what is written, kPadding / 2 bytes are
// readable and writable.
#pragma once

#include "frames/format.h"
#include "kernels/wire.h"
#include "kernels/event.h"

namespace penstock::frames {

struct FieldWriter {
  uint8_t* at;

  void text(std::string_view text) {
    at = wire::put_varint(at, text.size());
    at = wire::copy_padded(at, text.data(), text.size());
  }
  void varint(uint64_t value) { at = wire::put_varint(at, value); }

  /// Of a field that is no attribute.
  void tag(uint32_t number, SlotKind kind) {
    varint(uint64_t{number} << 3 | (is_text(kind) ? wire::kBytes : kind == SlotKind::kFixed64 ? wire::kFixed64 : wire::kVarint));
  }
  void value(SlotKind kind, std::string_view value, int64_t number) {
    switch (kind) {
      case SlotKind::kVarint: return varint(static_cast<uint64_t>(number));
      case SlotKind::kFixed64: at = wire::put_fixed64(at, static_cast<uint64_t>(number)); return;
      case SlotKind::kBool: *at++ = number != 0; return;
      default: return text(value);
    }
  }
  /// attrs = 15 {key = 1, value = 2 {string = 1, sint64 = 2, double = 3, bool = 4, null = 5, json = 6}}
  void attribute(SlotKind kind, std::string_view name, std::string_view value, int64_t number) {
    size_t size = 2;  // bool, null
    if (is_text(kind)) size = 1 + wire::text_size(value.size());
    else if (kind == SlotKind::kAttrInt) size = 1 + wire::varint_size(wire::zigzag(number));
    else if (kind == SlotKind::kAttrDouble) size = 9;
    varint(static_cast<uint32_t>(LogEventNumber::kAttrs) << 3 | wire::kBytes);
    varint(1 + wire::text_size(name.size()) + 1 + wire::text_size(size));
    *at++ = 1 << 3 | wire::kBytes;
    text(name);
    *at++ = 2 << 3 | wire::kBytes;
    varint(size);
    switch (kind) {
      case SlotKind::kAttrString: *at++ = 1 << 3 | wire::kBytes; return text(value);
      case SlotKind::kAttrInt: *at++ = 2 << 3 | wire::kVarint; return varint(wire::zigzag(number));
      case SlotKind::kAttrDouble: *at++ = 3 << 3 | wire::kFixed64; at = wire::put_fixed64(at, static_cast<uint64_t>(number)); return;
      case SlotKind::kAttrBool: *at++ = 4 << 3 | wire::kVarint; *at++ = number != 0; return;
      case SlotKind::kAttrNull: *at++ = 5 << 3 | wire::kVarint; *at++ = 1; return;
      default: *at++ = 6 << 3 | wire::kBytes; return text(value);
    }
  }
};

}  // namespace penstock::frames
