// Group commit to the disk: a thread that makes committed groups durable at a bounded interval, and only then frees the
// chunks they came from (which is what acknowledges their senders).
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "journal/lane_writer.h"
#include "pipeline/pipeline_stats.h"
#include "ring/ring.h"

namespace penstock {

/// How far a ring has been consumed.
struct RingMark {
  uint64_t position = 0;
  uint64_t chunks = 0;
};

class Syncer {
 public:
  /// `lane` and `rings` outlive the syncer; rings are released by its thread alone. `stats`: the pipeline's, of which it writes those
  /// of syncs.
  Syncer(LaneWriter& lane, std::vector<RingReader>& rings, uint32_t interval_ms, void* stats);
  /// Syncs what is pending (once; a failing disk is not waited for) and ends the thread.
  ~Syncer();
  /// What was committed up to `marks` is to be made durable, then released.
  void request(const std::vector<RingMark>& marks);

 private:
  void work();
  bool sync_and_release(const std::vector<RingMark>& marks);

  LaneWriter& lane_;
  std::vector<RingReader>& rings_;
  const uint32_t interval_ms_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<RingMark> pending_;  ///< empty: nothing to do
  bool stop_ = false;
  PipelineStats stats_;
  std::thread thread_;
};

}  // namespace penstock
