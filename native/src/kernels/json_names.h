// Remembers what the keys of earlier documents meant, so that a key is looked up in ECS once and not per document.
//
// A name is (name of the object it stands in, key). Sets of four ways, one cache line a name, exact comparison: hostile
// keys can make it miss, never answer wrongly. Documents of one kind have their keys in the same order, so each name also
// remembers which one followed it: most keys are compared with that one alone.
#pragma once

#include "kernels/common.h"
#include "kernels/ecs_lookup.h"
#include "kernels/json.h"

namespace penstock {

/// What becomes of a name's value.
struct JsonTarget {
  enum Role : uint8_t {
    kField,
    kDotted,  ///< a field whose key itself holds a dot
    kTimestamp,
    kMessage,
  };
  EcsField field = EcsField::kUnknown;
  EcsType type = EcsType::kString;  ///< of `field`, or kOneOf (one_of.h)
  Role role = kField;
};

struct alignas(64) JsonName {
  static constexpr size_t kKeyMax = 48;

  uint32_t id = 0;      ///< unique per (parent, key) while it is remembered; 0: none
  uint32_t parent = 0;  ///< id of the object's name; 0: the document itself
  JsonTarget target;
  uint16_t next = 0;  ///< place of the name that followed it the last time
  uint8_t key_size = 0;
  bool wanted = false;  ///< somebody asks for it
  char key[kKeyMax] = {};
};
static_assert(sizeof(JsonName) == 64);

class JsonNames {
  /// Beside the names: so little of them is asked for when a document goes as one before it.
  struct Met {
    uint32_t id = 0;
    uint32_t document = 0;  ///< the last one it was seen in
  };

 public:
  JsonNames() : names_(new JsonName[kPlaces]), met_(new Met[kPlaces]) {}

  static constexpr size_t kPlaces = 2048;

  void begin_document() {
    duplicate_ = false;
    unsure_ = false;
    next_ = &first_;
    if (++document_ == 0) forget();
  }
  /// Many names of one document met one after the other: what is noted of them is at hand.
  class Meeting {
   public:
    explicit Meeting(const JsonNames& names) : met_(names.met_.get()), document_(names.document_) {}
    /// Meets the name at a place, if it is still the one with this id.
    bool meet(uint16_t place, uint32_t id) {
      Met& met = met_[place];
      duplicate_ |= met.document == document_;
      met.document = document_;
      return met.id == id;
    }

   private:
    friend class JsonNames;
    Met* const met_;
    const uint32_t document_;
    bool duplicate_ = false;
  };
  void take(const Meeting& meeting) { duplicate_ |= meeting.duplicate_; }
  uint16_t place(const JsonName& name) const { return static_cast<uint16_t>(&name - names_.get()); }
  /// Whether a name that `find` gave has a place.
  bool kept(const JsonName& name) const { return &name != &unkept_; }
  /// Another number when all names have been forgotten: their ids come again.
  uint32_t age() const { return age_; }
  /// What JsonName::wanted is told by; all names are forgotten.
  void want(const JsonWantedNames* wanted) {
    wanted_ = wanted;
    forget();
  }
  /// A key was met twice under the same parent.
  bool duplicate() const { return duplicate_; }
  /// A name was forgotten while its document was still being read (or never kept): duplicates may have been missed.
  bool unsure() const { return unsure_; }

  /// The name of `key` (kPadding readable bytes follow it) within the object named `parent`. `path` begins with that
  /// object's dotted name and a dot, `prefix_size` bytes, and has room for `key` after it (overwritten). The pointer is
  /// good until the next call.
  const JsonName* find(uint32_t parent, std::string_view key, char* path, size_t prefix_size) {
    if (key.size() > JsonName::kKeyMax) [[unlikely]] return unkept(key, path, prefix_size);
    if (JsonName& guess = names_[*next_]; is(guess, parent, key)) [[likely]] return met(guess);
    JsonName* const set = names_.get() + (hash(parent, key) & (kSets - 1)) * kWays;
    for (size_t way = 0; way < kWays; ++way) {
      if (!is(set[way], parent, key)) continue;
      *next_ = place(set[way]);
      return met(set[way]);
    }
    JsonName* const name = learn(set, parent, key, path, prefix_size);
    *next_ = place(*name);
    next_ = &name->next;
    return name;
  }

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kSets = kPlaces / kWays;

  static uint64_t load(const char* p) {
    uint64_t out;
    std::memcpy(&out, p, sizeof out);
    return out;
  }
  static uint64_t hash(uint32_t parent, std::string_view key) {
    uint64_t head = load(key.data()), tail = 0;
    if (key.size() < 8) head &= (uint64_t{1} << (key.size() * 8)) - 1;
    else tail = load(key.data() + key.size() - 8);
    head ^= (uint64_t{parent} << 32) ^ key.size();
    return (head * 0x9e3779b97f4a7c15ULL + tail * 0xc2b2ae3d27d4eb4fULL) >> 40;
  }
  /// `kept` has room for whole words and key has padding: whole words are compared, the last one masked.
  static bool equal(const char* kept, std::string_view key) {
    size_t i = 0;
    for (; i + 8 <= key.size(); i += 8) {
      if (load(kept + i) != load(key.data() + i)) return false;
    }
    if (i == key.size()) return true;
    return ((load(kept + i) ^ load(key.data() + i)) << (64 - (key.size() - i) * 8)) == 0;
  }

  static bool is(const JsonName& name, uint32_t parent, std::string_view key) {
    return name.parent == parent && name.key_size == key.size() && name.id != 0 && equal(name.key, key);
  }
  const JsonName* met(JsonName& name) {
    Met& last = met_[place(name)];
    duplicate_ |= last.document == document_;
    last.document = document_;
    next_ = &name.next;
    return &name;
  }
  JsonName* learn(JsonName* set, uint32_t parent, std::string_view key, char* path, size_t prefix_size);
  JsonName* unkept(std::string_view key, char* path, size_t prefix_size);
  void resolve(JsonName& name, std::string_view key, char* path, size_t prefix_size);
  uint32_t next_id();
  void forget();

  std::unique_ptr<JsonName[]> names_;
  std::unique_ptr<Met[]> met_;  ///< by place of a name
  const JsonWantedNames* wanted_ = nullptr;
  uint32_t age_ = 0;
  uint16_t first_ = 0;         ///< place of the name that documents begin with
  uint16_t* next_ = &first_;   ///< where the place of the name to come is remembered
  JsonName unkept_;
  uint32_t document_ = 0;
  uint32_t last_id_ = 0;
  uint32_t victim_ = 0;
  bool duplicate_ = false;
  bool unsure_ = false;
};

}  // namespace penstock
