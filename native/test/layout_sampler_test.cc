// The layout of a source's frames, chosen from what frames cost: costs are given here, nothing is timed.
#include "frames/layout_sampler.h"

#include <random>

#include "check.h"

using namespace penstock::frames;

static std::mt19937_64 rng(20260301);

/// What a frame of 1 MB of LogEvents takes in each layout.
struct Source {
  double ns[kLayouts];
  uint64_t bytes[kLayouts];
};

constexpr uint64_t kDecoded = 1 << 20;
// A byte of LogEvents: syslog of few kinds, texts that only columns pay for, events of many kinds, and columns that cost as much as they save.
static const Source kSyslog{{1.0e6, 1.2e6, 1.6e6}, {40'000, 80'000, 160'000}};
static const Source kTexts{{2.4e6, 1.4e6, 1.6e6}, {70'000, 80'000, 160'000}};
static const Source kDiverse{{6e6, 3e6, 1.6e6}, {100'000, 100'000, 130'000}};
static const Source kSlower{{2.0e6, 1.7e6, 1.6e6}, {1'000, 2'000, 130'000}};

struct Run {
  size_t frames[kLayouts] = {};
  size_t changes = 0;
  double ns = 0;
};

/// `noise`: a frame may take so much longer, 0.5 a half; `phase`: and the machine as a whole is now fast, now slow.
static Run run(LayoutSampler& sampler, const Source& source, size_t frames, double noise, bool phase = false) {
  Run run;
  std::uniform_real_distribution<double> more(1, 1 + noise);
  for (size_t i = 0; i < frames; ++i) {
    const Layout before = sampler.chosen();
    sampler.next();
    const auto layout = static_cast<size_t>(sampler.layout());
    ++run.frames[layout];
    const double ns = source.ns[layout] * more(rng) * (phase && i / 50 % 2 == 1 ? 2 : 1);
    run.ns += source.ns[layout];
    sampler.ended(kDecoded);
    if (sampler.measures()) sampler.measured(static_cast<uint64_t>(ns), source.bytes[layout], kDecoded);
    run.changes += sampler.chosen() != before;
  }
  return run;
}

static void the_best_is_chosen() {
  const struct {
    const Source& source;
    Layout best;
  } cases[] = {{kSyslog, Layout::kTemplates}, {kTexts, Layout::kColumns}, {kDiverse, Layout::kWhole}, {kSlower, Layout::kWhole}};
  for (const auto& [source, best] : cases) {
    for (const bool phase : {false, true}) {
      LayoutSampler sampler;
      run(sampler, source, 100, 0.1, phase);
      CHECK(sampler.chosen() == best);
      const Run later = run(sampler, source, 4000, 0.1, phase);
      CHECK(later.changes == 0);
      // Trials cost little, also where they cost several times as much.
      CHECK(later.ns < 1.02 * 4000 * source.ns[static_cast<size_t>(best)]);
      CHECK(later.frames[static_cast<size_t>(best)] < 4000);
    }
  }
}

static void a_source_that_changes_is_followed() {
  LayoutSampler sampler;
  run(sampler, kSyslog, 3000, 0.1);
  CHECK(sampler.chosen() == Layout::kTemplates);
  run(sampler, kDiverse, 6000, 0.1);
  CHECK(sampler.chosen() == Layout::kWhole);
  run(sampler, kSyslog, 12'000, 0.1);
  CHECK(sampler.chosen() == Layout::kTemplates);
}

static void equals_do_not_alternate() {
  const Source even{{1.6e6, 1.6e6, 1.6e6}, {100'000, 100'000, 100'000}};
  LayoutSampler sampler;
  CHECK(run(sampler, even, 10'000, 0.05).changes <= 1);
}

static void small_frames_say_nothing() {
  LayoutSampler sampler;
  for (int i = 0; i < 1000; ++i) {
    sampler.next();
    sampler.ended(1000);
    if (sampler.measures()) sampler.measured(1000, 500, 1000);
    CHECK(sampler.layout() == Layout::kTemplates);
  }
}

/// Frames that are dropped are never packed.
static void what_is_not_measured_stays_due() {
  LayoutSampler sampler;
  for (int i = 0; i < 100; ++i) sampler.next();
  CHECK(sampler.layout() == Layout::kTemplates);
  run(sampler, kDiverse, 100, 0);
  CHECK(sampler.chosen() == Layout::kWhole);
}

static void a_fixed_layout_stays() {
  LayoutSampler sampler;
  sampler.fix(Layout::kColumns);
  const Run all = run(sampler, kDiverse, 1000, 0);
  CHECK(all.frames[static_cast<size_t>(Layout::kColumns)] == 1000);
}

static void small_frames_between_large_ones_end_no_trial() {
  LayoutSampler sampler;
  for (size_t i = 0; i < 200; ++i) {
    sampler.next();
    const auto layout = static_cast<size_t>(sampler.layout());
    const uint64_t decoded = i % 2 == 0 ? kDecoded : 1000;
    sampler.ended(decoded);
    if (sampler.measures()) sampler.measured(static_cast<uint64_t>(kTexts.ns[layout]), kTexts.bytes[layout], decoded);
  }
  CHECK(sampler.chosen() == Layout::kColumns);
}

/// What is a little better is chosen when all were tried for the first time, and nothing as little better later.
static void the_first_choice_has_no_margin() {
  constexpr Source kLittle{{1.03e6, 1.0e6, 1.6e6}, {80'000, 80'000, 160'000}}, kOther{{1.0e6, 1.03e6, 1.6e6}, {80'000, 80'000, 160'000}};
  LayoutSampler sampler;
  run(sampler, kLittle, 100, 0);
  CHECK(sampler.chosen() == Layout::kColumns);
  run(sampler, kOther, 4000, 0);
  CHECK(sampler.chosen() == Layout::kColumns);
}

static void where_all_frames_are_small_none_are_measured() {
  LayoutSampler sampler;
  size_t measured = 0;
  for (size_t i = 0; i < 4000; ++i) {
    sampler.next();
    sampler.ended(1000);
    if (!sampler.measures()) continue;
    ++measured;
    sampler.measured(1000, 100, 1000);
  }
  CHECK(measured < 8);  // the first ones: nothing was known of their sizes
  CHECK(sampler.chosen() == Layout::kTemplates);
  // When they grow, they are.
  run(sampler, kTexts, 100, 0.1);
  CHECK(sampler.chosen() == Layout::kColumns);
}

int main() {
  small_frames_between_large_ones_end_no_trial();
  where_all_frames_are_small_none_are_measured();
  the_best_is_chosen();
  the_first_choice_has_no_margin();
  a_source_that_changes_is_followed();
  equals_do_not_alternate();
  small_frames_say_nothing();
  what_is_not_measured_stays_due();
  a_fixed_layout_stays();
  return check::done();
}
