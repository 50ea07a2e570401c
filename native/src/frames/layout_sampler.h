// Which layout the next frame of a source has, by what each took when it was last tried: time of its events in the builder, time and
// bytes of packing. One frame in many is a trial of another layout, and is compared with the frame just before it: what else the machine
// does at that time slows both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace penstock::frames {

/// All are the same format (docs/reference/frames.md); they differ in what they cost to write and in how small they are.
enum class Layout : uint8_t {
  kTemplates,  ///< columns; texts cut into what they have in common and what differs
  kColumns,    ///< columns, texts as they are
  kWhole,      ///< one column, of LogEvents: hardly slower than records, hardly smaller
};
inline constexpr size_t kLayouts = 3;

class LayoutSampler {
 public:
  /// Of the frame under construction.
  Layout layout() const { return layout_; }
  /// Whether what this frame costs will be used.
  bool measures() const { return measures_; }
  /// Begins the next frame.
  void next();
  /// A frame, measured or not, ended with so many bytes of LogEvents.
  void ended(uint64_t decoded_bytes) { small_ = decoded_bytes < kDecodedMin ? std::min(small_ + 1, kSmallMax) : 0; }
  /// What a measured frame took: nanoseconds, bytes packed, and of how many bytes of LogEvents.
  void measured(uint64_t ns, uint64_t packed_bytes, uint64_t decoded_bytes);
  /// The layout that pays best as far as is known.
  Layout chosen() const { return chosen_; }
  /// From now on only this one.
  void fix(Layout layout);

 private:
  static constexpr size_t kKept = 5;  ///< trials of a layout: their median counts
  static constexpr uint32_t kTryEvery = 32, kTryEveryMax = 1024;
  static constexpr uint64_t kDecodedMin = 64 << 10;  ///< smaller frames say little, and cost little
  static constexpr uint32_t kSmallMax = 4;           ///< after so many of them in a row none is measured until there is a larger one

  struct Trials {
    double times[kKept] = {};    ///< as often as long as the chosen layout
    double bytes = 0;            ///< packed, a byte of LogEvents
    uint32_t count = 0;
    uint32_t every = kTryEvery;  ///< frames between trials: more with each one lost
    uint32_t wait = 0;           ///< frames until the next one
    double time() const;
  };

  void choose();
  void make_chosen(size_t layout);

  Trials trials_[kLayouts];
  Layout layout_ = Layout::kTemplates, chosen_ = Layout::kTemplates;
  bool measures_ = false, fixed_ = false;
  bool settled_ = false;      ///< all have been tried, and one was chosen
  uint32_t small_ = 0;        ///< frames too small to say anything, in a row
  size_t due_ = kLayouts;     ///< to be tried after a frame of the chosen layout; kLayouts: none
  double reference_ns_ = 0;   ///< a byte of LogEvents, in that frame; 0: it is not finished
};

}  // namespace penstock::frames
