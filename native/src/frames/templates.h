// Texts as templates: what they have in common, and columns of what differs. Templates and columns are kept from frame to frame.
#pragma once

#include "frames/columns.h"

namespace penstock::frames {

class Templates {
 public:
  /// `depth`: of the column that these are the templates of.
  Templates(Cutting cutting, unsigned depth, uint64_t seed);
  ~Templates();

  /// Takes `count` texts apart, one after the other in `bytes` (readable up to the next multiple of 64).
  void split(const uint8_t* bytes, size_t size, const uint32_t* lengths, size_t count, Scratch& scratch);
  void write(ColumnWriter& out);
  void clear();
  /// Has all variables choose how they are written; what this frame would cost then.
  double choose(ColumnWriter& out);
  void forget(Scratch& scratch);

 private:
  static constexpr size_t kVariablesMax = (kPartsMax - 1) / 2;
  static constexpr size_t kKept = 2048;       ///< templates remembered
  static constexpr size_t kNewMax = 512;      ///< in one frame: beyond these, texts stay whole
  static constexpr size_t kProbesMax = 16;
  static constexpr size_t kGuesses = 64;
  static constexpr size_t kRunMax = 64;  ///< texts: more would not stay in the first cache

  /// What is between the variables: one literal more than variables.
  struct Template {
    uint64_t hash;
    uint32_t literals;    ///< first of its sizes in sizes_
    uint32_t text;        ///< where its literals are in text_, one after the other
    uint32_t variables;   ///< first of its columns in columns_of_
    uint16_t count;       ///< of variables
    uint32_t family;      ///< kNone: it has none
    uint32_t in_frame;
  };
  /// Templates with as many variables, each of their columns always at the same place among these, and in no other family: of texts that follow
  /// each other these columns may be filled one after the other.
  struct Family {
    uint16_t count;       ///< of variables
    uint64_t mixed;       ///< bit v: not all have the same column at v
    uint32_t variables;   ///< the first one's, as a template's
  };
  struct Place {
    uint32_t family;
    uint16_t at;
  };
  static constexpr uint32_t kNone = UINT32_MAX;
  /// Texts of one family that follow each other.
  struct Run {
    uint32_t family;
    size_t texts;
    size_t first;         ///< the first text's number
    TextCuts cuts;        ///< its first, those of the other texts follow
  };
  size_t cut(const uint8_t* bytes, size_t begin, size_t end, const TextMasks& masks);
  uint64_t hash_of(const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts, size_t variables) const;
  bool same(const Template& known, const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts, size_t variables) const;
  Template* find(const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts, size_t variables, Scratch& scratch);
  Template* add(uint64_t hash, const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts, size_t variables, Scratch& scratch);
  uint32_t variable(const std::string& key, Scratch& scratch);
  uint32_t family_of(const Template& made);
  void add_row(const Template& of, const uint8_t* bytes, TextCuts cuts);
  void add_run(const Run& run, const int64_t* ids, const uint8_t* bytes);
  void grow_table();
  void enter(Template& used);
  bool find_all_cuts(const uint8_t* bytes, size_t size, const uint32_t* lengths, size_t count, const TextMasks& masks, Scratch& scratch);

  const Cutting cutting_;
  const unsigned depth_;
  uint64_t keys_[2 * (kVariablesMax + 1)];
  std::vector<Template> templates_;   ///< 0: the text as it is
  uint32_t guesses_[kGuesses] = {};    ///< the templates met last, by a glance at their texts
  std::vector<uint32_t> table_;       ///< number + 1, 0: free
  std::vector<uint16_t> sizes_;
  ByteBuffer text_;
  std::vector<uint32_t> columns_of_;
  std::vector<std::unique_ptr<TextColumn>> columns_;
  std::vector<std::string> keys_of_;  ///< the columns' left contexts
  std::vector<Place> places_;         ///< the columns'
  std::vector<Family> families_;
  std::vector<uint32_t> used_;        ///< templates of this frame, by number
  std::vector<uint32_t> in_frame_;    ///< columns' numbers in this frame
  NumberColumn ids_;
  size_t fresh_ = 0;                  ///< templates that this frame added
  size_t fresh_bytes_ = 0;            ///< of the skeletons of this frame
  uint32_t begins_[kVariablesMax + 1], ends_[kVariablesMax + 1];  ///< of the variables of a text with quotes
};

}  // namespace penstock::frames
