// What stood between the values of XML documents, remembered: a product writes the same elements around other values, event after event.
//
// A *place* is where a value stands: within which elements, as whose text or as which attribute. A *step* is the bytes between two
// values ("</Level><Task>") with the place they lead to. A document is read by comparing steps and looking for the ends of values;
// what is not known is left to who reads markup (xml.cc), and remembered then.
#pragma once

#include <memory>
#include <string_view>

#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// One thread's, for one set of options (without keep_empty: elements between values have no fields then). Memory is bounded: places and
/// steps (kPlaces, kSteps), their texts (kBytes), steps from one place (kStepsOfPlace). What is full is forgotten as a whole.
class XmlSteps {
 public:
  enum class Kind : uint8_t { kText, kQuot, kApos, kEnd };

  XmlSteps();
  /// The document by what is known. False: something in it is new (or none is tried, for most lately were), and nothing was done.
  bool read(std::string_view text, Arena& scratch, Extracted& out);

  /// Whether the document that `read` did not know is to be remembered.
  bool learns() const { return fit_; }
  /// Such a document, as it is read otherwise: its values in order, then `done`.
  void begin(std::string_view text);
  /// A value that ends where what follows begins. Then `within` for each open element, outermost first: names as written.
  /// `name`: the field's, of which the first `path` bytes name the element; `attribute`: which of the element's it is.
  void value(Kind kind, std::string_view text, std::string_view name, size_t path, size_t attribute);
  void within(std::string_view tag);
  /// Something stands in it that the next one's steps and values would not tell (a text between elements).
  void unfit() { fit_ = false; }
  /// `plain`: it was read to its end, and nothing was noted.
  void done(bool plain);

 private:
  static constexpr size_t kPlaces = 1024, kSteps = 2048, kBytes = 192 << 10;
  static constexpr size_t kStepsOfPlace = 64;
  static constexpr size_t kValuesMax = 256, kKeysMax = 32 << 10;  ///< of a document that is remembered
  static constexpr size_t kStepMax = 1024;                        ///< bytes
  // Of documents that are tried, two in three are to be known; else they are not, for so many.
  static constexpr int kTrustMax = 96, kTrustFirst = 64;
  static constexpr uint32_t kPauseMin = 1024, kPauseMax = 16384;

  struct Place;
  struct Step {
    const char* text;
    Place* to;
    Step* other;    ///< from the same place, not longer
    uint32_t size;
    bool prefix;    ///< of another from the same place
  };
  struct Place {
    Step* latest;   ///< of its steps, what was met last; nullptr: the longest
    Step* first;    ///< the longest
    const char* name;
    uint32_t name_size;
    uint32_t key_size;
    const char* key;
    uint64_t hash;
    Kind kind;
    uint8_t steps;
  };
  struct Met {
    const char *begin, *end;
    uint32_t key, key_size, name_size;
    Kind kind;
  };
  const Step* follow(Place& place, const char* p, const char* end) const;
  bool walk(std::string_view text, Arena& scratch, Extracted& out);
  Place* place(std::string_view key, size_t name, Kind kind);
  Place* step(Place& from, std::string_view text, std::string_view key, size_t name, Kind kind);
  void add(Place& from, Step& step);
  const char* keep(std::string_view text);
  void forget();

  std::unique_ptr<Place[]> places_;  ///< kPlaces, by hash; then where documents begin and end
  std::unique_ptr<Step[]> steps_;
  std::unique_ptr<char[]> bytes_, keys_;
  std::unique_ptr<Met[]> met_;
  size_t place_count_ = 0, step_count_ = 0, used_ = 0;
  size_t met_count_ = 0, keys_used_ = 0;
  std::string_view document_;
  bool fit_ = false, full_ = false;
  int trust_ = kTrustFirst;
  uint32_t pause_ = kPauseMin, paused_ = 0;
};

}  // namespace penstock::packs
