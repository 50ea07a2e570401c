// The journal: its lock, its scan (one call per large read), and a lane writer for tools and tests (the engine's lane writers
// belong to its pipelines).
#include <sys/file.h>

#include "journal/recovery.h"
#include "journal/lane_writer.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/segments.h"
#include "journal/store_rows.h"
#include "journal/walk.h"
#include "kernels/crc32c.h"

namespace journal_binding {

using namespace penstock;

inline constexpr size_t kStateDamage = 32;  ///< damaged places told per scan: offset, bytes …; more are only counted
/// saltKnown, salt, lastGroup, committedEnd, need, corruptBytes, corruptPlaces, damage …, segment, version, ended, doubt
inline constexpr size_t kStateSegment = 7 + 2 * kStateDamage;
inline constexpr size_t kStateVersion = kStateSegment + 1;
inline constexpr size_t kStateEnded = kStateSegment + 2;
inline constexpr size_t kStateDoubt = kStateSegment + 3;
inline constexpr size_t kStateSlots = kStateSegment + 4;

inline SegmentKey key_of(const double* state) {
  return {static_cast<uint64_t>(state[kStateSegment]), state[0] != 0, static_cast<uint32_t>(state[1]),
          static_cast<uint16_t>(state[kStateVersion])};
}
inline constexpr size_t kBatchSlots = 12;  ///< see scan()

inline double ms(int64_t ns) { return static_cast<double>(ns / 1000) / 1000; }
inline int64_t ns(double ms) { return static_cast<int64_t>(ms * 1000) * 1000; }

/// journalScan(window: Uint8Array, size, offset, atEnd, state: Float64Array(kStateSlots), out: Float64Array) → batches found; or, when
/// `out` is too small, −batches with nothing changed. Per batch in `out`: offset, bodyOffset, nextOffset, bodyBytes, count,
/// partition, route, group, firstReceivedMs, lastReceivedMs, sampleCount, priority.
inline Napi::Value scan(const Napi::CallbackInfo& info) {
  const auto window = info[0].As<Napi::Uint8Array>();
  const size_t size = std::min<size_t>(info[1].ToNumber().Uint32Value(), window.ByteLength());
  double* state = info[4].As<Napi::Float64Array>().Data();
  auto out = info[5].As<Napi::Float64Array>();
  JournalScan s;
  s.key = key_of(state);
  s.last_group = static_cast<uint64_t>(state[2]);
  const auto offset = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
  scan_journal(window.Data(), size, offset, info[3].ToBoolean(), s);
  const auto count = static_cast<double>(s.batches.size());
  if (s.batches.size() * kBatchSlots > out.ElementLength()) return Napi::Number::New(info.Env(), -count);
  state[0] = s.key.known;
  state[1] = s.key.salt;
  state[kStateVersion] = s.key.version;
  state[kStateEnded] = s.ended;
  state[2] = static_cast<double>(s.last_group);
  state[3] = static_cast<double>(s.committed_end);
  state[4] = static_cast<double>(s.need);
  state[5] = static_cast<double>(s.corrupt_bytes);
  state[6] = static_cast<double>(s.corrupt_places);
  for (size_t i = 0; i < std::min(kStateDamage, s.damage.size()); ++i) {
    state[7 + 2 * i] = static_cast<double>(s.damage[i].offset);
    state[8 + 2 * i] = static_cast<double>(s.damage[i].bytes);
  }
  double* o = out.Data();
  for (const ScannedBatch& b : s.batches) {
    *o++ = static_cast<double>(b.offset);
    *o++ = static_cast<double>(b.body_offset);
    *o++ = static_cast<double>(b.next_offset);
    *o++ = b.body_bytes;
    *o++ = b.count;
    *o++ = b.partition;
    *o++ = b.route;
    *o++ = static_cast<double>(b.group);
    *o++ = ms(b.first_received_ns);
    *o++ = ms(b.last_received_ns);
    *o++ = b.sample_count;
    *o++ = b.priority;
  }
  return Napi::Number::New(info.Env(), count);
}

/// journalSkim(fd, state: Float64Array(kStateSlots), at, entriesMax) → [Skim, at]: passes over groups without a priority batch
inline Napi::Value skim(const Napi::CallbackInfo& info) {
  double* state = info[1].As<Napi::Float64Array>().Data();
  SkimState s{static_cast<uint64_t>(info[2].ToNumber().Int64Value()), {}};
  s.scan.key = key_of(state);
  s.scan.last_group = static_cast<uint64_t>(state[2]);
  const Skim met = skim_segment(system_disk(), info[0].ToNumber().Int32Value(), s, info[3].ToNumber().Uint32Value());
  state[2] = static_cast<double>(s.scan.last_group);
  auto out = Napi::Array::New(info.Env(), 2);
  out.Set(uint32_t{0}, Napi::Number::New(info.Env(), static_cast<double>(met)));
  out.Set(uint32_t{1}, Napi::Number::New(info.Env(), static_cast<double>(s.at)));
  return out;
}

/// journalWrittenEnd(fd, from, most, state) → offset behind the last whole group found; `doubt` in the state. See walk.h.
inline Napi::Value written_end(const Napi::CallbackInfo& info) {
  double* state = info[3].As<Napi::Float64Array>().Data();
  const auto from = static_cast<uint64_t>(info[1].ToNumber().Int64Value());
  const auto most = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
  const WrittenEnd found = find_written_end(system_disk(), info[0].ToNumber().Int32Value(), from, most, key_of(state));
  state[kStateDoubt] = found.doubt;
  return Napi::Number::New(info.Env(), static_cast<double>(found.end));
}

/// segmentTail(path) → [committed bytes, torn bytes] of a segment, or errno. See recovery.h.
inline Napi::Value segment_tail(const Napi::CallbackInfo& info) {
  SegmentState state;
  const int error = recover_segment(system_disk(), info[0].ToString().Utf8Value(), state);
  if (error != 0) return Napi::Number::New(info.Env(), error);
  auto out = Napi::Array::New(info.Env());
  out.Set(0u, Napi::Number::New(info.Env(), static_cast<double>(state.committed_end)));
  out.Set(1u, Napi::Number::New(info.Env(), static_cast<double>(state.torn_bytes)));
  return out;
}

/// retireSegments(directory, keepFrom, sparesMax, spareBytesMin) → [segments, spared], or errno. See segments.h.
inline Napi::Value retire_segments(const Napi::CallbackInfo& info) {
  const SparePolicy policy{info[2].ToNumber().Uint32Value(), static_cast<uint64_t>(info[3].ToNumber().Int64Value())};
  RetiredSegments retired;
  const int error = retire_segments_below(system_disk(), info[0].ToString().Utf8Value(),
                                          static_cast<uint64_t>(info[1].ToNumber().Int64Value()), policy, retired);
  if (error != 0) return Napi::Number::New(info.Env(), error);
  auto out = Napi::Array::New(info.Env());
  out.Set(0u, Napi::Number::New(info.Env(), static_cast<double>(retired.segments)));
  out.Set(1u, Napi::Number::New(info.Env(), static_cast<double>(retired.spared)));
  return out;
}

/// journalIndex(path) → Float64Array of offset, records, priority … of each committed batch, in order; or errno
inline Napi::Value index_batches(const Napi::CallbackInfo& info) {
  std::vector<IndexedBatch> batches;
  const int error = index_segment(system_disk(), info[0].ToString().Utf8Value(), batches);
  if (error != 0) return Napi::Number::New(info.Env(), error);
  auto out = Napi::Float64Array::New(info.Env(), batches.size() * 3);
  for (size_t i = 0; i < batches.size(); ++i) {
    out[3 * i] = static_cast<double>(batches[i].offset);
    out[3 * i + 1] = batches[i].count;
    out[3 * i + 2] = batches[i].priority;
  }
  return out;
}

/// storeRows(lines: Uint8Array, columns: string[]) → Buffer of rows, one a line
inline Napi::Value store_rows(const Napi::CallbackInfo& info) {
  const auto lines = info[0].As<Napi::Uint8Array>();
  const auto names = info[1].As<Napi::Array>();
  std::vector<std::string> columns;
  for (uint32_t i = 0; i < names.Length(); ++i) columns.push_back(names.Get(i).ToString().Utf8Value());
  std::vector<char> rows;
  rows.reserve(lines.ByteLength() + lines.ByteLength() / 4);
  StoreRows(std::move(columns)).append(view(lines.Data(), lines.ByteLength()), rows);
  return Napi::Buffer<char>::Copy(info.Env(), rows.data(), rows.size());
}

/// LaneWriter(directory, lane, segmentBytes, node, boot, sparesMax): throws when the lane cannot be opened.
class LaneWriterObject : public Napi::ObjectWrap<LaneWriterObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "LaneWriter",
        {InstanceMethod<&LaneWriterObject::CommitGroup>("commitGroup"), InstanceMethod<&LaneWriterObject::Recovery>("recovery"),
         InstanceMethod<&LaneWriterObject::Sync>("sync"), InstanceMethod<&LaneWriterObject::Close>("close")});
  }

  explicit LaneWriterObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LaneWriterObject>(info) {
    LaneOptions options;
    options.directory = info[0].ToString().Utf8Value();
    options.lane = static_cast<uint16_t>(info[1].ToNumber().Uint32Value());
    options.segment_bytes = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
    options.node = info[3].ToNumber().Uint32Value();
    options.boot = info[4].ToNumber().Uint32Value();
    options.spares_max = info[5].ToNumber().Uint32Value();
    if (const int error = writer_.open(options)) {
      Napi::Error::New(info.Env(), "cannot open the journal lane " + options.directory + ": " + std::strerror(error))
          .ThrowAsJavaScriptException();
    }
  }

 private:
  /// commitGroup(bodies: Uint8Array[], meta: Float64Array, rings: Float64Array) → 0 or errno. Per body in `meta`: route,
  /// partition, count, firstReceivedMs, lastReceivedMs, sampleCount, priority, 16 samples in ms. `rings`: ring, chunks, ring, chunks …
  Napi::Value CommitGroup(const Napi::CallbackInfo& info) {
    constexpr size_t kMeta = 7 + kBatchSamplesMax;
    const auto bodies = info[0].As<Napi::Array>();
    const double* meta = info[1].As<Napi::Float64Array>().Data();
    const auto ring_numbers = info[2].As<Napi::Float64Array>();
    std::vector<LaneBatch> batches(bodies.Length());
    for (uint32_t i = 0; i < bodies.Length(); ++i) {
      const auto body = bodies.Get(i).As<Napi::Uint8Array>();
      const double* m = meta + i * kMeta;
      LaneBatch& b = batches[i];
      b.data = body.Data();
      b.size = static_cast<uint32_t>(body.ByteLength());
      b.route = static_cast<uint16_t>(m[0]);
      b.partition = static_cast<int32_t>(m[1]);
      b.count = static_cast<uint32_t>(m[2]);
      b.first_received_ns = ns(m[3]);
      b.last_received_ns = ns(m[4]);
      b.sample_count = static_cast<uint8_t>(m[5]);
      b.priority = m[6] != 0;
      for (size_t k = 0; k < kBatchSamplesMax; ++k) b.samples[k] = ns(m[7 + k]);
    }
    std::vector<LaneRingPosition> rings;
    for (size_t i = 0; i + 1 < ring_numbers.ElementLength(); i += 2) {
      rings.push_back({static_cast<uint16_t>(ring_numbers.Data()[i]), static_cast<uint64_t>(ring_numbers.Data()[i + 1])});
    }
    const int error = writer_.commit_group(batches.data(), batches.size(), rings.data(), rings.size(), nullptr);
    return Napi::Number::New(info.Env(), error);
  }
  /// recovery() → [tornBytes, corruptBytes, corruptPlaces, lastGroup, ring, chunks, ring, chunks …]
  Napi::Value Recovery(const Napi::CallbackInfo& info) {
    auto out = Napi::Array::New(info.Env());
    auto push = [&](uint64_t v) { out.Set(out.Length(), Napi::Number::New(info.Env(), static_cast<double>(v))); };
    const LaneRecovery& r = writer_.recovery();
    for (const uint64_t v : {r.torn_bytes, r.corrupt_bytes, r.corrupt_places, r.last_group}) push(v);
    for (const LaneRingPosition& ring : writer_.recovered_rings()) {
      push(ring.ring);
      push(ring.chunks);
    }
    return out;
  }
  Napi::Value Sync(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), writer_.sync()); }
  void Close(const Napi::CallbackInfo&) { writer_.close(); }

  LaneWriter writer_;
};

/// committedRings(segment path) → [boot, ring, chunks, ring, chunks …] of its last commit; null: it has none or cannot be read
inline Napi::Value committed_rings(const Napi::CallbackInfo& info) {
  SegmentState state;
  if (recover_segment(system_disk(), info[0].ToString().Utf8Value(), state) != 0 || !state.header_valid || state.rings.empty())
    return info.Env().Null();
  auto out = Napi::Array::New(info.Env());
  auto push = [&](uint64_t v) { out.Set(out.Length(), Napi::Number::New(info.Env(), static_cast<double>(v))); };
  push(state.header.boot);
  for (const LaneRingPosition& ring : state.rings) {
    push(ring.ring);
    push(ring.chunks);
  }
  return out;
}

}  // namespace journal_binding

static void init_journal(Napi::Env env, Napi::Object exports) {
  using namespace journal_binding;
  exports.Set("LaneWriter", LaneWriterObject::define(env));
  exports.Set("journalScan", Napi::Function::New(env, scan));
  exports.Set("journalSkim", Napi::Function::New(env, skim));
  exports.Set("journalIndex", Napi::Function::New(env, index_batches));
  exports.Set("storeRows", Napi::Function::New(env, store_rows));
  exports.Set("committedRings", Napi::Function::New(env, committed_rings));
  exports.Set("journalWrittenEnd", Napi::Function::New(env, written_end));
  exports.Set("segmentTail", Napi::Function::New(env, segment_tail));
  exports.Set("retireSegments", Napi::Function::New(env, retire_segments));
  // crc32c(bytes, of what comes before = 0) → number
  exports.Set("crc32c", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const auto bytes = info[0].As<Napi::Uint8Array>();
                return Napi::Number::New(info.Env(), crc32c(info[1].ToNumber().Uint32Value(), bytes.Data(), bytes.ByteLength()));
              }));
  // lockFile(fd) → 0 or errno: an exclusive flock, held until the descriptor is closed or the process is gone
  exports.Set("lockFile", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const int fd = info[0].ToNumber().Int32Value();
                return Napi::Number::New(info.Env(), flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno);
              }));
}
