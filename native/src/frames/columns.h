// The columns of a frame under construction. A column outlives its frame: its memory and what it learned serve the next one.
#pragma once

#include <memory>
#include <vector>

#include "frames/sections.h"

namespace penstock::frames {

/// Ids of at most 256 different values, as a column wrote them: what a later column of the same frame may be a function of.
struct SmallIds {
  const uint8_t* ids;
  size_t count;
  uint32_t column;  ///< its number in the frame
};

/// Where columns of one frame put what they hold.
struct ColumnWriter {
  Sections& sections;
  std::vector<SmallIds>& small;  ///< columns written so far
  uint32_t column = 0;           ///< the one being written
};

/// Numbers; with `time`, a common factor of 1,000, 10^6 or 10^9 is taken out.
class NumberColumn {
 public:
  explicit NumberColumn(bool time = false) : time_(time) {}
  [[gnu::always_inline]] void add(int64_t value) {
    if (count_ == values_.size()) values_.resize(count_ * 2 + 64);
    values_[count_++] = value;
  }
  size_t count() const { return count_; }
  void write(ColumnWriter& out);
  void clear() { count_ = 0; }

 private:
  void write_runs(Sections& out, size_t runs) const;
  void write_deltas(Sections& out, int64_t least, unsigned width) const;
  unsigned take_scale();

  std::vector<int64_t> values_;
  std::vector<uint8_t> small_;
  size_t count_ = 0;
  bool time_;
};

/// Texts: one for all, a dictionary and ids, or one after the other.
class TextColumn {
 public:
  /// `seed`: of the hash, unknown to senders.
  explicit TextColumn(uint64_t seed) : seed_(seed) {}

  [[gnu::always_inline]] void add(std::string_view text) {
    if (!plain_) [[likely]] {
      if (count_ != 0 && text.size() == lengths_[last_] && same(last_, text)) {
        add_id(last_);
        return;
      }
      add_to_dictionary(text);
    } else {
      add_plain(text);
    }
  }
  size_t count() const { return count_; }
  /// All values are the same: this one.
  bool constant() const { return !plain_ && entries_ == 1; }
  std::string_view first() const { return entry(0); }
  void write(ColumnWriter& out);
  /// For the next frame. Whether a dictionary pays is looked at again every `kFramesSticky` frames.
  void clear();

 private:
  static constexpr size_t kEntriesMax = 1 << 14;
  static constexpr unsigned kFramesSticky = 16;

  bool same(size_t i, std::string_view text) const {
    return text.empty() || std::memcmp(bytes_.data() + starts_[i], text.data(), text.size()) == 0;
  }
  std::string_view entry(size_t i) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + starts_[i], lengths_[i]};
  }
  void add_id(size_t id) {
    if (count_ == ids_.size()) ids_.resize(count_ * 2 + 64);
    ids_[count_++] = static_cast<uint16_t>(id);
    last_ = id;
  }
  void add_plain(std::string_view text) {
    if (count_ == lengths_.size()) lengths_.resize(count_ * 2 + 64);
    lengths_[count_++] = static_cast<uint32_t>(text.size());
    bytes_.bytes(text.data(), text.size());
  }
  void add_to_dictionary(std::string_view text);
  void grow_table();
  void become_plain();

  uint64_t seed_;
  size_t count_ = 0;
  bool plain_ = false;
  unsigned frames_ = 0;             ///< since the way was chosen
  std::vector<uint32_t> lengths_;   ///< of entries, or of values
  ByteBuffer bytes_;
  // Dictionary only.
  size_t entries_ = 0;
  size_t last_ = 0;
  std::vector<uint32_t> starts_;
  std::vector<uint32_t> hashes_;
  std::vector<uint16_t> ids_;
  std::vector<uint16_t> table_;     ///< entry + 1, 0: free
  std::vector<uint8_t> small_;
};

/// Writes ids below `distinct`; bytes where they are at most 256, given in `small` too then.
void write_ids(ColumnWriter& out, const uint16_t* ids, size_t count, size_t distinct, std::vector<uint8_t>& small);

/// Writes numbers as a column of its own kind does; for lengths too.
void write_packed(Sections& out, const uint32_t* values, size_t count);

}  // namespace penstock::frames
