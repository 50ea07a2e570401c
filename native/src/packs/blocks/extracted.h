// What a building block takes out of an event: names and values as views, bounded, in the order met.
//
// A block is a pure function
//     BlockResult extract_xxx(std::string_view text, const XxxOptions& options, Arena& scratch, Extracted& out);
// It appends to `out` views into `text`, into `options` (names a pack gave) or, where a value had to be unescaped or put
// together, into `scratch`; nothing else is kept. Rules: those of kernels/common.h (no throw, no allocation, no abort,
// kPadding readable bytes after `text`), time linear in the size of `text` whatever the bytes, and cuts at ASCII only:
// valid UTF-8 in gives valid UTF-8 out (a block that decodes says otherwise and repairs).
#pragma once

#include "kernels/common.h"

#include <span>

namespace penstock::packs {

// BLOCK_PROBLEM(name, metric label, text)
#define PENSTOCK_BLOCK_PROBLEMS(BLOCK_PROBLEM)                                                                  \
  BLOCK_PROBLEM(kTooManyFields, "too_many_fields", "more fields than the limit; the rest was not read")         \
  BLOCK_PROBLEM(kScratchFull, "too_complex", "no memory left to unescape a value; it is kept as it was written") \
  BLOCK_PROBLEM(kUnterminatedQuote, "unterminated_quote", "a quote is not closed; its value is all that follows") \
  BLOCK_PROBLEM(kTextAfterQuote, "text_after_quote", "text follows a closing quote; it was skipped")            \
  BLOCK_PROBLEM(kBadEscape, "bad_escape", "an escape is not one of the format; it is kept as it was written")   \
  BLOCK_PROBLEM(kBareText, "bare_text", "text that belongs to no field was skipped")                            \
  BLOCK_PROBLEM(kMissingColumns, "missing_columns", "the line has fewer columns than the header")               \
  BLOCK_PROBLEM(kExtraColumns, "extra_columns", "the line has more columns than the header")                    \
  BLOCK_PROBLEM(kTooDeep, "too_deep", "nested deeper than the limit; what is below was not read")               \
  BLOCK_PROBLEM(kMalformed, "malformed", "not well-formed; what was read before is kept")                       \
  BLOCK_PROBLEM(kRefusedEntity, "refused_entity", "a document type or an entity definition is not read")        \
  BLOCK_PROBLEM(kInvalidUtf8, "invalid_utf8", "decoded bytes that are not UTF-8 were replaced by U+FFFD")

/// A deviation a block met and survived. A set of them is a bit per problem.
enum class BlockProblem : uint8_t {
#define BLOCK_PROBLEM(name, label, text) name,
  PENSTOCK_BLOCK_PROBLEMS(BLOCK_PROBLEM)
#undef BLOCK_PROBLEM
      kCount
};

struct BlockProblemInfo {
  std::string_view label;
  std::string_view text;
};

inline constexpr BlockProblemInfo kBlockProblemTable[] = {
#define BLOCK_PROBLEM(name, label, text) {label, text},
    PENSTOCK_BLOCK_PROBLEMS(BLOCK_PROBLEM)
#undef BLOCK_PROBLEM
};

inline constexpr const BlockProblemInfo& info(BlockProblem problem) {
  return kBlockProblemTable[static_cast<size_t>(problem)];
}

/// What a block says of the bytes it was given. kMatch may come with problems: see Extracted::problems().
enum class BlockResult : uint8_t {
  kNoMatch,  ///< not this format: `out` is as it was before the call
  kMatch,
};

/// How a value stood in the text; a set of bits.
enum FieldFlags : uint8_t {
  kFieldQuoted = 1,    ///< in quotes, which the value does not include
  kFieldRewritten = 2, ///< the value is not as written: unescaped, joined or decoded, in the scratch memory
  kFieldNoValue = 4,   ///< a name alone; the value is empty
  kFieldHeader = 8,    ///< of the format's own header: its name is the block's, not the sender's
  kFieldLabelled = 16, ///< the name is a label that the sender chose for one of its custom fields
};

struct ExtractedField {
  std::string_view name;   ///< not empty
  std::string_view value;  ///< data() is never nullptr
  uint8_t flags = 0;
};

/// Fields of one event. One thread uses it; reset once per event, appended to by each block that runs on the event.
class Extracted {
 public:
  static constexpr size_t kDefaultCapacity = 1024;

  explicit Extracted(size_t capacity = kDefaultCapacity)
      : fields_(new ExtractedField[capacity]), capacity_(capacity) {}

  void reset() {
    size_ = 0;
    problems_ = 0;
  }

  /// False when there is no room: kTooManyFields is noted and the block stops reading. A repeated name is a second field.
  [[gnu::always_inline]] bool add(std::string_view name, std::string_view value, uint8_t flags = 0) {
    if (size_ == capacity_) return note(BlockProblem::kTooManyFields), false;
    ExtractedField& field = fields_[size_++];
    field.name = name;
    field.value = value;
    field.flags = flags;
    return true;
  }
  /// `add`, with its place in local variables: those of an object are read again after each byte that is written. Nothing else appends
  /// meanwhile.
  class Appender {
   public:
    explicit Appender(Extracted& out) : out_(out), at_(out.fields_.get() + out.size_), end_(out.fields_.get() + out.capacity_) {}
    Appender(const Appender&) = delete;
    ~Appender() { out_.size_ = static_cast<size_t>(at_ - out_.fields_.get()); }
    [[gnu::always_inline]] bool add(std::string_view name, std::string_view value, uint8_t flags = 0) {
      if (at_ == end_) return out_.note(BlockProblem::kTooManyFields), false;
      at_->name = name;
      at_->value = value;
      at_->flags = flags;
      ++at_;
      return true;
    }

   private:
    Extracted& out_;
    ExtractedField* at_;
    ExtractedField* const end_;
  };
  void note(BlockProblem problem) { problems_ |= 1u << static_cast<unsigned>(problem); }

  /// A place to return to when a format turns out to be another.
  struct Mark {
    size_t size;
    uint32_t problems;
  };
  Mark mark() const { return {size_, problems_}; }
  void rewind(Mark mark) {
    size_ = mark.size;
    problems_ = mark.problems;
  }

  /// Takes out those from `first` on whose name a block has emptied.
  void remove_nameless(size_t first) {
    size_t to = first;
    for (size_t i = first; i < size_; ++i)
      if (!fields_[i].name.empty()) fields_[to++] = fields_[i];
    size_ = to;
  }

  size_t size() const { return size_; }
  bool full() const { return size_ == capacity_; }
  ExtractedField& operator[](size_t i) { return fields_[i]; }
  const ExtractedField& operator[](size_t i) const { return fields_[i]; }
  std::span<const ExtractedField> fields() const { return {fields_.get(), size_}; }
  /// Fields from `first` on: those of the last block, when `first` is the size before it ran.
  std::span<const ExtractedField> since(size_t first) const { return fields().subspan(first); }
  /// Value of the last field called `name`; data() == nullptr when there is none. Linear: for headers and tests.
  std::string_view value_of(std::string_view name) const {
    for (size_t i = size_; i-- > 0;)
      if (fields_[i].name == name) return fields_[i].value;
    return {};
  }
  uint32_t problems() const { return problems_; }
  bool has(BlockProblem problem) const { return problems_ >> static_cast<unsigned>(problem) & 1; }

 private:
  std::unique_ptr<ExtractedField[]> fields_;
  size_t capacity_;
  size_t size_ = 0;
  uint32_t problems_ = 0;
};

}  // namespace penstock::packs
