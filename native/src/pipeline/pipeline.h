// One worker's way of an event: rings → frames → parsed event → record in an open batch. Compression is the caller's
// (another addon), sealing and committing to the journal lane are here again.
//
//   run() … run() → due: for each batch: compress, seal(i) → commit() → run() …
//
// A group is what is open between two commits. It ends at a chunk boundary, so that a commit covers whole chunks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "enrich/enricher.h"
#include "frames/frame_builder.h"
#include "journal/lane_writer.h"
#include "kernels/encode.h"
#include "kernels/encode_compact.h"
#include "kernels/json.h"
#include "kernels/keep_original.h"
#include "kernels/syslog.h"
#include "packs/document.h"
#include "packs/unwinding.h"
#include "packs/packs.h"
#include "pipeline/batch_builder.h"
#include "pipeline/pipeline_stats.h"
#include "pipeline/priority.h"
#include "pipeline/record_headers.h"
#include "pipeline/syncer.h"
#include "pipeline/unparsed.h"
#include "ring/ring.h"
#include "validation/validator.h"

namespace penstock {

enum class Partitioning : uint8_t { kSticky, kSource, kField };
/// Where to stop, for measuring what each stage costs. kAll is the product.
enum class Stage : uint8_t { kAll, kReceive, kFrame, kParse, kEncode };

/// What the pipeline knows of a listener.
struct ListenerPlan {
  ChunkFormat format = ChunkFormat::kSyslog;
  std::string source;  ///< value of the record header "source"
  uint16_t route = 0;
  int32_t utc_offset_s = 0;
  uint32_t pack = packs::kAnyPack;  ///< the only format pack tried, or kNoPack
  PriorityTable priority;
  std::shared_ptr<const validation::Schema> schema;  ///< what its events have to fit; nullptr: nothing
};

/// Set in the route of batches whose events do not fit their listener's schema: deliveries take them to the dead letters
/// (engine/journal/rejected.ts), the reason in each record's header.
inline constexpr uint16_t kRejectedRoute = 0x8000;

struct PipelineOptions {
  std::vector<ListenerPlan> listeners;
  Encoding encoding = Encoding::kProtobuf;
  Partitioning partitioning = Partitioning::kSticky;
  EcsField partition_field = EcsField::kUnknown;
  uint32_t partitions = 0;
  KeepOriginal keep_original = KeepOriginal::kAuto;
  uint32_t frame_events = 2048;        ///< a group is due when a frame has this many events
  uint32_t frame_bytes_max = 1 << 20;  ///< most that one frame's events take as LogEvents
  uint32_t message_bytes_max = 64 << 10;
  uint32_t json_depth_max = 64;
  bool join_audit = false;               ///< records of a Linux audit event become one
  uint32_t document_events_max = 10'000;  ///< a JSON document of more events is one
  uint32_t node = 0;
  uint32_t boot = 0;
  std::string schema;  ///< value of the record header "schema"
  int32_t schema_id = -1;  ///< of a registry: values begin with it; −1: they do not
  Stage last_stage = Stage::kAll;
  bool event_hash = false;         ///< event.hash: SHA-256 of the bytes as received
  uint32_t fsync_interval_ms = 0;  ///< > 0: acknowledge only what is on the disk, synced this often
};

enum class Turn : int32_t {
  kIdle = 0,        ///< nothing came within the wait
  kDue = 1,         ///< seal and commit the open batches
  kNeedsBuffer = 2, ///< give another buffer and run again
};

/// When a group is due. It may change from run to run.
struct GroupLimits {
  uint32_t batch_bytes = 512 << 10;  ///< a batch of it reaches this
  uint32_t linger_us = 5000;         ///< … or it is this old
};

class Pipeline {
 public:
  struct Ring {
    void* memory;
    uint16_t id;
  };
  /// `lane`: nullptr when nothing is stored (null sink). `stats`: kStatCount u64. `unparsed`: kUnparsedBytes, or nullptr.
  Pipeline(PipelineOptions options, const std::vector<Ring>& rings, Doorbell* doorbell, void* stats,
           std::unique_ptr<LaneWriter> lane, void* unparsed = nullptr);
  ~Pipeline();

  /// A batch buffer of `size` bytes; the caller keeps it alive as long as the pipeline.
  void add_buffer(uint8_t* data, size_t size);
  /// Works until a group is due, a buffer is needed, or nothing came for `max_wait_us`.
  Turn run(uint32_t max_wait_us, const GroupLimits& limits);

  size_t batch_count() const { return open_.size(); }
  const BatchBuilder& batch(size_t i) const { return open_[i].builder; }
  size_t batch_buffer(size_t i) const { return open_[i].buffer; }
  /// What its figures are counted under: a frame's listener, else the route.
  uint32_t batch_route(size_t i) const { return open_[i].frame ? open_[i].listener : open_[i].builder.key().route; }
  /// Encoding kFrames: ends batch i's frame, which is plain, at kValuePlace in its buffer. Returns its size.
  size_t end_frame(size_t i);
  /// Uncompressed: header written in place. Compressed: `out` holds kBatchHeaderBytes to fill, then `size` bytes of records.
  /// Encoding kFrames: a frame of `size` bytes is at kValuePlace in `out`, or (nullptr) in the batch's buffer as it was ended.
  void seal(size_t i, BatchCodec codec, uint8_t* out, size_t size);
  /// Stores the sealed batches as one group and frees the chunks they came from. 0 or errno (call again later).
  int commit();
  /// Instead of commit(): counts the open batches as dropped, and frees their chunks.
  void discard();
  /// Gives a listener its plan, also one unknown so far; between runs, and only while no chunk of the listener is in a ring. As with packs, of which it
  /// may name one, a document is ended first.
  void set_listener(size_t listener, ListenerPlan plan);
  /// The format packs from now on; between runs. A document that a run left half done is ended by those it was begun with.
  void set_packs(std::shared_ptr<const packs::Plan> plan);
  /// What events are enriched from, from now on; between runs.
  void set_enrichment(std::shared_ptr<const enrich::Enrichment> enrichment) { enricher_.set(std::move(enrichment)); }
  /// Where the last batch that this pipeline committed went; segment 0: none yet.
  LanePlace committed_place() const { return committed_place_; }
  /// Sleeps, or returns early when the doorbell rings.
  void wait(uint32_t us);

 private:
  struct Open {
    BatchBuilder builder;
    size_t buffer;
    const uint8_t* sealed;
    uint32_t sealed_size;
    uint32_t listener;                             ///< of a frame: all its events have one source
    std::unique_ptr<frames::FrameBuilder> frame;   ///< encoding kFrames
    size_t plain_size;                             ///< of the ended frame
    uint64_t ended_ns;                             ///< the thread's time then, where it is measured
  };
  struct Buffer {
    uint8_t* data;
    size_t size;
  };
  /// A chunk being worked on; `at` is where the next frame begins.
  struct Work {
    const ChunkHeader* header = nullptr;
    uint16_t ring = 0;
    size_t at = 0;
    uint32_t index = 0;
    uint32_t failed = 0;
    uint64_t bytes = 0;
    uint32_t split = 0;    ///< events beyond one a frame
    uint32_t joined = 0;   ///< frames beyond one an event
    uint32_t element = 0;  ///< of the document being worked on, the next that is not yet a record
    uint32_t unwound = 0;  ///< of what is being unwound, the next that is not yet a record
  };
  /// The text of the last datagram sender: senders come in bursts.
  struct PeerText {
    uint8_t family = 0;
    uint8_t address[16];
    char text[48];
    uint8_t size = 0;
  };

  enum class Many : uint8_t { kNo, kSplit, kUnwound };

  Turn work(uint32_t max_wait_us);
  void tell_open_bytes();
  void tell_backlog();
  bool take_chunk();
  bool due(int64_t now_ns) const;
  int store_group();
  void release_rings();
  bool mark_rings();
  // pipeline_frames.cc: one chunk into records
  bool process_chunk();
  bool process_stream();
  /// The records of an audit event that begins at `at`, joined; `used` bytes of the chunk. Empty: it is no event of several.
  std::string_view join_audit(const uint8_t* payload, size_t at, const Frame& first, size_t& used, uint32_t& records);
  bool process_datagrams();
  bool process_frame(std::string_view frame, std::string_view peer, bool truncated);
  void begin_event(std::string_view bytes, std::string_view peer);
  bool end_event(bool understood, size_t bytes);
  bool in_document() const { return work_.element != 0 || work_.unwound != 0; }
  void end_document();
  bool process_document(std::string_view peer, size_t bytes);
  /// `in_document`: what is unwound is an element of document_. `arena_mark`: what stands in front of it stays.
  bool process_unwound(std::string_view peer, size_t bytes, bool in_document, size_t arena_mark);
  /// What a listener's schema speaks of: the JSON text, in syslog the message.
  void validate(const ListenerPlan& listener, bool json);
  void read_format(std::string_view frame, bool json);
  bool is_json(const ListenerPlan& listener) const;
  /// Whether its format is understood.
  bool parse(std::string_view frame, bool truncated);
  Many how_many(uint32_t pack, bool json);
  /// The pack that understands the event, or kNone.
  uint32_t apply_packs(const ListenerPlan& listener, bool json, uint32_t pinned);
  void count_pack(uint32_t pack, bool json);
  void count_enriched();
  void count_rules();
  std::string_view peer_text(const DatagramHeader& header);
  // pipeline_records.cc: one event into a batch
  bool write_record();
  size_t value_size_max() const;
  Encoding encoding() const { return rejected_ && options_.encoding == Encoding::kFrames ? Encoding::kProtobuf : options_.encoding; }
  std::string_view record_headers();
  uint8_t* encode_value(uint8_t* out);
  bool write_to_frame();
  Open* open_frame(uint32_t listener, BatchKey key, bool fresh);
  size_t frame_room(const Open& open) const;
  void keep_frame(Open& open);
  uint8_t* write_exactly(BatchBuilder& batch, int64_t received_ms, std::string_view key, std::string_view headers,
                         size_t size_max, const uint8_t*& end);
  /// The open batch of a key; `fresh`: another one, the current is full. nullptr: no buffer left.
  BatchBuilder* open_batch(const BatchKey& key, bool fresh) {
    // Nearly every event goes where the one before it went. In place: a key handed over is written in pieces and read as a whole.
    if (!fresh && last_open_ < open_.size() && open_[last_open_].builder.key() == key) [[likely]] return &open_[last_open_].builder;
    return other_batch(key, fresh);
  }
  BatchBuilder* other_batch(const BatchKey& key, bool fresh);
  std::string_view partition_key() const;

  PipelineOptions options_;
  GroupLimits limits_;
  std::string value_prefix_;
  std::vector<std::string> headers_;  ///< encoded record headers by listener
  std::vector<RingReader> rings_;
  std::vector<uint16_t> ring_ids_;
  std::vector<LaneRingPosition> ring_positions_;
  Doorbell* doorbell_;
  PipelineStats stats_;
  std::unique_ptr<LaneWriter> lane_;
  std::vector<LaneBatch> lane_batches_;
  std::vector<LanePlace> lane_places_;
  LanePlace committed_place_{};

  Arena arena_;
  SyslogMemory syslog_memory_;
  JsonParser json_;
  packs::Packs packs_;
  /// Until the document that is half done is ended.
  std::optional<std::shared_ptr<const packs::Plan>> next_packs_;
  std::vector<std::pair<size_t, ListenerPlan>> next_listeners_;
  packs::Document document_;
  packs::Unwinding unwinding_;
  Unparsed unparsed_;
  std::string joined_;  ///< records of an audit event
  Many many_ = Many::kNo;  ///< the frame is a document of many events
  bool again_ = false;     ///< there was no buffer for the event: it comes again
  enrich::Enricher enricher_;
  Event event_;
  std::vector<Buffer> buffers_;
  std::vector<size_t> free_buffers_;
  std::vector<Open> open_;
  size_t last_open_ = 0;
  Work work_;
  PeerText peer_;
  uint16_t route_ = 0;     ///< of the event being written
  bool priority_ = false;  ///< the event being written goes first
  bool rejected_ = false;  ///< the event being written does not fit its listener's schema
  std::unique_ptr<validation::Validator> validator_;
  std::string rejected_headers_;
  std::vector<uint8_t> scratch_;  ///< a value, of unknown size, that may not fit an empty batch
  CompactEncoder compact_;
  /// By listener: builders know what its events are like.
  std::vector<std::vector<std::unique_ptr<frames::FrameBuilder>>> spare_frames_;
  uint32_t schema_number_ = 0;
  uint64_t frame_seed_ = 0;
  size_t next_ring_ = 0;
  int64_t group_started_ns_ = 0;
  bool full_ = false;  ///< a batch of the group reached batch_bytes
  std::vector<RingMark> marks_;  ///< how far each ring was consumed at the last commit
  std::unique_ptr<Syncer> syncer_;  ///< last: it ends before what it uses
};

}  // namespace penstock
