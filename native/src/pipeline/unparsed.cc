#include "pipeline/unparsed.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

namespace penstock {
namespace {

constexpr size_t kWays = 4;
constexpr size_t kTextBytes = 512;  ///< of a text that tell its shape
constexpr size_t kNames = 64;

enum Header : size_t { kKey, kEvents, kForgotten };

uint64_t mixed(uint64_t hash, uint64_t word) { return mix64(hash ^ word); }

/// Words without digits, and names before '=' and ':'; of the others only that there is one.
uint64_t shape_of_text(uint64_t hash, std::string_view text) {
  text = text.substr(0, kTextBytes);
  uint64_t word = 1;
  bool digits = false, named = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n') {
      hash = mixed(hash, digits ? 0 : word);
      word = 1;
      digits = named = false;
    } else if (!named) {
      const bool digit = c >= '0' && c <= '9';
      named = !digits && !digit && (c == '=' || c == ':');
      digits |= digit;
      word = word * 0x100000001b3ULL + static_cast<uint8_t>(c);
    }
  }
  return mixed(hash, digits ? 0 : word);
}

uint64_t shape_of_names(uint64_t hash, const Event& event) {
  for (size_t i = 0; i < std::min(event.attr_count(), kNames); ++i)
    for (const char c : event.attrs()[i].name.substr(0, kTextBytes)) hash = hash * 0x100000001b3ULL + static_cast<uint8_t>(c);
  for (size_t i = 0; i < std::min(event.field_count(), kNames); ++i) hash = mixed(hash, static_cast<uint64_t>(event.fields()[i].field) + 1);
  return mix64(hash);
}

}  // namespace

Unparsed::Unparsed(void* memory) : memory_(static_cast<uint64_t*>(memory)) {
  if (!memory_) return;
  slots_ = reinterpret_cast<Slot*>(static_cast<char*>(memory) + kUnparsedHeaderBytes);
  uint64_t key;
  if (memory_[kKey] == 0 && getrandom(&key, sizeof key, 0) == sizeof key) memory_[kKey] = key | 1;
  // A predecessor may have died while it wrote: what it left half written is whole again when it is next written.
  for (size_t i = 0; i < kUnparsedSlots; ++i)
    if (slots_[i].version.load(std::memory_order_relaxed) % 2 == 1) {
      slots_[i].size = 0;
      slots_[i].version.fetch_add(1, std::memory_order_release);
    }
}

void Unparsed::put(const Event& event, bool json, uint32_t weight) {
  uint64_t shape = memory_[kKey];
  // A forwarder's objects are all alike: it is the message that tells, of the program that they name.
  json = json && event.app.empty();
  if (json) shape = shape_of_names(shape, event);
  else shape = shape_of_text(shape_of_text(shape, event.app), event.message);
  shape |= 1;  // 0: none
  memory_[kEvents] += weight;
  Slot* const set = slots_ + (shape >> 32) % (kUnparsedSlots / kWays) * kWays;
  Slot* least = set;
  for (Slot* slot = set; slot < set + kWays; ++slot) {
    if (slot->shape == shape) {
      slot->events += weight;
      return;
    }
    if (slot->events < least->events) least = slot;
  }
  memory_[kForgotten] += least->events;
  write(*least, shape, weight, event, json);
}

void Unparsed::write(Slot& slot, uint64_t shape, uint32_t weight, const Event& event, bool json) {
  // Release: no reader sees new bytes under the old version; the fence keeps them behind it.
  slot.version.fetch_add(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  slot.shape = shape;
  slot.events = weight;
  size_t size = 0;
  const auto append = [&](std::string_view text) {
    const size_t room = std::min(text.size(), sizeof slot.sample - size);
    std::memcpy(slot.sample + size, text.data(), room);
    size += room;
  };
  if (json) {
    append(event.original);
  } else {
    if (!event.app.empty()) append(event.app), append(": ");
    append(event.message);
  }
  slot.size = static_cast<uint32_t>(size);
  slot.version.fetch_add(1, std::memory_order_release);
}

}  // namespace penstock
