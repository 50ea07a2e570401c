// Samples of what no format pack understands, by the shape of their text, in shared memory: one writer, read when somebody asks.
//
//   header (64 bytes): u64 key | u64 events | u64 forgotten | – ‖ slots of 512 bytes: u32 version | u32 sample bytes | u64 shape |
//   u64 events | u64 – | sample
//
// Slots are sets of four. A shape that finds its set full takes the place of the one met least; what that stood for is forgotten, and
// counted. The hash is keyed, so that a sender cannot choose whose place he takes. In a flood one text in 64 is looked at, and
// counts for all: counts are then about right.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/event.h"

namespace penstock {

inline constexpr size_t kUnparsedHeaderBytes = 64;
inline constexpr size_t kUnparsedSlotBytes = 512;
inline constexpr size_t kUnparsedSampleBytes = kUnparsedSlotBytes - 32;
inline constexpr size_t kUnparsedSlots = 512;
inline constexpr size_t kUnparsedBytes = kUnparsedHeaderBytes + kUnparsedSlots * kUnparsedSlotBytes;

class Unparsed {
 public:
  /// `memory`: kUnparsedBytes, zeros at first and aligned to 8; nullptr: nothing is written down. A successor goes on with what it finds.
  explicit Unparsed(void* memory);
  /// `json`: the event is an object, whose names tell what it is.
  void add(const Event& event, bool json) {
    if (!memory_) return;
    const int64_t second = event.created_ns >> 30;
    if (second != second_) second_ = second, looked_ = 0;
    if (looked_ < kEachPerSecond) ++looked_, put(event, json, 1);
    else if (++passed_ % kOneIn == 0) put(event, json, kOneIn);
  }

 private:
  static constexpr uint32_t kEachPerSecond = 256, kOneIn = 64;
  struct Slot {
    /// Odd while the rest is being written: a reader that sees it odd, or another before and after, looks again.
    std::atomic<uint32_t> version;
    uint32_t size;
    uint64_t shape, events, unused;
    char sample[kUnparsedSampleBytes];
  };
  static_assert(sizeof(Slot) == kUnparsedSlotBytes);
  void put(const Event& event, bool json, uint32_t weight);
  void write(Slot& slot, uint64_t shape, uint32_t weight, const Event& event, bool json);

  uint64_t* memory_;
  Slot* slots_ = nullptr;
  int64_t second_ = 0;
  uint32_t looked_ = 0, passed_ = 0;
};

}  // namespace penstock
