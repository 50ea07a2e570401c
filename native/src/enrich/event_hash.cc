#include "enrich/event_hash.h"

#include "enrich/sha.h"

namespace penstock::enrich {

void hash_event(Event& event, Arena& arena) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const Sha256 hash = sha256(event.original);
  char* const text = arena.take(2 * hash.size());
  if (!text) return event.note(Problem::kTooComplex, 0);
  for (size_t i = 0; i < hash.size(); ++i) {
    text[2 * i] = kDigits[hash[i] >> 4];
    text[2 * i + 1] = kDigits[hash[i] & 15];
  }
  const Value value = Value::of_string({text, 2 * hash.size()});
  for (size_t i = 0; i < event.field_count(); ++i)
    if (event.fields()[i].field == EcsField::kEventHash) return event.replace(i, value);
  event.add(EcsField::kEventHash, value);
}

}  // namespace penstock::enrich
