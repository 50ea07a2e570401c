#include "packs/repeated_names.h"

#include <cstring>

#include "kernels/json_text.h"
#include "packs/string_table.h"

namespace penstock::packs {

void RepeatedNames::join(Event& event, size_t first, Arena& arena) {
  if (first >= event.attr_count() || !link(event, first)) return;
  size_t to = first;
  const size_t count = event.attr_count();
  for (size_t at = first; at < count; ++at) {
    const Place& place = places_[at - first];
    if (place.again) continue;
    if (place.next != kNone && !write(event, first, at, arena)) {
      // No room: nothing is dropped that does not stand elsewhere.
      for (size_t i = place.next, next; i != kNone; i = next) {
        next = places_[i].next;
        places_[i] = {kNone, static_cast<uint16_t>(i), false};
      }
    }
    if (to != at) event.move_attr(at, to);
    ++to;
  }
  event.cut(event.field_count(), to);
}

/// False: no name comes again.
bool RepeatedNames::link(const Event& event, size_t first) {
  const size_t count = event.attr_count() - first;
  size_t slots = 64;
  while (slots < 2 * count) slots *= 2;
  std::memset(slots_.get(), 0xff, slots * sizeof(uint16_t));
  bool any = false;
  for (size_t i = 0; i < count; ++i) {
    const auto& [name, value] = event.attrs()[first + i];
    places_[i] = {kNone, static_cast<uint16_t>(i), false};
    if (value.kind != ValueKind::kString) continue;
    size_t slot = mix64(StringTable::hash(name));
    for (size_t probe = 0; probe < kProbesMax; ++probe, ++slot) {
      uint16_t& head = slots_[slot & (slots - 1)];
      if (head == kNone) {
        head = static_cast<uint16_t>(i);
        break;
      }
      if (event.attrs()[first + head].name != name) continue;
      places_[places_[head].last].next = static_cast<uint16_t>(i);
      places_[head].last = static_cast<uint16_t>(i);
      places_[i].again = any = true;
      break;
    }
  }
  return any;
}

bool RepeatedNames::write(Event& event, size_t first, size_t head, Arena& arena) {
  size_t room = 2;
  for (size_t i = head - first; i != kNone; i = places_[i].next) room += json_string_size_max(event.attrs()[first + i].value.text.size()) + 1;
  char* const start = arena.take(room);
  if (!start) return event.note(Problem::kTooComplex, 0), false;
  auto* out = reinterpret_cast<uint8_t*>(start);
  *out++ = '[';
  for (size_t i = head - first; i != kNone; i = places_[i].next) {
    if (i != head - first) *out++ = ',';
    out = put_json_string(out, event.attrs()[first + i].value.text);
  }
  *out++ = ']';
  const size_t size = static_cast<size_t>(reinterpret_cast<char*>(out) - start);
  arena.give_back(room - size);
  event.set_attr(head, Value::of_json({start, size}));
  return true;
}

}  // namespace penstock::packs
