#include "frames/layout_sampler.h"

#include <algorithm>

namespace penstock::frames {
namespace {

/// Nanoseconds that a byte is worth which need not be stored, sent and read.
constexpr double kByteWorth = 2;
/// A layout may take so much longer than whole events, if its bytes are worth it.
constexpr double kSlowerMax = 1.02;
/// Another layout must be better by this share to be chosen, but for the first time: nothing is gained by going to and fro.
constexpr double kMargin = 0.04;
/// A layout that takes so much longer than the chosen one is tried seldom at once.
constexpr double kHopeless = 1.5;

constexpr size_t index(Layout layout) { return static_cast<size_t>(layout); }

}  // namespace

double LayoutSampler::Trials::time() const {
  double sorted[kKept];
  std::copy_n(times, kKept, sorted);
  std::sort(sorted, sorted + kKept);
  return sorted[kKept / 2];
}

void LayoutSampler::fix(Layout layout) {
  layout_ = chosen_ = layout;
  fixed_ = true;
  measures_ = false;
}

void LayoutSampler::next() {
  if (fixed_) return;
  if (small_ == kSmallMax) {
    // Nothing is gained by waiting for a larger frame, nor by asking for the time meanwhile.
    if (due_ != kLayouts) trials_[due_].wait = kTryEvery;
    due_ = kLayouts;
    layout_ = chosen_;
    measures_ = false;
    return;
  }
  if (due_ == kLayouts) {
    for (size_t i = kLayouts; i-- > 0;) {
      Trials& trials = trials_[i];
      if (i == index(chosen_)) continue;
      if (trials.wait != 0) --trials.wait;
      else if (due_ == kLayouts || trials.count < trials_[due_].count) due_ = i;
    }
    reference_ns_ = 0;
  }
  layout_ = due_ != kLayouts && reference_ns_ != 0 ? static_cast<Layout>(due_) : chosen_;
  measures_ = due_ != kLayouts;
}

void LayoutSampler::measured(uint64_t ns, uint64_t packed_bytes, uint64_t decoded_bytes) {
  if (due_ == kLayouts) return;
  Trials& due = trials_[due_];
  if (decoded_bytes < kDecodedMin || ns == 0) return;  // the next frame may say more
  const double size = static_cast<double>(decoded_bytes), time = static_cast<double>(ns) / size;
  trials_[index(layout_)].bytes = static_cast<double>(packed_bytes) / size;
  if (layout_ == chosen_) {
    reference_ns_ = time;
    return;
  }
  due.times[due.count++ % kKept] = time / reference_ns_;
  due_ = kLayouts;
  for (size_t i = 0; i < kLayouts; ++i)
    if (i != index(chosen_) && trials_[i].count < kKept) return;  // each is tried so often before anything is chosen
  due.every = std::min(due.every * (due.time() > kHopeless ? 4 : 2), kTryEveryMax);
  due.wait = due.every;
  choose();
}

void LayoutSampler::choose() {
  const size_t now = index(chosen_), whole = index(Layout::kWhole);
  const auto time = [&](size_t i) { return i == now ? 1 : trials_[i].time(); };
  const auto allowed = [&](size_t i) { return time(i) <= kSlowerMax * time(whole); };
  const auto score = [&](size_t i) { return time(i) * reference_ns_ + kByteWorth * trials_[i].bytes; };
  size_t best = allowed(now) ? now : whole;
  double bound = score(best) * (best == now && settled_ ? 1 - kMargin : 1);
  settled_ = true;
  for (size_t i = 0; i < kLayouts; ++i) {
    if (!allowed(i) || score(i) >= bound) continue;
    best = i;
    bound = score(i);
  }
  if (best != now) make_chosen(best);
}

/// What was known relative to the layout before is now relative to this one.
void LayoutSampler::make_chosen(size_t layout) {
  const double by = trials_[layout].time();
  Trials& before = trials_[index(chosen_)];
  std::fill_n(before.times, kKept, 1.0);
  before.count = kKept;
  for (Trials& trials : trials_) {
    for (double& time : trials.times) time /= by;
    trials.every = trials.wait = kTryEvery;
  }
  chosen_ = static_cast<Layout>(layout);
}

}  // namespace penstock::frames
