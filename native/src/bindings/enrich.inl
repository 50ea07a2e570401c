// What events are enriched from, as JavaScript hands it over; and MaxMind DB files, for their check at load and for tests.
#include "enrich/enrichment.h"
#include "enrich/mmdb_json.h"

namespace enrich_binding {

using namespace penstock;

/// {databases: Uint8Array[], geoFields, internal: string[], network, communityId}; the arrays must outlive the answer. nullptr: `error`.
inline std::shared_ptr<const enrich::Enrichment> enrichment_of(const Napi::Value& v, std::string& error) {
  auto out = std::make_shared<enrich::Enrichment>();
  if (!v.IsObject()) return out;
  const auto plan = v.As<Napi::Object>();
  const auto databases = plan.Get("databases").As<Napi::Array>();
  for (uint32_t i = 0; i < databases.Length() && i < enrich::kDatabasesMax; ++i) {
    const auto bytes = databases.Get(i).As<Napi::Uint8Array>();
    if (!out->databases.emplace_back().open(bytes.Data(), bytes.ByteLength(), error)) return nullptr;
  }
  out->geo_fields = plan.Get("geoFields").ToNumber().Uint32Value();
  const auto internal = plan.Get("internal").As<Napi::Array>();
  for (uint32_t i = 0; i < internal.Length(); ++i) {
    const std::string network = internal.Get(i).ToString().Utf8Value();
    if (!out->internal.add(network)) return error = network + " is no network", nullptr;
  }
  out->network = plan.Get("network").ToBoolean();
  out->community_id = plan.Get("communityId").ToBoolean();
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

}  // namespace enrich_binding

static void init_enrich(Napi::Env env, Napi::Object exports) {
  exports.Set("mmdbInfo", Napi::Function::New(env, enrich_binding::mmdb_info));
  exports.Set("mmdbLookup", Napi::Function::New(env, enrich_binding::mmdb_lookup));
  auto names = Napi::Array::New(env);
  for (const std::string_view name : penstock::enrich::kGeoNames) names.Set(names.Length(), Napi::String::New(env, std::string(name)));
  exports.Set("geoFieldNames", names);
}
