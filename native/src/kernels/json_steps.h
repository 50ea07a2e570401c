// Remembers what stood between the values of earlier documents. Documents of one sender differ in their values; keys, colons, commas, braces
// and white space between two values are the same bytes again and again, and what they mean is known once they have been read by tokens.
//
// A step leads from one value to the next: the bytes between them, the names they hold, and the value's own name. Steps are remembered
// by the name of the value they begin at, a few each, so names that are there or not make few steps more, not other shapes of
// whole documents. Bounded; what is compared is every byte, so hostile documents can make it miss, never answer wrongly.
#pragma once

#include <algorithm>
#include <array>

#include "kernels/json_names.h"

namespace penstock {

struct alignas(64) JsonStep {
  static constexpr size_t kTextMax = 96, kPrefixMax = 96, kNamesMax = 5;
  enum Flags : uint8_t { kNested = 1, kDottedKey = 2, kWanted = 4, kPlain = 8 /* on a way without repetition */ };

  uint64_t from = 0;   ///< what it begins at; 0: no step
  uint64_t to = 0;     ///< the value's name, by its id
  JsonTarget target;   ///< of the value
  uint16_t next = 0;   ///< the step that followed it the last time
  uint8_t text_size = 0, prefix_size = 0, key_at = 0, key_size = 0, depth = 0, names = 0;
  bool last = false;   ///< to the end of the document: there is no value
  uint8_t flags = 0;   ///< Flags
  uint8_t name_size = 0;  ///< of `prefix` and the key behind it; 0: there is no room for both
  uint16_t places[kNamesMax];  ///< of the names met on the way
  uint32_t ids[kNamesMax];
  char text[kTextMax];
  char prefix[kPrefixMax];  ///< the path of the value's object, and where there is room the value's own key
};
static_assert(sizeof(JsonStep) == 256);

class JsonSteps {
 public:
  JsonSteps();
  /// Whether documents that begin alike were worth it of late: two in three, for one that is not known is read twice.
  bool worth_trying(std::string_view document) {
    worth_ = &worths_[root_of(document)];
    if (worth_->pause == 0) [[likely]] return true;
    if (--worth_->pause == 0) worth_->score = kScoreAgain;
    return false;
  }
  void hit() {
    if (worth_->score < kScoreMax) ++worth_->score;
    else worth_->next_pause = kPauseMin;
  }
  void miss() {
    if ((worth_->score -= 2) > 0) return;
    worth_->pause = worth_->next_pause;
    worth_->next_pause = std::min(2 * worth_->next_pause, kPauseMax);
  }

  /// Before the first step of a document. nullptr: nothing is remembered.
  JsonStep* begin(std::string_view document, const JsonNames& names) {
    if (!steps_ || age_ != names.age()) return nullptr;
    return &roots_[root_of(document)];
  }
  /// The step that followed `before` the last time, if it is what the bytes at `p` are; kPadding bytes after `end` are readable.
  template <class Isa>
  [[gnu::always_inline]] JsonStep* follow(JsonStep& before, const char* p, const char* end) {
    JsonStep& next = steps_[before.next];
    const size_t size = next.text_size;
    // A value that is an object goes another way.
    if (next.from == before.to && size <= static_cast<size_t>(end - p) && Isa::same(next.text, p, size) && p[size] != '{') [[likely]]
      return &next;
    return nullptr;
  }
  /// Any other step after `before` that the bytes at `p` are; from now on the one that follows it. nullptr: there is none.
  JsonStep* find(JsonStep& before, const char* p, const char* end);
  /// The step that followed the last time, whatever comes.
  const JsonStep& next(const JsonStep& step) const { return steps_[step.next]; }

  /// Whether the way that documents took the last times, from `root` to its end, says no name and no field twice. While a document
  /// follows it, nobody need ask.
  bool plain(const JsonStep& root) const { return straights_[&root - roots_].plain == changes_; }
  /// A document is read whose names were all asked for. `straight`: each step followed the one before as the last time; `twice`: a
  /// name came twice.
  void passed(JsonStep& root, bool straight, bool twice) {
    uint32_t& documents = straights_[&root - roots_].documents;
    if (!straight || twice) documents = 0;
    else if (++documents % kStraightMin == 0) look_for_fields(root);
  }

  void learn_document(std::string_view document, const JsonNames& names);
  bool learning() const { return learning_; }
  void stop_learning() { learning_ = false; }
  /// A name on the way; `key` as it was read.
  void pass(const JsonName& name, uint16_t place, bool kept, std::string_view key);
  void learn(const char* value, std::string_view key, bool wanted, std::string_view prefix, uint32_t depth);
  void value_ends(const char* end) { end_ = end; }
  void learn_end();
  void forget();

 private:
  /// Where the steps of a name are found.
  struct Way {
    uint64_t from = 0;
    std::array<uint16_t, 12> steps{};
  };
  static constexpr size_t kSteps = 2048;
  static constexpr size_t kRoots = 16;
  static constexpr uint64_t kRoot = uint64_t{1} << 32;  ///< ids of names are below
  static constexpr int kScoreMax = 128, kScoreAgain = 16;
  static constexpr uint32_t kPauseMin = 1024, kPauseMax = 16384;
  static constexpr uint32_t kStraightMin = 8;  ///< documents that went the same way, before it is looked at

  /// By the first name, about; kPadding bytes behind the document are readable.
  static size_t root_of(std::string_view document) {
    uint32_t word;
    std::memcpy(&word, document.data(), 4);
    return word * 0x9e3779b1u >> 28;
  }
  static bool is(const JsonStep& step, const char* p, const char* end) {
    return step.text_size <= end - p && std::memcmp(step.text, p, step.text_size) == 0;
  }
  /// Whether the fields of the way from `root` are all different: then it is plain until one of its steps changes.
  void look_for_fields(JsonStep& root);
  void changes(const JsonStep& step) { changes_ += (step.flags & JsonStep::kPlain) != 0; }
  Way& way_of(uint16_t place, uint64_t name);
  /// What is being learned, up to `to`, is remembered where its way begins.
  void remember(const char* to);

  std::unique_ptr<JsonStep[]> steps_;  ///< when something was learned
  std::unique_ptr<Way[]> ways_;        ///< by place of a name
  JsonStep roots_[kRoots];             ///< `to` of these begins documents
  Way root_ways_[kRoots];
  uint32_t cursor_ = 0;
  uint32_t age_ = 0;
  /// Of documents with one root.
  struct Worth {
    int score = kScoreMax;
    uint32_t pause = 0;  ///< documents that are not tried
    uint32_t next_pause = kPauseMin;
  };
  Worth worths_[kRoots];
  Worth* worth_ = worths_;
  /// Documents with one root that went the same way, one after the other.
  struct Straight {
    uint64_t plain = 0;  ///< `changes_` when the way was found to be plain
    uint32_t documents = 0;
  };
  Straight straights_[kRoots];
  uint64_t changes_ = 1;  ///< of steps on plain ways

  // What is being learned.
  bool learning_ = false;
  bool whole_ = false;  ///< the way from the last value to here can be remembered
  std::string_view document_;
  const char* end_ = nullptr;  ///< of the last value
  Way* way_ = nullptr;
  JsonStep step_;
};

}  // namespace penstock
