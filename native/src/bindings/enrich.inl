// What events are enriched from, as JavaScript hands it over; and MaxMind DB files, for their check at load and for tests.
#include "enrich/enrichment.h"
#include "enrich/flow.h"
#include "enrich/mmdb_json.h"

namespace enrich_binding {

using namespace penstock;

/// {program: Uint8Array, key, actions: {route, keep, drop, risk, redact: [name, 0 hash | 1 mask][]}[]}
inline std::unique_ptr<enrich::Rules> rules_of(const Napi::Object& plan, std::string& error) {
  std::vector<enrich::RuleAction> actions;
  const auto list = plan.Get("actions").As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const auto from = list.Get(i).As<Napi::Object>();
    enrich::RuleAction& action = actions.emplace_back();
    action.route = from.Get("route").ToNumber().Int32Value();
    action.keep = from.Get("keep").ToNumber().DoubleValue();
    action.drop = from.Get("drop").ToBoolean();
    action.risk = from.Get("risk").ToNumber().DoubleValue();
    const auto redact = from.Get("redact").As<Napi::Array>();
    for (uint32_t j = 0; j < redact.Length(); ++j) {
      const auto pair = redact.Get(j).As<Napi::Array>();
      const std::string name = pair.Get(0u).ToString().Utf8Value();
      action.redact.push_back({name, ecs_field_by_name(name), static_cast<enrich::Redaction>(pair.Get(1u).ToNumber().Uint32Value())});
    }
  }
  const auto program = plan.Get("program").As<Napi::Uint8Array>();
  auto rules = std::make_unique<enrich::Rules>();
  if (!rules->open(program.Data(), program.ByteLength(), std::move(actions), plan.Get("key").ToString().Utf8Value(), error)) return nullptr;
  return rules;
}

/// {databases: Uint8Array[], geoFields, internal: string[], network, communityId, indicators, assets: Uint8Array | null}; the arrays must outlive the answer. nullptr: `error`.
inline std::shared_ptr<const enrich::Enrichment> enrichment_of(const Napi::Value& v, std::string& error) {
  auto out = std::make_shared<enrich::Enrichment>();
  if (!v.IsObject()) return out;
  const auto plan = v.As<Napi::Object>();
  const auto databases = plan.Get("databases").As<Napi::Array>();
  for (uint32_t i = 0; i < databases.Length() && i < enrich::kDatabasesMax; ++i) {
    const auto bytes = databases.Get(i).As<Napi::Uint8Array>();
    enrich::Mmdb& database = out->databases.emplace_back();
    if (!database.open(bytes.Data(), bytes.ByteLength(), error)) return nullptr;
    database.index_v4();
  }
  out->geo_fields = plan.Get("geoFields").ToNumber().Uint32Value();
  const auto internal = plan.Get("internal").As<Napi::Array>();
  for (uint32_t i = 0; i < internal.Length(); ++i) {
    const std::string network = internal.Get(i).ToString().Utf8Value();
    if (!out->internal.add(network)) return error = network + " is no network", nullptr;
  }
  out->network = plan.Get("network").ToBoolean();
  out->community_id = plan.Get("communityId").ToBoolean();
  const auto table = [&](const char* name, auto& list) {
    const Napi::Value bytes = plan.Get(name);
    if (!bytes.IsTypedArray()) return true;
    list = std::make_unique<typename std::remove_reference_t<decltype(list)>::element_type>();
    return list->open(bytes.As<Napi::Uint8Array>().Data(), bytes.As<Napi::Uint8Array>().ByteLength(), error);
  };
  if (!table("indicators", out->indicators) || !table("assets", out->assets)) return nullptr;
  if (plan.Get("rules").IsObject() && !(out->rules = rules_of(plan.Get("rules").As<Napi::Object>(), error))) return nullptr;
  return out;
}

/// mmdbInfo(bytes) → {type, buildEpoch, nodes, ipVersion}; throws what is wrong with the file
inline Napi::Value mmdb_info(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  enrich::Mmdb db;
  std::string error;
  if (!db.open(bytes.Data(), bytes.ByteLength(), error)) {
    Napi::Error::New(info.Env(), error).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  auto out = Napi::Object::New(info.Env());
  out.Set("type", Napi::String::New(info.Env(), std::string(db.type())));
  out.Set("buildEpoch", Napi::Number::New(info.Env(), static_cast<double>(db.build_epoch())));
  out.Set("nodes", Napi::Number::New(info.Env(), db.node_count()));
  out.Set("ipVersion", Napi::Number::New(info.Env(), db.ip_version()));
  return out;
}

/// mmdbLookup(bytes, address) → JSON, null (no record) or undefined (damaged; the address is none)
inline Napi::Value mmdb_lookup(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto bytes = info[0].As<Napi::Uint8Array>();
  enrich::Mmdb db;
  enrich::IpAddress ip;
  std::string out;
  if (!db.open(bytes.Data(), bytes.ByteLength(), out) || !enrich::parse_ip(info[1].ToString().Utf8Value(), ip)) return env.Undefined();
  bool damaged = false;
  const uint32_t at = db.find(ip, damaged);
  if (at == enrich::Mmdb::kNone) return damaged ? env.Undefined() : env.Null();
  out.clear();
  if (!enrich::mmdb_to_json(db.data(), at, out)) return env.Undefined();
  return Napi::String::New(env, out);
}

/// indexTable(bytes) → '' or what is wrong with the table, whose slots and filter are filled in
inline Napi::Value index_table(const Napi::CallbackInfo& info) {
  auto bytes = info[0].As<Napi::Uint8Array>();
  std::string error;
  enrich::LookupTable::index(bytes.Data(), bytes.ByteLength(), error);
  return Napi::String::New(info.Env(), error);
}

/// communityId(source, destination, protocol, sourcePort, destinationPort; −1: it has none) → text, or null
inline Napi::Value community_id(const Napi::CallbackInfo& info) {
  enrich::Flow flow;
  char text[enrich::kCommunityIdBytes];
  if (!enrich::parse_ip(info[0].ToString().Utf8Value(), flow.source) || !enrich::parse_ip(info[1].ToString().Utf8Value(), flow.destination))
    return info.Env().Null();
  flow.protocol = static_cast<uint8_t>(info[2].ToNumber().Uint32Value());
  flow.has_ports = info[3].ToNumber().Int32Value() >= 0;
  flow.source_port = static_cast<uint16_t>(info[3].ToNumber().Int32Value());
  flow.destination_port = static_cast<uint16_t>(info[4].ToNumber().Int32Value());
  if (!enrich::community_id(flow, text)) return info.Env().Null();
  return Napi::String::New(info.Env(), text, sizeof text);
}

}  // namespace enrich_binding

static void init_enrich(Napi::Env env, Napi::Object exports) {
  exports.Set("mmdbInfo", Napi::Function::New(env, enrich_binding::mmdb_info));
  exports.Set("mmdbLookup", Napi::Function::New(env, enrich_binding::mmdb_lookup));
  exports.Set("indexTable", Napi::Function::New(env, enrich_binding::index_table));
  exports.Set("communityId", Napi::Function::New(env, enrich_binding::community_id));
  auto sections = Napi::Array::New(env);
#define SECTION(name, Row)                                                                    \
  {                                                                                           \
    auto section = Napi::Array::New(env, 2);                                                  \
    section.Set(0u, Napi::String::New(env, #name));                                           \
    section.Set(1u, Napi::Number::New(env, sizeof(enrich_binding::enrich::Row) / 4));         \
    sections.Set(sections.Length(), section);                                                 \
  }
  PENSTOCK_TABLE_SECTIONS(SECTION)
#undef SECTION
  exports.Set("tableSections", sections);
  auto names = Napi::Array::New(env);
  for (const std::string_view name : penstock::enrich::kGeoNames) names.Set(names.Length(), Napi::String::New(env, std::string(name)));
  exports.Set("geoFieldNames", names);
}
