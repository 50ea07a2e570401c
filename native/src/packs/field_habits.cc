#include "packs/field_habits.h"

#include <bit>
#include <cstring>

#include "packs/blocks/convert.h"
#include "packs/convert.h"
#include "packs/same_bytes.h"

namespace penstock::packs {
namespace {

uint8_t habit_of(EcsField field) { return kFieldHabits[static_cast<size_t>(field)]; }

constexpr uint8_t kForms = kHabitLowerCase | kHabitMacForm | kHabitIpForm;

/// Whether it has a colon among its first five bytes, as every IPv6 address has. kPadding bytes behind the text may be read.
bool is_ipv6(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101ULL, kHighs = 0x8080808080ULL;
  uint64_t bytes;
  std::memcpy(&bytes, text.data(), sizeof bytes);
  bytes ^= kOnes * ':';
  const uint64_t colons = (bytes - kOnes) & ~bytes & kHighs;
  return colons != 0 && static_cast<size_t>(std::countr_zero(colons)) / 8 < text.size();
}

/// The value in its one form; data() == nullptr: it has none.
std::string_view in_form(uint8_t habit, std::string_view text, Arena& arena) {
  // Of IPv4 no other form passes for an address.
  if (habit & kHabitIpForm) return is_ipv6(text) ? canonical_ip(text, arena) : text;
  if (habit & kHabitMacForm) return convert_text(Convert::kMac, text, arena);
  for (const char c : text)
    if (static_cast<unsigned>(c - 'A') < 26) return convert_text(Convert::kLower, text, arena);
  return text;
}

/// Its lists of related.*, of which an event has few values: where they stand, and where they would be added.
class Related {
 public:
  explicit Related(Event& event) : event_(event) {}
  /// What the event said itself.
  void has(size_t index) {
    if (count_ < kSaidMax) places_[count_++] = static_cast<uint16_t>(index);
  }
  void add(EcsField list, std::string_view text) {
    const FieldEntry* const fields = event_.fields();
    for (size_t i = 0; i < count_; ++i) {
      const FieldEntry& other = fields[places_[i]];
      if (other.field == list && same_text(other.value.text, text)) return;
    }
    // What is derived is no loss, and takes no other field's place.
    if (added_ == kRelatedAddedMax || event_.field_count() == Event::kMaxFields) return;
    ++added_;
    places_[count_++] = static_cast<uint16_t>(event_.field_count());
    event_.add_text(list, text);
  }

 private:
  static constexpr size_t kSaidMax = 256;  ///< of more the rest may be said twice
  Event& event_;
  size_t count_ = 0, added_ = 0;
  uint16_t places_[kSaidMax + kRelatedAddedMax];
};

}  // namespace

void follow_names(Event& event, size_t begin, size_t end, Arena& arena) {
  Related related(event);
  uint16_t named[Event::kMaxFields];
  size_t count = 0;
  const FieldEntry* const fields = event.fields();
  for (size_t i = 0, all = event.field_count(); i < all; ++i) {
    const uint8_t habit = habit_of(fields[i].field);
    if (habit == 0) [[likely]] continue;
    if (habit & kHabitRelated) related.has(i);
    if (i >= begin && i < end) named[count++] = static_cast<uint16_t>(i);
  }
  for (size_t n = 0; n < count; ++n) {
    const auto& [field, value] = fields[named[n]];
    const uint8_t habit = habit_of(field);
    std::string_view text = by_halves(value.text);
    if (value.kind != ValueKind::kString || text.empty()) continue;
    if (habit & kForms) {
      const std::string_view formed = in_form(habit, text, arena);
      if (formed.data() && formed.data() != text.data() && formed != text) {
        event.replace(named[n], Value::of_string(formed));
        event.keep_original = true;
        text = formed;
      }
    }
    if (habit & kHabitIp) related.add(EcsField::kRelatedIp, text);
    if (habit & kHabitUser) related.add(EcsField::kRelatedUser, text);
    if (habit & kHabitHosts) related.add(EcsField::kRelatedHosts, text);
    if (habit & kHabitHash) related.add(EcsField::kRelatedHash, text);
  }
}

}  // namespace penstock::packs
