// For tests of frames: some fields of a frame's events, read by projection, beside the same fields of its records.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "frames/frame_projection.h"

namespace frame_test {

using namespace penstock;
using namespace penstock::frames;

inline constexpr uint32_t kAttrsNumber = static_cast<uint32_t>(LogEventNumber::kAttrs);

struct OracleField {
  uint32_t number;
  std::string name;
  SlotKind kind;
  std::string text;
  int64_t value;
  bool operator==(const OracleField&) const = default;
};

/// Every field of a LogEvent; booleans as the varints they are, of null nothing but that it is there.
inline std::vector<OracleField> fields_of(const std::string& record) {
  std::vector<OracleField> out;
  const auto read = [](wire::Reader& in, uint32_t type, OracleField& field) {
    std::string_view text;
    uint64_t bits = 0;
    CHECK(type == wire::kBytes ? in.bytes(text) : type == wire::kFixed64 ? in.fixed64(bits) : in.varint(bits));
    field.text = text;
    field.value = static_cast<int64_t>(bits);
    field.kind = type == wire::kBytes ? SlotKind::kBytes : type == wire::kFixed64 ? SlotKind::kFixed64 : SlotKind::kVarint;
  };
  wire::Reader in(record);
  while (!in.done()) {
    uint32_t type;
    OracleField& field = out.emplace_back();
    CHECK(in.tag(field.number, type));
    read(in, type, field);
    if (field.number != kAttrsNumber) continue;
    const std::string entry = field.text;
    wire::Reader pair(entry);
    OracleField name{}, value{};
    CHECK(pair.tag(name.number, type));
    read(pair, type, name);
    CHECK(pair.tag(value.number, type));
    read(pair, type, value);
    wire::Reader one(value.text);
    OracleField inner{};
    CHECK(one.tag(inner.number, type));
    read(one, type, inner);
    constexpr SlotKind kKinds[] = {SlotKind::kAttrString, SlotKind::kAttrInt, SlotKind::kAttrDouble, SlotKind::kAttrBool, SlotKind::kAttrNull, SlotKind::kAttrJson};
    const SlotKind kind = kKinds[inner.number - 1];
    const int64_t number = kind == SlotKind::kAttrInt ? wire::unzigzag(static_cast<uint64_t>(inner.value)) : kind == SlotKind::kAttrNull ? 0 : inner.value;
    field = {kAttrsNumber, name.text, kind, inner.text, number};
  }
  return out;
}

/// Projections of a frame, of fields that its events have and of such that they have not, give what the records hold.
inline void check_projection(std::string_view frame, const std::vector<std::string>& records, std::mt19937_64& rng) {
  std::vector<std::vector<OracleField>> events;
  std::vector<std::pair<uint32_t, std::string>> known;
  for (const std::string& record : records) {
    events.push_back(fields_of(record));
    for (const OracleField& field : events.back()) {
      const std::pair<uint32_t, std::string> one{field.number, field.name};
      if (known.size() < 60 && std::find(known.begin(), known.end(), one) == known.end()) known.push_back(one);
    }
  }
  static FrameProjection projection;
  const size_t shares[] = {1, 4, 100};  // parts of a hundred of the fields: about one, some, all
  for (const size_t share : shares) {
    std::vector<WantedField> wanted{{123'456, {}}, {kAttrsNumber, "nobody has this"}};
    for (const auto& [number, name] : known)
      if (share == 100 || rng() % known.size() < share) wanted.push_back({number, name});
    const auto which = [&](const OracleField& field) {
      size_t i = 0;
      while (i < wanted.size() && (wanted[i].number != field.number || wanted[i].attribute != field.name)) ++i;
      return i;
    };
    CHECK(projection.open(frame, wanted) == FrameError::kNone);
    CHECK(projection.header().events == records.size());
    std::span<const ProjectedField> fields;
    size_t different = 0;
    for (const std::vector<OracleField>& event : events) {
      CHECK(projection.next(fields));
      size_t at = 0;
      for (const OracleField& field : event) {
        const size_t i = which(field);
        if (i == wanted.size()) continue;
        if (at == fields.size()) { ++different; break; }
        const ProjectedField& got = fields[at++];
        const SlotKind kind = got.kind == SlotKind::kBool ? SlotKind::kVarint : got.kind;
        different += got.wanted != i || kind != field.kind || (is_text(kind) ? got.text != field.text : kind != SlotKind::kAttrNull && got.number != field.value);
      }
      different += at != fields.size();
    }
    CHECK_EQ(different, size_t{0});
    CHECK(!projection.next(fields));
  }
}

/// Projects three usual fields of any bytes: refused, or no more text than the frame may hold. Whether it was read to its end.
inline bool project_bounded(std::string_view frame) {
  static FrameProjection projection;
  const WantedField wanted[] = {{1, {}}, {static_cast<uint32_t>(LogEventNumber::kEventOriginal), {}}, {16, {}}, {kAttrsNumber, "nested.x"}};
  if (projection.open(frame, wanted) != FrameError::kNone) return false;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < projection.header().events; ++i) {
    std::span<const ProjectedField> fields;
    if (!projection.next(fields)) return false;
    for (const ProjectedField& field : fields)
      for (const char c : field.text) bytes += 1 + (c & 0);
  }
  CHECK(bytes <= projection.header().decoded_bytes);
  return true;
}

}  // namespace frame_test
