// The columns of a frame under construction. A column outlives its frame: its memory and what it learned serve the next one.
#pragma once

#include <memory>
#include <vector>

#include "frames/sections.h"
#include "frames/raw_array.h"
#include "frames/text_cuts.h"
#include "frames/text_masks.h"
#include "frames/text_types.h"
#include "frames/words.h"

namespace penstock::frames {

class Templates;

/// Ids of at most 256 different values, as a column wrote them: what a later column of the same frame may be a function of.
struct SmallIds {
  const uint8_t* ids;
  size_t count;
  uint32_t column;  ///< its number in the frame
};

/// What columns need while they write; one for all of a builder.
struct Scratch {
  uint64_t seed = 0;                ///< of hashes, unknown to senders
  std::vector<uint16_t> table;      ///< of a dictionary: entry + 1, 0: free
  std::vector<uint32_t> entries;    ///< its first values, by id
  std::vector<uint32_t> hashes;
  struct Short {
    uint64_t low, high;
    uint64_t size;
  };
  std::vector<Short> shorts;        ///< the same of texts that are all short
  std::vector<uint16_t> ids;
  std::vector<uint32_t> starts;     ///< of values
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> delimiters[2], marks[2], dots, quotes, borders;
  RawArray<uint32_t> begins[2], ends[2];  ///< of variables
  size_t variables = 0;             ///< columns of templates that exist
  bool templates = true;            ///< texts may be cut into templates
};

/// Where columns of one frame put what they hold.
struct ColumnWriter {
  Sections& sections;
  std::vector<SmallIds>& small;  ///< columns written so far
  Scratch& scratch;
  uint32_t column = 0;           ///< the one being written
  bool nested = false;           ///< a variable of templates: nothing is a function of it
};

/// Numbers; with `time`, a common factor of 1,000, 10^6 or 10^9 is taken out.
class NumberColumn {
 public:
  explicit NumberColumn(bool time = false) : time_(time) {}
  [[gnu::always_inline]] void add(int64_t value) {
    if (count_ == values_.size()) [[unlikely]] values_.grow(count_ * 2 + 64, count_);
    values_[count_++] = value;
  }
  /// Room for `count` values at once, to be told by `used`.
  int64_t* room(size_t count) {
    values_.grow(count, 0);
    return values_.data();
  }
  void used(size_t count) { count_ = count; }
  size_t count() const { return count_; }
  /// Bits that a value takes, packed.
  unsigned width() const;
  void write(ColumnWriter& out);
  void clear() { count_ = 0; }

 private:
  void write_runs(Sections& out, size_t runs) const;
  void write_deltas(Sections& out, int64_t least, unsigned width) const;
  unsigned take_scale();

  RawArray<int64_t> values_;
  std::vector<uint8_t> small_;
  size_t count_ = 0;
  bool time_;
};

/// Texts: gathered as they come, written in the way that was cheapest when it was last looked at.
class TextColumn {
 public:
  explicit TextColumn(Cutting cutting = Cutting::kTokens, unsigned depth = 1);
  ~TextColumn();
  TextColumn(const TextColumn&) = delete;
  TextColumn& operator=(const TextColumn&) = delete;

  [[gnu::always_inline]] void add(std::string_view text) {
    if (text.size() == first_size_ && equal_bytes(bytes_.data(), text.data(), text.size())) {
      ++count_;
      return;
    }
    if (length_ == lengths_end_ && !make_room(text)) [[unlikely]] return;
    put_length(text.size());
    bytes_.bytes(text.data(), text.size());
  }
  [[gnu::noinline]] void add_elsewhere(std::string_view text) { add(text); }
  /// As `add`, of a text behind which 32 bytes are readable.
  [[gnu::always_inline]] void add_padded(std::string_view text) {
    const size_t size = text.size();
    if (size == first_size_ && (size <= 16 ? differ_in_16(bytes_.data(), text.data(), size) == 0 : same_bytes(bytes_.data(), text.data(), size))) {
      ++count_;
      return;
    }
    if (length_ == lengths_end_ && !make_room(text)) [[unlikely]] return;
    uint8_t* const out = bytes_.room(size + 64);
    put_length(size);
    bytes_.used_up_to(wire::copy_padded(out, text.data(), size));
  }
  /// As `add_padded` of `count` texts in `bytes`, the i-th from begins[i * stride] up to ends[i * stride]; of at most `most` bytes together.
  void add_many(const uint8_t* bytes, TextCuts cuts, size_t stride, size_t count, size_t most);
  /// Room for one more value, to be told by `used`; of a column that is always plain.
  uint8_t* room(size_t size) {
    return bytes_.room(size);
  }
  void used(size_t size) {
    if (length_ == lengths_end_) [[unlikely]] more_lengths(1);
    uniform_ = false;
    put_length(size);
    bytes_.used(size);
  }
  /// Written as the values are, whatever they are.
  void always_plain() { plain_ = true; }
  size_t count() const { return uniform_ ? count_ : gathered(); }
  /// All values are the same: this one.
  bool constant() const { return uniform_; }
  std::string_view first() const { return {reinterpret_cast<const char*>(bytes_.data()), first_size_}; }
  void write(ColumnWriter& out);
  /// For the next frame.
  void clear();
  /// Takes its templates' variables from the scratch's count.
  void forget(Scratch& scratch);
  double choose(ColumnWriter& out);

 private:
  enum class Way : uint8_t { kUndecided, kDictionary, kPlain, kTyped, kTemplates };
  static constexpr unsigned kFramesSticky = 16;
  static constexpr size_t kValuesSticky = 4096;
  static constexpr size_t kEntriesMax = 1 << 14;

  [[gnu::noinline]] void start(std::string_view text) {
    bytes_.room(text.size() + 16);
    bytes_.bytes(text.data(), text.size());
    first_size_ = static_cast<uint32_t>(text.size());
    count_ = 1;
  }
  [[gnu::always_inline]] void put_length(size_t size) { *length_++ = static_cast<uint32_t>(size); }
  size_t gathered() const { return static_cast<size_t>(length_ - lengths_.data()); }
  /// Before a text that is not as all before it, or finds no room for its length. False: it is the first, and taken.
  bool make_room(std::string_view text);
  /// Room for so many lengths more.
  void more_lengths(size_t more);
  void expand();
  bool write_as(Way way, ColumnWriter& out);
  bool write_dictionary(ColumnWriter& out);
  bool write_typed(ColumnWriter& out);
  bool write_templates(ColumnWriter& out);
  void write_plain(ColumnWriter& out);
  void split(Scratch& scratch);
  bool parse_numbers(const Scratch& scratch);
  template <class ParseMany, class Parse>
  bool parse_at_once(const Scratch& scratch, int64_t* numbers, size_t& n, ParseMany parse_many, Parse parse);
  bool parse_nibbles(Scratch& scratch, size_t digits);
  size_t distinct(Scratch& scratch, size_t most);
  size_t distinct_short(Scratch& scratch, size_t most);
  void find_starts(Scratch& scratch);
  std::string_view value(const Scratch& scratch, size_t i) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + scratch.starts[i], lengths_[i]};
  }

  const Cutting cutting_;
  const unsigned depth_;          ///< 1: a column of the frame; its variables 2, their variables 3
  bool uniform_ = true;           ///< all values so far are bytes_
  /// With templates and without.
  struct {
    Way way = Way::kUndecided;
    unsigned frames = 0;          ///< since it was chosen
    unsigned sticky = 0;          ///< it is chosen anew after so many
  } choices_[2];
  bool plain_ = false;
  static constexpr uint32_t kNoSize = UINT32_MAX;
  uint32_t first_size_ = kNoSize;  ///< of all values, while they are the same; kNoSize: there are none, or they differ
  size_t count_ = 0;               ///< while they are the same, and once they are being written
  uint32_t *length_ = nullptr, *lengths_end_ = nullptr;  ///< of the next value, in lengths_; the same while there is no room, or no need
  RawArray<uint32_t> lengths_;
  ByteBuffer bytes_;
  TextType type_;
  size_t entries_ = 0;            ///< of the last dictionary
  uint32_t longest_ = 0;          ///< value of this frame, once starts are known
  bool split_ = false;            ///< templates_ hold this frame's values
  std::vector<uint32_t> exceptions_;
  NumberColumn numbers_;
  std::vector<uint8_t> small_;
  std::unique_ptr<Templates> templates_;
};

/// Writes ids below `distinct`; bytes where they are at most 256, given in `small` too then.
void write_ids(ColumnWriter& out, const uint16_t* ids, size_t count, size_t distinct, std::vector<uint8_t>& small);

/// Writes numbers as a column of its own kind does; for lengths too.
void write_packed(Sections& out, const uint32_t* values, size_t count);

}  // namespace penstock::frames
