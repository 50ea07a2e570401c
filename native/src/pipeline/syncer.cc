#include "pipeline/syncer.h"

#include <chrono>

namespace penstock {

Syncer::Syncer(LaneWriter& lane, std::vector<RingReader>& rings, uint32_t interval_ms, void* stats)
    : lane_(lane), rings_(rings), interval_ms_(interval_ms), stats_(stats), thread_([this] { work(); }) {}

Syncer::~Syncer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Syncer::request(const std::vector<RingMark>& marks) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    pending_ = marks;
  }
  wake_.notify_one();
}

void Syncer::work() {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now() - std::chrono::milliseconds(interval_ms_);
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !pending_.empty(); });
    // Others may join the group until the interval since the last sync is over.
    if (!stop_) wake_.wait_until(lock, last + std::chrono::milliseconds(interval_ms_), [this] { return stop_; });
    if (pending_.empty()) return;  // stopped, and nothing left
    std::vector<RingMark> marks;
    marks.swap(pending_);
    const bool stopping = stop_;
    lock.unlock();
    last = Clock::now();
    const bool done = sync_and_release(marks);
    lock.lock();
    if (done) continue;
    if (stopping) return;
    if (pending_.empty()) pending_ = marks;  // the disk refuses: try again, nobody is acknowledged meanwhile
  }
}

bool Syncer::sync_and_release(const std::vector<RingMark>& marks) {
  const int error = lane_.sync();
  stats_.set(PipelineStat::sync_errno, static_cast<uint64_t>(error));
  stats_.add(error == 0 ? PipelineStat::syncs : PipelineStat::sync_errors, 1);
  if (error != 0) return false;
  for (size_t i = 0; i < rings_.size(); ++i) rings_[i].release_to(marks[i].position, marks[i].chunks);
  return true;
}

}  // namespace penstock
