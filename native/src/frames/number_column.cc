#include <algorithm>

#include "frames/bit_pack.h"
#include "frames/columns.h"
#include "frames/number_range.h"

namespace penstock::frames {
namespace {

uint64_t minus(int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); }

/// The ids that `ids` is a function of, and the function; nullptr: none of those written so far.
const SmallIds* base_of(const std::vector<SmallIds>& small, const uint8_t* ids, size_t count, uint8_t* map, size_t& map_size) {
  constexpr size_t kTried = 6;
  const size_t from = small.size() > kTried ? small.size() - kTried : 0;
  for (size_t s = small.size(); s-- > from;) {
    if (small[s].count != count) continue;
    const uint8_t* base = small[s].ids;
    bool known[256] = {};
    size_t i = 0;
    map_size = 0;
    for (; i < count; ++i) {
      const uint8_t b = base[i];
      if (!known[b]) {
        known[b] = true;
        map[b] = ids[i];
        map_size = std::max<size_t>(map_size, size_t{b} + 1);
      } else if (map[b] != ids[i]) {
        break;
      }
    }
    if (i == count && map_size < count) {
      for (size_t b = 0; b < map_size; ++b) map[b] = known[b] ? map[b] : 0;
      return &small[s];
    }
  }
  return nullptr;
}

void write_small(ColumnWriter& out, const uint8_t* ids, size_t count) {
  uint8_t map[256];
  size_t map_size;
  const SmallIds* const base = count >= 16 && !out.nested ? base_of(out.small, ids, count, map, map_size) : nullptr;
  if (base) {
    out.sections.head.byte(static_cast<uint8_t>(IdCoding::kMapped));
    out.sections.head.varint(base->column);
    out.sections.head.varint(map_size);
    out.sections.head.bytes(map, map_size);
  } else {
    out.sections.head.byte(static_cast<uint8_t>(IdCoding::kBytes));
    out.sections.blob(SectionKind::kIds, ids, count);
  }
  if (!out.nested) out.small.push_back({ids, count, out.column});
}

}  // namespace

void write_ids(ColumnWriter& out, const uint16_t* ids, size_t count, size_t distinct, std::vector<uint8_t>& small) {
  if (distinct <= 256) {
    small.resize(count);
    for (size_t i = 0; i < count; ++i) small[i] = static_cast<uint8_t>(ids[i]);
    return write_small(out, small.data(), count);
  }
  const unsigned width = width_of(distinct - 1);
  out.sections.head.byte(static_cast<uint8_t>(IdCoding::kPacked));
  out.sections.head.byte(static_cast<uint8_t>(width));
  const size_t size = packed_bytes(count, width);
  bit_pack(out.sections.begin_blob(size, SectionKind::kPacked), count, width, [&](size_t i) { return uint64_t{ids[i]}; });
  out.sections.end_blob(SectionKind::kPacked, size);
}

void write_packed(Sections& out, const uint32_t* values, size_t count) {
  uint32_t least = UINT32_MAX, most = 0;
  for (size_t i = 0; i < count; ++i) {
    least = std::min(least, values[i]);
    most = std::max(most, values[i]);
  }
  const unsigned width = width_of(most - least);
  out.head.byte(static_cast<uint8_t>(NumberCoding::kPacked));
  out.head.byte(0);
  out.head.zigzag(least);
  out.head.byte(static_cast<uint8_t>(width));
  const size_t size = packed_bytes(count, width);
  bit_pack(out.begin_blob(size, SectionKind::kPacked), count, width, [&](size_t i) { return uint64_t{values[i] - least}; });
  out.end_blob(SectionKind::kPacked, size);
}

namespace {

/// The first value from `i` on that is no multiple. (Divided by a constant, which is a multiplication.)
template <int64_t kOf>
size_t first_other(const int64_t* values, size_t i, size_t count) {
  while (i < count && values[i] % kOf == 0) ++i;
  return i;
}

template <int64_t kBy>
void divide(int64_t* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] /= kBy;
}

}  // namespace

unsigned NumberColumn::take_scale() {
  if (!time_) return 0;
  int64_t* const values = values_.data();
  // Multiples of a billion are multiples of a million: none is looked at twice.
  size_t i = first_other<1'000'000'000>(values, 0, count_);
  if (i == count_) return divide<1'000'000'000>(values, count_), 9;
  i = first_other<1'000'000>(values, i, count_);
  if (i == count_) return divide<1'000'000>(values, count_), 6;
  i = first_other<1000>(values, i, count_);
  if (i == count_) return divide<1000>(values, count_), 3;
  return 0;
}

unsigned NumberColumn::width() const {
  const NumberRange r = range_of(values_.data(), count_);
  return std::min(width_of(minus(r.most, r.least)), width_of(minus(r.most_step, r.least_step)));
}

void NumberColumn::write(ColumnWriter& writer) {
  Sections& out = writer.sections;
  ByteBuffer& head = out.head;
  const auto exponent = static_cast<uint8_t>(take_scale());
  const NumberRange r = range_of(values_.data(), count_);
  const auto begin = [&](NumberCoding coding) {
    head.byte(static_cast<uint8_t>(coding));
    head.byte(exponent);
  };
  if (r.least == r.most) {
    begin(NumberCoding::kConst);
    return head.zigzag(r.least);
  }
  if (r.runs * 8 < count_) {
    begin(NumberCoding::kRuns);
    return write_runs(out, r.runs);
  }
  const unsigned width = width_of(minus(r.most, r.least)), step_width = width_of(minus(r.most_step, r.least_step));
  if (width <= 8) {
    small_.resize(count_);
    for (size_t i = 0; i < count_; ++i) small_[i] = static_cast<uint8_t>(minus(values_[i], r.least));
    begin(NumberCoding::kBytes);
    head.zigzag(r.least);
    return write_small(writer, small_.data(), count_);
  }
  if (step_width < width) {
    begin(NumberCoding::kDeltas);
    return write_deltas(out, r.least_step, step_width);
  }
  begin(NumberCoding::kPacked);
  head.zigzag(r.least);
  head.byte(static_cast<uint8_t>(width));
  const size_t size = packed_bytes(count_, width);
  bit_pack(out.begin_blob(size, SectionKind::kPacked), count_, width, [&](size_t i) { return minus(values_[i], r.least); });
  out.end_blob(SectionKind::kPacked, size);
}

void NumberColumn::write_runs(Sections& out, size_t runs) const {
  out.head.varint(runs);
  int64_t before = 0;
  for (size_t i = 0; i < count_;) {
    size_t end = i + 1;
    while (end < count_ && values_[end] == values_[i]) ++end;
    out.head.zigzag(static_cast<int64_t>(minus(values_[i], before)));
    out.head.varint(end - i);
    before = values_[i];
    i = end;
  }
}

void NumberColumn::write_deltas(Sections& out, int64_t least, unsigned width) const {
  out.head.zigzag(values_[0]);
  out.head.zigzag(least);
  out.head.byte(static_cast<uint8_t>(width));
  const size_t size = packed_bytes(count_ - 1, width);
  bit_pack(out.begin_blob(size, SectionKind::kPacked), count_ - 1, width,
           [&](size_t i) { return minus(values_[i + 1], values_[i]) - static_cast<uint64_t>(least); });
  out.end_blob(SectionKind::kPacked, size);
}

}  // namespace penstock::frames
