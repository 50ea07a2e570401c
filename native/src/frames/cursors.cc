#include "frames/cursors.h"

#include <algorithm>

#include "frames/bit_pack.h"
#include "kernels/event_marks.h"

namespace penstock::frames {
namespace {

constexpr uint64_t kScales[] = {1, 1000, 1'000'000, 1'000'000'000};

const uint8_t* bytes_of(std::string_view view) { return reinterpret_cast<const uint8_t*>(view.data()); }

bool read_width(SectionTable& in, unsigned most, unsigned& width) {
  uint8_t byte;
  if (!in.byte(byte) || byte > most) return false;
  width = byte;
  return true;
}

}  // namespace

bool SectionTable::blob(uint64_t size, std::string_view& bytes) {
  uint64_t section;
  if (!varint(section, sections.size() - 1)) return false;
  if (section != 0) {
    bytes = sections[section];
    return bytes.size() == size;
  }
  if (size > static_cast<uint64_t>(head.end - head.at)) return false;
  bytes = view(head.at, size);
  head.at += size;
  return true;
}

std::string_view SectionTable::copied(std::string_view text) {
  if (text.empty()) return {kNoText, 0};
  char* const copy = copies_.emplace_back(new char[text.size() + kTextSpare]()).get();
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

bool IdCursor::read(SectionTable& in, uint64_t count, const std::vector<const IdCursor*>& columns) {
  uint8_t coding;
  if (!in.byte(coding)) return false;
  switch (static_cast<IdCoding>(coding)) {
    case IdCoding::kBytes: return small = true, in.blob(count, bytes);
    case IdCoding::kPacked: return read_width(in, 32, width) && width > 0 && in.blob(packed_bytes(count, width), bytes);
    case IdCoding::kMapped: break;
    default: return false;
  }
  uint64_t base, size;
  if (!in.varint(base, kColumnsMax) || base >= columns.size() || !columns[base] || !columns[base]->small) return false;
  const IdCursor& from = *columns[base];
  if (from.bytes.size() != count || !in.varint(size, 256) || size > static_cast<uint64_t>(in.head.end - in.head.at)) return false;
  uint8_t own[256] = {};
  std::memcpy(own, in.head.at, size);
  in.head.at += size;
  for (size_t i = 0; i < 256; ++i) map[i] = own[from.mapped ? from.map[i] : i];
  bytes = from.bytes;
  small = mapped = true;
  return true;
}

uint64_t IdCursor::unpacked(size_t i) const { return bit_unpack(bytes_of(bytes), bytes.size(), i, width); }

bool NumberCursor::read(SectionTable& in, uint64_t values, const std::vector<const IdCursor*>& columns) {
  uint8_t code, exponent;
  count = values;
  int64_t value;
  if (!in.byte(code) || !in.byte(exponent) || exponent > 9 || exponent % 3 != 0) return false;
  coding = static_cast<NumberCoding>(code);
  scale = kScales[exponent / 3];
  switch (coding) {
    case NumberCoding::kConst:
      return in.zigzag(value) && (least = static_cast<uint64_t>(value), true);
    case NumberCoding::kBytes:
      if (!in.zigzag(value)) return false;
      least = static_cast<uint64_t>(value);
      return ids.read(in, count, columns) && ids.small;
    case NumberCoding::kPacked:
      if (!in.zigzag(value) || !read_width(in, 64, width)) return false;
      least = static_cast<uint64_t>(value);
      return in.blob(packed_bytes(count, width), packed);
    case NumberCoding::kDeltas:
      if (!in.zigzag(value)) return false;
      last = static_cast<uint64_t>(value);
      if (!in.zigzag(value) || !read_width(in, 64, width) || count == 0) return false;
      least = static_cast<uint64_t>(value);
      return in.blob(packed_bytes(count - 1, width), packed);
    case NumberCoding::kRuns: break;
    default: return false;
  }
  uint64_t left, total = 0;
  if (!in.varint(left, count)) return false;
  runs = in.head;
  for (; left != 0; --left) {
    uint64_t step, length;
    if (!in.head.varint(step) || !in.varint(length, count - total) || length == 0) return false;
    total += length;
  }
  return total == count;
}

/// Packed numbers, the `from`-th and those that follow.
[[gnu::always_inline]] inline void NumberCursor::unpack(size_t from, size_t values, int64_t* out) const {
  if (values == 0 || width == 0) return static_cast<void>(std::fill_n(out, values, 0));
  const uint8_t* const bytes = bytes_of(packed);
  if (width > 56 || (from + values - 1) * width / 8 + 8 > packed.size()) [[unlikely]] {
    for (size_t i = 0; i < values; ++i) out[i] = static_cast<int64_t>(bit_unpack(bytes, packed.size(), from + i, width));
    return;
  }
  // A load of 8 bytes holds each of them.
  const uint64_t mask = ~uint64_t{0} >> (64 - width);
  uint64_t bit = uint64_t{from} * width;
  for (size_t i = 0; i < values; ++i, bit += width) {
    uint64_t word;
    std::memcpy(&word, bytes + bit / 8, 8);
    out[i] = static_cast<int64_t>(word >> bit % 8 & mask);
  }
}

void NumberCursor::unpack_ahead() {
  const size_t from = unpacked_, values = std::min<size_t>(kAhead, count - from);
  switch (coding) {
    case NumberCoding::kConst: std::fill_n(ahead_, values, static_cast<int64_t>(least)); break;
    case NumberCoding::kBytes:
      for (size_t i = 0; i < values; ++i) ahead_[i] = static_cast<int64_t>(least + ids.at(from + i));
      break;
    case NumberCoding::kPacked:
      unpack(from, values, ahead_);
      for (size_t i = 0; i < values; ++i) ahead_[i] = static_cast<int64_t>(least + static_cast<uint64_t>(ahead_[i]));
      break;
    case NumberCoding::kDeltas: {
      // The first value has no step.
      const size_t first = from == 0;
      unpack(from + first - 1, values - first, ahead_ + first);
      if (first) ahead_[0] = static_cast<int64_t>(last);
      for (size_t i = first; i < values; ++i) ahead_[i] = static_cast<int64_t>(last += least + static_cast<uint64_t>(ahead_[i]));
      break;
    }
    case NumberCoding::kRuns:
      for (size_t i = 0; i < values; ++i) {
        if (run_left == 0) {
          uint64_t step = 0;
          runs.varint(step);
          runs.varint(run_left);
          last += static_cast<uint64_t>(wire::unzigzag(step));
        }
        --run_left;
        ahead_[i] = static_cast<int64_t>(last);
      }
      break;
  }
  if (scale != 1)
    for (size_t i = 0; i < values; ++i) ahead_[i] = static_cast<int64_t>(static_cast<uint64_t>(ahead_[i]) * scale);
  unpacked_ += values;
  ahead_at_ = 0;
  ahead_end_ = static_cast<uint32_t>(values);
}

bool EventIdCursor::read(SectionTable& in, uint64_t count) {
  uint64_t left_runs, total = 0;
  if (!in.varint(left_runs, count)) return false;
  runs = in.head;
  for (; left_runs != 0; --left_runs) {
    uint64_t value, length;
    if (!in.varint(value, UINT32_MAX) || !in.varint(value, UINT32_MAX) || !in.varint(value, UINT16_MAX) ||
        !in.head.varint(value) || !in.varint(value, 0xffffff) || !in.varint(length, count - total) || length == 0) {
      return false;
    }
    total += length;
  }
  return total == count;
}

bool EventIdCursor::next(ValueRoom& room, std::string_view& id) {
  if (left == 0) {
    uint64_t step = 0;
    runs.varint(node);
    runs.varint(boot);
    runs.varint(ring);
    runs.varint(step);
    runs.varint(index);
    runs.varint(left);
    chunk += static_cast<uint64_t>(wire::unzigzag(step));
  }
  id = {room.here(), kEventIdBytes};
  put_event_id({static_cast<uint32_t>(node), static_cast<uint32_t>(boot), static_cast<uint16_t>(ring), chunk,
                static_cast<uint32_t>(index)}, reinterpret_cast<uint8_t*>(room.here()));
  ++index;
  --left;
  return room.took(kEventIdBytes);
}

}  // namespace penstock::frames
