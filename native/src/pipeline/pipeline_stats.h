// Counters of one pipeline (one worker), in shared memory: one writer, relaxed; JavaScript reads them when scraped.
//
//   u64[kBase] | u64[kProblems] events by problem | { events, failed, bytes, split, joined } × kListeners | u64[kPacks] events by format pack | u64[kRules] events by rule
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "kernels/problems.h"

namespace penstock {

// STAT(name): exposed to TypeScript under this name, in this order.
#define PENSTOCK_PIPELINE_STATS(STAT) \
  STAT(runs)                          \
  STAT(sleeps)                        \
  STAT(chunks)                        \
  STAT(events)                        \
  STAT(events_failed)                 \
  STAT(frame_bytes)                   \
  STAT(record_bytes)                  \
  STAT(batch_bytes)                   \
  STAT(batches)                       \
  STAT(groups)                        \
  STAT(events_committed)              \
  STAT(commit_errors)                 \
  STAT(chunks_replayed)               \
  STAT(chunks_skipped)                \
  STAT(events_dropped)                \
  STAT(journal_torn_bytes)            \
  STAT(journal_segments_deleted)      \
  STAT(journal_segments_recycled)     \
  STAT(journal_spilled_bytes)         \
  STAT(syncs)                         \
  STAT(sync_errors)                   \
  STAT(sync_errno)                    \
  STAT(events_unrecognised)           \
  STAT(priority_events)               \
  STAT(geoip_lookups)                 \
  STAT(geoip_found)                   \
  STAT(geoip_cached)                  \
  STAT(geoip_damaged)                 \
  STAT(indicator_matches)             \
  STAT(asset_matches)                 \
  STAT(events_dropped_by_rule)        \
  STAT(events_sampled_out)            \
  STAT(events_redacted)               \
  STAT(open_batch_bytes)              \
  STAT(slept_us)                      \
  STAT(unread_permille)               \
  STAT(documents_split)               \
  STAT(records_joined)                \
  STAT(events_rejected)

enum class PipelineStat : size_t {
#define STAT(name) name,
  PENSTOCK_PIPELINE_STATS(STAT)
#undef STAT
      kBase
};

inline constexpr size_t kStatBase = static_cast<size_t>(PipelineStat::kBase);
inline constexpr size_t kStatProblems = 64;
inline constexpr size_t kStatListeners = 64;
inline constexpr size_t kStatPerListener = 5;
/// Format packs with a counter of their own; the last is that of all others.
inline constexpr size_t kStatPacks = 512;
inline constexpr size_t kStatPacksAt = kStatBase + kStatProblems + kStatListeners * kStatPerListener;
/// Rules with a counter of their own; the last is that of all others.
inline constexpr size_t kStatRules = 64;
inline constexpr size_t kStatRulesAt = kStatPacksAt + kStatPacks;
inline constexpr size_t kStatCount = kStatRulesAt + kStatRules;
static_assert(static_cast<size_t>(Problem::kCount) <= kStatProblems);

class PipelineStats {
 public:
  explicit PipelineStats(void* memory) : counters_(static_cast<std::atomic<uint64_t>*>(memory)) {}
  /// A state rather than a count.
  void set(PipelineStat stat, uint64_t n) { counters_[static_cast<size_t>(stat)].store(n, std::memory_order_relaxed); }
  uint64_t get(PipelineStat stat) const { return counters_[static_cast<size_t>(stat)].load(std::memory_order_relaxed); }
  /// Counted at once.
  void add(PipelineStat stat, uint64_t n) { bump(static_cast<size_t>(stat), n); }

  // Counted with the group: what a worker that dies had not committed is counted once, by its successor.
  void group(PipelineStat stat, uint64_t n) { group_[static_cast<size_t>(stat)] += n; }
  void problem(Problem problem) { ++group_[kStatBase + static_cast<size_t>(problem)]; }
  void pack(size_t counter) { ++group_[kStatPacksAt + std::min(counter, kStatPacks - 1)]; }
  void rule(size_t rule) { ++group_[kStatRulesAt + std::min(rule, kStatRules - 1)]; }
  /// `split`: how many of the events there would not be, were documents of many one each; `joined`: how many more there would be, were
  /// records not joined.
  void listener(size_t listener, uint64_t events, uint64_t failed, uint64_t bytes, uint64_t split, uint64_t joined) {
    const size_t at = kStatBase + kStatProblems + listener * kStatPerListener;
    group_[at] += events;
    group_[at + 1] += failed;
    group_[at + 2] += bytes;
    group_[at + 3] += split;
    group_[at + 4] += joined;
  }
  /// The group is committed.
  void publish_group() {
    for (size_t at = 0; at < kStatCount; ++at) {
      if (group_[at] == 0) continue;
      bump(at, group_[at]);
      group_[at] = 0;
    }
  }

 private:
  uint64_t group_[kStatCount] = {};
  // One writer: load and store, no locked instruction.
  void bump(size_t at, uint64_t n) {
    counters_[at].store(counters_[at].load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::atomic<uint64_t>* counters_;
};

}  // namespace penstock
