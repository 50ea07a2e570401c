// Class Pipeline and the tables that name its counters. Owned and used by one worker thread.
#include "pipeline/pipeline.h"

namespace pipeline_binding {

using namespace penstock;

inline uint32_t number(const Napi::Object& o, const char* name) { return o.Get(name).ToNumber().Uint32Value(); }
inline std::string text(const Napi::Object& o, const char* name) { return o.Get(name).ToString().Utf8Value(); }

/// Of a worker's loop: a thread that is being ended can still ask what a number is, but can make none of a value, and that would end the process.
inline uint32_t whole(const Napi::Value& v) { return v.As<Napi::Number>().Uint32Value(); }
inline uint8_t* bytes(const Napi::Value& v) { return v.As<Napi::Uint8Array>().Data(); }

inline ListenerPlan listener_plan_of(const Napi::Object& l) {
  ListenerPlan plan;
  plan.format = static_cast<ChunkFormat>(number(l, "format"));
  plan.source = text(l, "source");
  plan.route = static_cast<uint16_t>(number(l, "route"));
  plan.utc_offset_s = l.Get("utcOffsetSeconds").ToNumber().Int32Value();
  plan.pack = number(l, "pack");
  const auto priority = l.Get("priority").As<Napi::Array>();
  for (uint32_t facility = 0; facility < priority.Length() && facility < PriorityTable::kFacilities; ++facility)
    plan.priority.set(facility, static_cast<uint16_t>(priority.Get(facility).ToNumber().Uint32Value()));
  plan.schema = validation_binding::schema_of(l.Get("schema"));
  return plan;
}

inline PipelineOptions options_of(const Napi::Object& o) {
  PipelineOptions options;
  const auto listeners = o.Get("listeners").As<Napi::Array>();
  for (uint32_t i = 0; i < listeners.Length(); ++i)
    options.listeners.push_back(listener_plan_of(listeners.Get(i).As<Napi::Object>()));
  options.encoding = static_cast<Encoding>(number(o, "encoding"));
  options.partitioning = static_cast<Partitioning>(number(o, "partitioning"));
  options.partition_field = ecs_field_by_name(text(o, "partitionField"));
  options.partitions = number(o, "partitions");
  options.keep_original = static_cast<KeepOriginal>(number(o, "keepOriginal"));
  options.frame_events = number(o, "frameEvents");
  options.frame_bytes_max = number(o, "frameBytesMax");
  options.message_bytes_max = number(o, "messageBytesMax");
  options.json_depth_max = number(o, "jsonDepthMax");
  options.join_audit = o.Get("joinAudit").ToBoolean();
  options.document_events_max = number(o, "documentEventsMax");
  options.node = number(o, "node");
  options.boot = number(o, "boot");
  options.schema = text(o, "schema");
  options.schema_id = o.Get("schemaId").ToNumber().Int32Value();
  options.event_hash = o.Get("eventHash").ToBoolean();
  options.fsync_interval_ms = number(o, "fsyncIntervalMs");
  options.last_stage = static_cast<Stage>(number(o, "lastStage"));
  return options;
}

/// Pipeline(options, rings: Uint8Array[], ringIds: number[], doorbell: Uint8Array, stats: Uint8Array, info: Uint32Array,
///          lane: {directory, lane, segmentBytes} | null, alive: Int32Array of one word, 1 from construction to close())
class PipelineObject : public Napi::ObjectWrap<PipelineObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Pipeline",
                       {InstanceMethod<&PipelineObject::AddBuffer>("addBuffer"), InstanceMethod<&PipelineObject::Run>("run"),
                        InstanceMethod<&PipelineObject::Describe>("describe"), InstanceMethod<&PipelineObject::EndFrame>("endFrame"), InstanceMethod<&PipelineObject::Seal>("seal"),
                        InstanceMethod<&PipelineObject::SetListener>("setListener"),
                        InstanceMethod<&PipelineObject::SetPacks>("setPacks"),
                        InstanceMethod<&PipelineObject::SetEnrichment>("setEnrichment"),
                        InstanceMethod<&PipelineObject::CommittedPlace>("committedPlace"),
                        InstanceMethod<&PipelineObject::Commit>("commit"), InstanceMethod<&PipelineObject::Discard>("discard"),
                        InstanceMethod<&PipelineObject::Wait>("wait"), InstanceMethod<&PipelineObject::Close>("close")});
  }

  explicit PipelineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PipelineObject>(info) {
    const auto plain = info[0].As<Napi::Object>();
    PipelineOptions options = options_of(plain);
    const auto views = info[1].As<Napi::Array>();
    const auto ids = info[2].As<Napi::Array>();
    std::vector<Pipeline::Ring> rings;
    for (uint32_t i = 0; i < views.Length(); ++i)
      rings.push_back({bytes(views.Get(i)), static_cast<uint16_t>(ids.Get(i).ToNumber().Uint32Value())});
    info_ = info[5].As<Napi::Uint32Array>().Data();
    info_length_ = info[5].As<Napi::Uint32Array>().ElementLength();
    std::unique_ptr<LaneWriter> lane;
    if (info[6].IsObject()) {
      const auto l = info[6].As<Napi::Object>();
      LaneOptions lane_options;
      lane_options.directory = text(l, "directory");
      lane_options.lane = static_cast<uint16_t>(number(l, "lane"));
      lane_options.segment_bytes = static_cast<uint64_t>(l.Get("segmentBytes").ToNumber().Int64Value());
      lane_options.node = options.node;
      lane_options.boot = options.boot;
      lane_options.spares_max = static_cast<size_t>(l.Get("sparesMax").ToNumber().Int64Value());
      lane_options.reserve_bytes = static_cast<uint64_t>(l.Get("reserveBytes").ToNumber().Int64Value());
      lane_options.memory_bytes = static_cast<uint64_t>(l.Get("memoryBytes").ToNumber().Int64Value());
      lane_options.memory_high_percent = number(l, "memoryHighPercent");
      lane_options.memory_low_percent = number(l, "memoryLowPercent");
      lane_options.sync_on_rotate = options.fsync_interval_ms != 0;
      lane = std::make_unique<LaneWriter>();
      if (const int error = lane->open(lane_options)) {
        Napi::Error::New(info.Env(), "cannot open the journal lane " + lane_options.directory + ": " + std::strerror(error))
            .ThrowAsJavaScriptException();
        return;
      }
    }
    alive_ = reinterpret_cast<std::atomic<int32_t>*>(info[7].As<Napi::Int32Array>().Data());
    // The memory behind these views lives in shared buffers; the references keep them from being collected.
    kept_ = Napi::Persistent(Napi::Object::New(info.Env()));
    kept_.Set("rings", views);
    kept_.Set("doorbell", info[3]);
    kept_.Set("stats", info[4]);
    kept_.Set("info", info[5]);
    kept_.Set("alive", info[7]);
    kept_.Set("buffers", Napi::Array::New(info.Env()));
    pipeline_ = std::make_unique<Pipeline>(std::move(options), rings, reinterpret_cast<Doorbell*>(bytes(info[3])),
                                           bytes(info[4]), std::move(lane), unparsed_of(info[4]));
    alive_->store(1, std::memory_order_release);
  }
  /// Behind the counters, where the block goes on.
  static void* unparsed_of(Napi::Value stats) {
    const size_t size = stats.As<Napi::Uint8Array>().ByteLength();
    return size < kStatCount * 8 + kUnparsedBytes ? nullptr : static_cast<char*>(static_cast<void*>(bytes(stats))) + kStatCount * 8;
  }
  ~PipelineObject() override { end(); }

 private:
  /// addBuffer(Uint8Array)
  void AddBuffer(const Napi::CallbackInfo& info) {
    auto buffer = info[0].As<Napi::Uint8Array>();
    const Napi::Value kept = kept_.Get("buffers");
    if (!kept.IsArray()) return;  // the thread is being ended
    auto buffers = kept.As<Napi::Array>();
    buffers.Set(buffers.Length(), buffer);
    pipeline_->add_buffer(buffer.Data(), buffer.ByteLength());
  }
  /// run(maxWaitUs, batchBytes, lingerUs) → Turn
  Napi::Value Run(const Napi::CallbackInfo& info) {
    const GroupLimits limits{whole(info[1]), whole(info[2])};
    const Turn turn = pipeline_->run(whole(info[0]), limits);
    return Napi::Number::New(info.Env(), static_cast<int32_t>(turn));
  }
  /// describe() → number of open batches; info[4i] = buffer, info[4i+1] = bytes of records, info[4i+2] = records, info[4i+3] = route
  Napi::Value Describe(const Napi::CallbackInfo& info) {
    const size_t count = std::min(pipeline_->batch_count(), info_length_ / 4);
    for (size_t i = 0; i < count; ++i) {
      info_[4 * i] = static_cast<uint32_t>(pipeline_->batch_buffer(i));
      info_[4 * i + 1] = static_cast<uint32_t>(pipeline_->batch(i).size() - kBatchHeaderBytes);
      info_[4 * i + 2] = pipeline_->batch(i).count();
      info_[4 * i + 3] = pipeline_->batch_route(i);
    }
    return Napi::Number::New(info.Env(), static_cast<double>(pipeline_->batch_count()));
  }
  /// endFrame(i) → bytes of the plain frame at `valuePlace` in batch i's buffer
  Napi::Value EndFrame(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(pipeline_->end_frame(whole(info[0]))));
  }
  /// seal(i, codec, out: Uint8Array | undefined, recordsSize)
  void Seal(const Napi::CallbackInfo& info) {
    const auto codec = static_cast<BatchCodec>(whole(info[1]));
    uint8_t* out = info[2].IsTypedArray() ? bytes(info[2]) : nullptr;
    pipeline_->seal(whole(info[0]), codec, out, whole(info[3]));
  }
  /// discard()
  void Discard(const Napi::CallbackInfo&) { pipeline_->discard(); }
  /// commit() → 0 or errno
  Napi::Value Commit(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), pipeline_->commit()); }
  /// setListener(index, plan)
  void SetListener(const Napi::CallbackInfo& info) {
    pipeline_->set_listener(info[0].ToNumber().Uint32Value(), listener_plan_of(info[1].As<Napi::Object>()));
  }
  /// setPacks(plan: Uint8Array; empty: none) → '' or what is wrong with it: then the plan so far stays
  Napi::Value SetPacks(const Napi::CallbackInfo& info) {
    auto plan = std::make_shared<packs::Plan>();
    std::string error;
    const auto array = info[0].As<Napi::Uint8Array>();
    if (array.ByteLength() == 0) pipeline_->set_packs(nullptr);
    else if (plan->load(array.Data(), array.ByteLength(), error)) pipeline_->set_packs(std::move(plan));
    return Napi::String::New(info.Env(), error);
  }
  /// setEnrichment(plan | null) → '' or what is wrong with it: then what was set before stays
  Napi::Value SetEnrichment(const Napi::CallbackInfo& info) {
    std::string error;
    if (auto enrichment = enrich_binding::enrichment_of(info[0], error)) {
      pipeline_->set_enrichment(std::move(enrichment));
      kept_.Set("enrichment", info[0]);  // the bytes of its files; those before may go now
    }
    return Napi::String::New(info.Env(), error);
  }
  /// committedPlace() → [segment, offset] of the last batch committed; segment 0: none yet
  Napi::Value CommittedPlace(const Napi::CallbackInfo& info) {
    const LanePlace place = pipeline_->committed_place();
    auto out = Napi::Array::New(info.Env(), 2);
    out.Set(uint32_t{0}, Napi::Number::New(info.Env(), static_cast<double>(place.segment)));
    out.Set(uint32_t{1}, Napi::Number::New(info.Env(), static_cast<double>(place.offset)));
    return out;
  }
  /// wait(us)
  void Wait(const Napi::CallbackInfo& info) { pipeline_->wait(whole(info[0])); }

  /// close(): gives up the lane and the rings; nothing else may be called after it
  void Close(const Napi::CallbackInfo&) { end(); }
  void end() {
    if (!pipeline_) return;
    pipeline_.reset();
    alive_->store(0, std::memory_order_release);  // a successor may open the lane now
  }

  std::unique_ptr<Pipeline> pipeline_;
  std::atomic<int32_t>* alive_ = nullptr;
  Napi::ObjectReference kept_;
  uint32_t* info_ = nullptr;
  size_t info_length_ = 0;
};

inline Napi::Array names(Napi::Env env, std::initializer_list<std::string_view> list) {
  auto out = Napi::Array::New(env);
  for (std::string_view name : list) out.Set(out.Length(), Napi::String::New(env, std::string(name)));
  return out;
}

}  // namespace pipeline_binding

static void init_pipeline(Napi::Env env, Napi::Object exports) {
  using namespace pipeline_binding;
  exports.Set("Pipeline", PipelineObject::define(env));
  auto layout = Napi::Object::New(env);
#define STAT(name) #name,
  layout.Set("stats", names(env, {PENSTOCK_PIPELINE_STATS(STAT)}));
#undef STAT
#define PROBLEM(name, label, fails, text) label,
  layout.Set("problems", names(env, {PENSTOCK_PROBLEMS(PROBLEM)}));
#undef PROBLEM
  layout.Set("problemSlots", Napi::Number::New(env, kStatProblems));
  layout.Set("listenerSlots", Napi::Number::New(env, kStatListeners));
  layout.Set("unparsedHeaderBytes", Napi::Number::New(env, kUnparsedHeaderBytes));
  layout.Set("unparsedSlotBytes", Napi::Number::New(env, kUnparsedSlotBytes));
  layout.Set("unparsedBytes", Napi::Number::New(env, kUnparsedBytes));
  layout.Set("perListener", Napi::Number::New(env, kStatPerListener));
  layout.Set("packSlots", Napi::Number::New(env, kStatPacks));
  layout.Set("ruleSlots", Napi::Number::New(env, kStatRules));
  layout.Set("count", Napi::Number::New(env, kStatCount));
  exports.Set("pipelineLayout", layout);
}
