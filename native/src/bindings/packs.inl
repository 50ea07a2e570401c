// Format packs seen from JavaScript, for tests and explanations: one text at a time, not the event path.
#include <chrono>

#include "enrich/enricher.h"
#include "enrich/event_hash.h"
#include "kernels/encode.h"
#include "kernels/json.h"
#include "kernels/keep_original.h"
#include "kernels/syslog.h"
#include "packs/document.h"
#include "packs/unwinding.h"

namespace packs_binding {

using namespace penstock;

/// Writes down each step: [pack, op, applied, ns, { variable: value set by it }]; op −1: begin, −2: understood, −3: refused.
class Recorder final : public packs::Observer {
 public:
  Recorder(Napi::Env env, const packs::Plan& plan) : env_(env), plan_(plan), steps(Napi::Array::New(env)) { last_ = now(); }
  void begin(uint32_t pack) override {
    frames_.push_back({});
    add(pack, -1, true, nullptr);
  }
  void op(uint32_t pack, uint32_t op, bool applied, const packs::Frame& frame) override {
    add(pack, static_cast<int64_t>(op), applied, &frame);
  }
  void end(uint32_t pack, bool understood) override {
    add(pack, understood ? -2 : -3, understood, nullptr);
    frames_.pop_back();
  }

 private:
  static int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  void add(uint32_t pack, int64_t op, bool applied, const packs::Frame* frame) {
    const int64_t ns = now() - last_;
    auto step = Napi::Array::New(env_, 5);
    step.Set(0u, Napi::Number::New(env_, pack));
    step.Set(1u, Napi::Number::New(env_, static_cast<double>(op)));
    step.Set(2u, Napi::Boolean::New(env_, applied));
    step.Set(3u, Napi::Number::New(env_, static_cast<double>(ns)));
    auto values = Napi::Object::New(env_);
    if (frame) {
      const packs::PackRow& row = plan_.packs()[pack];
      std::vector<std::string_view>& seen = frames_.back();
      seen.resize(row.var_count);
      for (uint32_t var = packs::kEnvelopeVars; var < row.var_count; ++var) {
        if (!frame->has(var) || (seen[var].data() == frame->values[var].data() && seen[var].size() == frame->values[var].size())) continue;
        seen[var] = frame->values[var];
        values.Set(text(plan_.text(plan_.vars()[row.var_first + var].name)), text(frame->values[var]));
      }
    }
    step.Set(4u, values);
    steps.Set(steps.Length(), step);
    last_ = now();
  }
  Napi::Value text(std::string_view t) const { return Napi::String::New(env_, t.data() ? t.data() : "", t.size()); }

  Napi::Env env_;
  const packs::Plan& plan_;
  std::vector<std::vector<std::string_view>> frames_;
  int64_t last_ = 0;

 public:
  Napi::Array steps;
};

/// FormatPacks(plan: Uint8Array): throws when it is none.
class FormatPacks : public Napi::ObjectWrap<FormatPacks> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "FormatPacks",
                       {InstanceMethod<&FormatPacks::Explain>("explain"), InstanceMethod<&FormatPacks::SetEnrichment>("setEnrichment")});
  }
  explicit FormatPacks(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FormatPacks>(info), event_(new Event) {
    auto plan = std::make_shared<packs::Plan>();
    std::string error;
    const auto array = info[0].As<Napi::Uint8Array>();
    if (!plan->load(array.Data(), array.ByteLength(), error)) {
      Napi::Error::New(info.Env(), error).ThrowAsJavaScriptException();
      return;
    }
    packs_.set_plan(std::move(plan));
  }

 private:
  /// What the pipeline's options say of an event beside its format.
  struct Finish {
    bool hash;
    KeepOriginal keep;
  };
  /// explain(frame, json: bool, receivedNs: bigint, utcOffsetSeconds, pinned, record: bool, sender, jsonDepthMax,
  ///         {truncated: bool, eventHash: bool, keepOriginal, documentEventsMax}) → {pack, event, steps}
  Napi::Value Explain(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto array = info[0].As<Napi::Uint8Array>();
    std::string copy(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
    copy.append(kPadding, '\0');
    const std::string_view frame{copy.data(), copy.size() - kPadding};
    Arena arena(8 * copy.size() + (64 << 10));
    Event& event = *event_;
    bool lossless;
    event.reset();
    event.peer = "127.0.0.1";
    event.original = frame;
    event.created_ns = info[2].As<Napi::BigInt>().Int64Value(&lossless);
    event.timestamp_ns = event.created_ns;
    JsonParser parser(static_cast<uint32_t>(copy.size()));
    JsonOptions json_options;
    if (const uint32_t depth = info[7].ToNumber().Uint32Value()) json_options.max_depth = depth;
    packs_.set_json(&parser, json_options);
    const bool is_json = info[1].ToBoolean();
    const auto options = info[8].As<Napi::Object>();
    const Finish finish{options.Get("eventHash").ToBoolean(), static_cast<KeepOriginal>(options.Get("keepOriginal").ToNumber().Uint32Value())};
    if (options.Get("truncated").ToBoolean()) event.note(Problem::kTruncated, static_cast<uint32_t>(frame.size()));
    if (is_json) {
      parser.parse(frame, json_options, arena, event);
    } else {
      parse_syslog(frame, {event.created_ns, info[3].ToNumber().Int32Value()}, arena, event);
    }
    Recorder recorder(env, *packs_.plan());
    const uint32_t pinned = info[4].ToNumber().Uint32Value(), sender = info[6].ToNumber().Uint32Value();
    const uint32_t pack =
        packs_.apply(event, arena, is_json, sender, sender, pinned, info[3].ToNumber().Int32Value(), info[5].ToBoolean() ? &recorder : nullptr);
    auto out = Napi::Object::New(env);
    out.Set("pack", pack == packs::kNone ? Napi::Value(env.Null()) : Napi::Number::New(env, pack));
    out.Set("steps", recorder.steps);
    const uint32_t elements_max = options.Get("documentEventsMax").ToNumber().Uint32Value();
    const bool split = pack != packs::kNone && document_.open(*packs_.plan(), pack, event, is_json, elements_max);
    const bool unwound = pack != packs::kNone && !split && unwinding_.open(*packs_.plan(), pack, event, is_json, elements_max);
    if (finish.hash) enrich::hash_event(event, arena);
    if (enricher_.active()) {
      choose_original(event, finish.keep, false);
      out.Set("parsed", json_of(env, event));
      const int64_t from = std::chrono::steady_clock::now().time_since_epoch().count();
      enricher_.run(event, arena);
      const int64_t ns = std::chrono::steady_clock::now().time_since_epoch().count() - from;
      out.Set("enrichNs", Napi::Number::New(env, static_cast<double>(ns)));
      const enrich::RuleOutcome& outcome = enricher_.outcome();
      auto rules = Napi::Array::New(env);
      for (uint32_t i = 0; i < enrich::kRulesMax; ++i)
        if (outcome.has(i)) rules.Set(rules.Length(), Napi::Number::New(env, i));
      out.Set("rules", rules);
      out.Set("fate", Napi::Number::New(env, static_cast<uint32_t>(outcome.fate)));
      out.Set("route", Napi::Number::New(env, outcome.route));
      out.Set("redacted", Napi::Boolean::New(env, outcome.redacted));
    }
    choose_original(event, finish.keep, false);
    out.Set("event", json_of(env, event));
    if (split || unwound) add_elements(out, split, is_json, elements_max, info, parser, json_options, arena, finish);
    return out;
  }
  /// elements: [{pack, event}] of the document that was opened, by document_ or by unwinding_.
  void add_elements(Napi::Object out, bool split, bool json, uint32_t elements_max, const Napi::CallbackInfo& info, JsonParser& parser,
                    const JsonOptions& json_options, Arena& arena, const Finish& finish) {
    const Napi::Env env = info.Env();
    Event& event = *event_;
    const size_t mark = arena.mark();
    const int64_t created_ns = event.created_ns;
    const uint32_t sender = info[6].ToNumber().Uint32Value(), pinned = split ? document_.element_pack() : info[4].ToNumber().Uint32Value();
    const int32_t utc_offset_s = info[3].ToNumber().Int32Value();
    auto elements = Napi::Array::New(env);
    const auto read = [&](std::string_view text) {
      arena.rewind(mark);
      event.reset();
      event.peer = "127.0.0.1";
      event.original = text;
      event.created_ns = event.timestamp_ns = created_ns;
      if (split || json) parser.parse(text, json_options, arena, event);
      else parse_syslog(text, {created_ns, utc_offset_s}, arena, event);
      return packs_.apply(event, arena, split || json, sender, sender, pinned, utc_offset_s);
    };
    const auto add = [&](uint32_t found) {
      if (split) document_.give(event);
      if (finish.hash) enrich::hash_event(event, arena);
      if (enricher_.active()) enricher_.run(event, arena);
      choose_original(event, finish.keep, false);
      auto one = Napi::Object::New(env);
      one.Set("pack", found == packs::kNone ? Napi::Value(env.Null()) : Napi::Number::New(env, found));
      one.Set("event", json_of(env, event));
      elements.Set(elements.Length(), one);
    };
    std::string_view text;
    if (!split)
      while (unwinding_.next(text)) add(read(text));
    else
      for (std::string_view element; document_.next(element);) {
        const uint32_t found = read(element);
        if (found == packs::kNone || !unwinding_.open(*packs_.plan(), found, event, true, elements_max)) add(found);
        else
          while (unwinding_.next(text)) add(read(text));
      }
    out.Set("elements", elements);
  }
  /// setEnrichment(plan | null) → '' or what is wrong with it
  Napi::Value SetEnrichment(const Napi::CallbackInfo& info) {
    std::string error;
    if (auto enrichment = enrich_binding::enrichment_of(info[0], error)) {
      enricher_.set(std::move(enrichment));
      kept_ = Napi::Persistent(Napi::Object::New(info.Env()));
      kept_.Set("enrichment", info[0]);
    }
    return Napi::String::New(info.Env(), error);
  }
  static Napi::Value json_of(Napi::Env env, const Event& event) {
    std::vector<uint8_t> json(json_event_size_max(event) + kPadding);
    return Napi::Buffer<uint8_t>::Copy(env, json.data(), static_cast<size_t>(encode_json_event(event, json.data()) - json.data()));
  }

  packs::Packs packs_;
  enrich::Enricher enricher_;
  Napi::ObjectReference kept_;
  std::unique_ptr<Event> event_;
  packs::Document document_;
  packs::Unwinding unwinding_;
};

}  // namespace packs_binding

static void init_packs(Napi::Env env, Napi::Object exports) {
  exports.Set("FormatPacks", packs_binding::FormatPacks::define(env));
  auto sections = Napi::Array::New(env);
#define SECTION(name, Row)                                                        \
  {                                                                               \
    auto section = Napi::Array::New(env, 2);                                      \
    section.Set(0u, Napi::String::New(env, #name));                               \
    section.Set(1u, Napi::Number::New(env, sizeof(packs_binding::packs::Row) / 4)); \
    sections.Set(sections.Length(), section);                                     \
  }
  PENSTOCK_PLAN_SECTIONS(SECTION)
#undef SECTION
  exports.Set("planSections", sections);
}
