// The bytes of a frame: many events as columns, in the value of one Kafka record. docs/reference/frames.md describes them for
// readers in other languages.
//
//   | FrameHeader 64 | SectionEntry 16 × sections | section 0: columns, shapes, small values | section 1 | … |
//
// All integers are little-endian; `varint` is protobuf's, `zigzag` its signed form.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace penstock::frames {

inline constexpr uint32_t kMagic = 0x4d524689;  // 89 46 52 4D: "\x89FRM"; no LogEvent and no JSON begins so
inline constexpr uint8_t kVersion = 1;
inline constexpr uint8_t kLayoutColumns = 1;

// What a reader may be asked to hold. A frame beyond one of these is refused.
inline constexpr uint32_t kEventsMax = 65'536;
inline constexpr uint32_t kSectionsMax = 4'096;
inline constexpr uint32_t kColumnsMax = 8'192;
inline constexpr uint32_t kShapesMax = 4'096;
inline constexpr uint32_t kDecodedBytesMax = 256u << 20;  ///< all events as LogEvents

struct FrameHeader {
  uint32_t magic;
  uint8_t version;
  uint8_t layout;
  uint16_t sections;
  uint32_t schema;          ///< fingerprint of the event schema: the record header "schema", as a number
  uint32_t dictionary;      ///< id of the zstd dictionary that the sections need; 0: none
  uint32_t events;
  uint32_t original_bytes;  ///< of all events whose original is kept
  uint32_t original_crc;    ///< CRC-32C of these originals, one after the other
  uint32_t decoded_bytes;   ///< of all events as LogEvents
  uint32_t event_bytes_max; ///< of the largest of them
  uint32_t plain_bytes;     ///< of all sections, decompressed
  uint32_t frame_bytes;     ///< of the whole frame
  uint32_t columns;
  uint32_t shapes;
  uint32_t reserved[2];     ///< zero
  uint32_t crc;             ///< CRC-32C of the 60 bytes before and the section entries
};
static_assert(sizeof(FrameHeader) == 64);

enum class SectionMethod : uint8_t { kStored = 0, kZstd = 1 };
/// How a section is compressed is chosen by what is in it; readers need not care.
enum class SectionKind : uint8_t { kText = 0, kIds = 1, kPacked = 2 };

struct SectionEntry {
  SectionMethod method;
  SectionKind kind;
  uint16_t reserved;   ///< zero
  uint32_t bytes;      ///< as stored
  uint32_t plain_bytes;
  uint32_t crc;        ///< CRC-32C of the stored bytes
};
static_assert(sizeof(SectionEntry) == 16);
static_assert(std::endian::native == std::endian::little);

enum class ColumnType : uint8_t { kText = 0, kNumber = 1, kId = 2 };
enum class TextCoding : uint8_t {
  kConst = 0, kDictionary = 1, kPlain = 2, kDecimal = 3, kDigits = 4, kIpv4 = 5, kHex = 6, kTemplates = 7, kExceptions = 8,
};
inline constexpr uint64_t kValuesPerByte = 16;    ///< of decoded events: values of all columns and variables together
inline constexpr unsigned kTextDepthMax = 3;      ///< templates whose variables are templates whose variables …
inline constexpr uint32_t kTemplatesMax = 4'096;  ///< of one column
inline constexpr uint32_t kPartsMax = 129;        ///< of a template
enum class NumberCoding : uint8_t { kConst = 0, kBytes = 1, kPacked = 2, kDeltas = 3, kRuns = 4 };
/// Where ids of a dictionary (or the bytes of NumberCoding::kBytes) are.
enum class IdCoding : uint8_t { kBytes = 0, kPacked = 1, kMapped = 2 };

/// How a slot's value becomes a field of the LogEvent.
enum class SlotKind : uint8_t {
  kBytes = 0, kVarint = 1, kFixed64 = 2, kBool = 3,                                         // a field
  kAttrString = 4, kAttrInt = 5, kAttrDouble = 6, kAttrBool = 7, kAttrNull = 8, kAttrJson = 9,  // an attribute
  kEvent = 10,                                                                              // a whole LogEvent
};
enum class SlotSource : uint8_t { kColumn = 0, kPieces = 1 };
/// A part of the original.
enum class PieceKind : uint8_t { kLiteral = 0, kColumn = 1, kSlot = 2, kRfc3339 = 3, kBsdTime = 4, kStructuredData = 5 };

constexpr bool is_text(SlotKind kind) {
  return kind == SlotKind::kBytes || kind == SlotKind::kAttrString || kind == SlotKind::kAttrJson || kind == SlotKind::kEvent;
}
constexpr bool is_attr(SlotKind kind) { return kind >= SlotKind::kAttrString && kind <= SlotKind::kAttrJson; }

/// Bits that tell the numbers 0 to `max` apart.
constexpr unsigned width_of(uint64_t max) { return static_cast<unsigned>(std::bit_width(max)); }
constexpr uint64_t packed_bytes(uint64_t count, unsigned width) { return (count * width + 7) / 8; }

/// Writes the checksums of the sections of a whole frame, and its header's.
void seal_sections(uint8_t* frame);

/// Writes the header with its checksum at `frame`, whose section entries are in place.
void seal_header(FrameHeader& header, uint8_t* frame);

}  // namespace penstock::frames
