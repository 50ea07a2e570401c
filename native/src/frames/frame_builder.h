// Events into a frame. The frame is written with all sections stored ("plain"); packing compresses them, byte for byte the same
// otherwise. One thread owns a builder; what it learned of its events serves the next frames.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "frames/columns.h"
#include "frames/event_plan.h"
#include "frames/layout_sampler.h"
#include "frames/shape.h"

namespace penstock::frames {

struct BuilderOptions {
  uint32_t schema = 0;
  uint64_t seed = 0;            ///< random: of hashes
  int32_t utc_offset_s = 0;     ///< zone of timestamps that name none
};

/// Shapes of which an event may be at a glance, as a power of two.
inline constexpr unsigned kGlanceBits = 8;

class FrameBuilder {
 public:
  explicit FrameBuilder(const BuilderOptions& options);
  ~FrameBuilder();

  /// False: the plain frame might not fit `plain_bytes_max`; nothing was added.
  bool add(const Event& event, size_t plain_bytes_max);
  uint32_t events() const { return header_.events; }
  uint32_t original_bytes() const { return header_.original_bytes; }
  uint32_t decoded_bytes() const { return header_.decoded_bytes; }
  /// Bytes `finish` writes at most.
  size_t plain_bytes_bound() const { return bound_; }
  /// Writes the plain frame of at least one event at `out` (plain_bytes_bound() bytes); the builder is empty again then. Without
  /// `checksums` sections have none: packing them does not look at these. A plain frame for readers gets them by `seal_sections`.
  size_t finish(uint8_t* out, bool checksums = true);
  /// Whether it matters what the frame just finished is packed into, and in how much time.
  bool measured() const { return measured_.ns != 0; }
  /// That, of a frame that is measured: by this the layout of later frames is chosen.
  void packed(size_t bytes, uint64_t ns);
  /// Forgets the events.
  void clear();
  /// All frames from now on have this layout.
  void fix_layout(Layout layout) { sampler_.fix(layout); }
  Layout layout() const { return sampler_.layout(); }

 private:
  struct Column {
    ColumnType type;
    std::unique_ptr<TextColumn> text;
    std::unique_ptr<NumberColumn> number;
    bool folds;         ///< when constant it is part of the shapes instead
    uint32_t in_frame;  ///< its number in the frame being written; kLiteral: folded
  };
  /// Consecutive events of one chunk.
  struct IdRun {
    EventId first;
    uint32_t count;
  };

  void begin(size_t plain_bytes_max);
  bool add_event(const Event& event, size_t plain_bytes_max);
  bool add_like_before(const Event& event, size_t plain_bytes_max, bool& fits);
  bool add_by(Shape& shape, const Event& event, size_t plain_bytes_max, bool& fits);
  bool has_room_for(size_t size) const;
  void count(const Event& event, size_t size);
  void make_plan(Shape& shape, const Event& event);
  Shape* shape_for(const Event& event);
  Shape* new_shape(uint64_t hash, bool with_original);
  Shape* whole_event_shape();
  uint32_t column(ColumnType type, std::string key, bool time, bool folds);
  uint32_t slot_column(size_t slot);
  void append(const Shape& shape, const Event& event);
  size_t append_whole(const Event& event, size_t size_max);
  TextColumn& whole_column();
  void enter(Shape* shape);
  void add_id(const EventId& id);
  void forget_shapes();
  void write_columns();
  void write_ids(ByteBuffer& head) const;
  void write_shapes();
  size_t assemble(uint8_t* out, bool checksums);

  BuilderOptions options_;
  FrameHeader header_{};
  size_t bound_ = 0;
  SlotList list_;
  TimeWriter times_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, uint32_t> column_of_;
  std::unordered_map<uint64_t, std::vector<std::unique_ptr<Shape>>> shapes_;
  size_t shape_count_ = 0;
  Shape* last_ = nullptr;
  std::array<Shape*, 1 << kGlanceBits> seen_{};  ///< the last one with such a glance, see add_event
  Shape whole_;
  std::vector<Shape*> used_;        ///< shapes of this frame, by number
  NumberColumn shape_ids_;
  std::vector<IdRun> ids_;
  uint32_t bounds_[2 * kSlotsMax + 2];
  EventPlan::Match match_;
  size_t fresh_shapes_ = 0;         ///< in this frame
  LayoutSampler sampler_;
  bool begun_ = false;
  uint64_t spent_ns_ = 0;           ///< on a frame that is measured
  struct {
    uint64_t ns = 0, decoded_bytes = 0;
  } measured_;                      ///< the frame finished last
  Sections sections_;
  std::vector<SmallIds> small_;
  Scratch scratch_;
};

}  // namespace penstock::frames
