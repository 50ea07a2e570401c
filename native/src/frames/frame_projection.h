// Some fields of every event of a plain frame: only the columns that hold them are read. Bytes may come from anyone.
#pragma once

#include <span>
#include <string>

#include "frames/frame_reader.h"

namespace penstock::frames {

/// A field of LogEvent by its number; an attribute has kAttrs' and its name.
struct WantedField {
  uint32_t number;
  std::string_view attribute;
};

/// A field of an event. Of an event that travels whole, what is no attribute has the kind of its wire type: a boolean is kVarint.
struct ProjectedField {
  uint32_t wanted;        ///< which of the wanted fields
  SlotKind kind;
  std::string_view text;  ///< where is_text(kind), kTextSpare bytes readable behind it; valid until the next event
  int64_t number;         ///< else: an integer, the bits of a double, a boolean
};

class FrameProjection {
 public:
  static constexpr size_t kWantedMax = 64;

  /// As FrameReader::open. At most kWantedMax fields are wanted, each once.
  FrameError open(std::string_view frame, std::span<const WantedField> wanted, uint32_t decoded_bytes_max = kDecodedBytesMax);
  const FrameHeader& header() const { return reader_.header(); }

  /// The wanted fields of the next event in the order that its LogEvent has them, once for each value; to be called for each event.
  /// False: the frame is not what it says. What only the whole events tell (their sizes, the originals' checksum) is not looked at.
  bool next(std::span<const ProjectedField>& fields);

 private:
  struct Read {
    uint32_t column;
    uint32_t to;     ///< slot, or the number of slots + piece; where the plan is direct: field, kNone for none
  };
  struct Give {
    uint32_t wanted;
    uint32_t slot;
  };
  static constexpr uint32_t kNone = UINT32_MAX;
  /// How the events of one shape are read.
  struct Plan {
    std::vector<Read> reads;
    std::vector<Give> gives;
    std::vector<uint32_t> pieces;  ///< that wanted fields are composed of
    std::vector<ProjectedField> fields;  ///< where every wanted field is a column's value: what the events have in common is in them
    bool composed = false;
    bool direct = false;
  };

  struct Wanted {
    uint32_t number;
    std::string attribute;
  };

  void plan(std::span<const WantedField> wanted);
  void choose(const FrameReader::Shape& shape, Plan& plan, std::vector<bool>& needed) const;
  void make_direct(const FrameReader::Shape& shape, Plan& plan) const;
  bool next_direct(Plan& plan);
  bool compose(const FrameReader::Shape& shape, const Plan& plan);
  /// Which wanted field it is; kWantedMax: none.
  size_t find(uint32_t number, std::string_view attribute) const;
  bool take_apart(std::string_view event);
  bool take_attribute(std::string_view attribute);

  FrameReader reader_;
  std::vector<Plan> plans_;
  std::vector<ProjectedField> fields_;
  std::vector<Wanted> wanted_;
};

}  // namespace penstock::frames
