// Receivers, their counters, and a reader of rings for tests and tools.
#include "io/receiver_group.h"

namespace {

/// Bytes of a typed array; of a SharedArrayBuffer as well (napi_get_arraybuffer_info would refuse it).
inline void* io_bytes(const Napi::Value& value) { return value.As<Napi::Uint8Array>().Data(); }

/// ReceiverGroup(listeners, messageBytesMax, partialBytesMax, rings: Uint8Array[thread][worker], doorbells: Uint8Array[worker],
///               stats: Uint8Array, pin: number[thread], producers, connectionsMax)
class ReceiverGroupBinding : public Napi::ObjectWrap<ReceiverGroupBinding> {
 public:
  static void init(Napi::Env env, Napi::Object exports) {
    exports.Set("ReceiverGroup", DefineClass(env, "ReceiverGroup",
                                             {InstanceMethod<&ReceiverGroupBinding::start>("start"),
                                              InstanceMethod<&ReceiverGroupBinding::listen_tcp>("listenTcp"),
                                              InstanceMethod<&ReceiverGroupBinding::listen_udp>("listenUdp"),
                                              InstanceMethod<&ReceiverGroupBinding::make_tls>("makeTls"),
                                              InstanceMethod<&ReceiverGroupBinding::renew_tls>("renewTls"),
                                              InstanceMethod<&ReceiverGroupBinding::set_rates>("setRates"),
                                              InstanceMethod<&ReceiverGroupBinding::hold>("hold"),
                                              InstanceMethod<&ReceiverGroupBinding::close>("close"),
                                              InstanceMethod<&ReceiverGroupBinding::is_closed>("isClosed"),
                                              InstanceMethod<&ReceiverGroupBinding::stop>("stop")}));
  }

  explicit ReceiverGroupBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    penstock::ReceiverGroup::Options options{};
    options.listeners = static_cast<uint16_t>(info[0].ToNumber().Uint32Value());
    options.message_max = info[1].ToNumber().Uint32Value();
    options.carry_bytes_max = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
    const auto threads = info[3].As<Napi::Array>();
    for (uint32_t thread = 0; thread < threads.Length(); thread++) {
      const auto workers = threads.Get(thread).As<Napi::Array>();
      options.rings.emplace_back();
      for (uint32_t worker = 0; worker < workers.Length(); worker++)
        options.rings.back().push_back(io_bytes(workers.Get(worker)));
    }
    const auto doorbells = info[4].As<Napi::Array>();
    for (uint32_t worker = 0; worker < doorbells.Length(); worker++)
      options.doorbells.push_back(static_cast<penstock::Doorbell*>(io_bytes(doorbells.Get(worker))));
    options.stats = static_cast<uint64_t*>(io_bytes(info[5]));
    const auto pin = info[6].As<Napi::Array>();
    for (uint32_t thread = 0; thread < pin.Length(); thread++) pin_.push_back(pin.Get(thread).ToNumber().Int32Value());
    options.producers = info[7].ToNumber().Uint32Value();
    options.connections_max = info[8].ToNumber().Uint32Value();
    // The threads use this memory until they are joined.
    auto kept = Napi::Object::New(info.Env());
    kept.Set("rings", info[3]);
    kept.Set("doorbells", info[4]);
    kept.Set("stats", info[5]);
    kept_ = Napi::Persistent(kept);
    group_ = std::make_unique<penstock::ReceiverGroup>(options);
  }

 private:
  // start() → false when the process has no descriptors left
  Napi::Value start(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), group_->start(pin_)); }
  // listenTcp(listener, host, port, framing, connectionsMax, idleTimeoutMs, frameTimeoutMs, addressConnectionsMax,
  //           rateBytes, burstBytes, tls: External or null, handshakeTimeoutMs, rateByCertificate) → port or −errno
  Napi::Value listen_tcp(const Napi::CallbackInfo& info) {
    penstock::TcpListenerSettings settings;
    settings.framing = static_cast<penstock::Framing>(info[3].ToNumber().Uint32Value());
    settings.connections_max = info[4].ToNumber().Uint32Value();
    settings.idle_timeout_ms = info[5].ToNumber().Int64Value();
    settings.frame_timeout_ms = info[6].ToNumber().Int64Value();
    settings.address_connections_max = info[7].ToNumber().Uint32Value();
    settings.volume = {info[8].ToNumber().Int64Value(), info[9].ToNumber().Int64Value()};
    settings.handshake_timeout_ms = info[11].ToNumber().Int64Value();
    settings.rate_by_certificate = info[12].ToBoolean();
    const int port = group_->listen_tcp(static_cast<uint16_t>(info[0].ToNumber().Uint32Value()),
                                        info[1].ToString().Utf8Value().c_str(),
                                        static_cast<uint16_t>(info[2].ToNumber().Uint32Value()), settings,
                                        info[10].IsExternal() ? tls_of(info[10]) : nullptr);
    return Napi::Number::New(info.Env(), port);
  }
  using TlsHandle = Napi::External<std::shared_ptr<penstock::TlsContext>>;
  static std::shared_ptr<penstock::TlsContext> tls_of(const Napi::Value& value) { return *value.As<TlsHandle>().Data(); }
  // makeTls(certificate, key, clientCa: Uint8Array, ciphers, suites) → External, or what is wrong in words
  Napi::Value make_tls(const Napi::CallbackInfo& info) {
    auto text = [&](size_t i) {
      const auto bytes = info[i].As<Napi::Uint8Array>();
      return std::string_view(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
    };
    const penstock::TlsMaterial material{.certificate = text(0), .key = text(1), .client_ca = text(2),
                                         .ciphers = info[3].ToString().Utf8Value(),
                                         .suites = info[4].ToString().Utf8Value()};
    std::string error;
    auto context = penstock::make_tls_context(material, error);
    if (!context) return Napi::String::New(info.Env(), error);
    auto* held = new std::shared_ptr<penstock::TlsContext>(std::move(context));
    return TlsHandle::New(info.Env(), held, [](Napi::Env, auto* gone) { delete gone; });
  }
  // renewTls(listener, tls: External)
  Napi::Value renew_tls(const Napi::CallbackInfo& info) {
    group_->renew_tls(static_cast<uint16_t>(info[0].ToNumber().Uint32Value()), tls_of(info[1]));
    return info.Env().Undefined();
  }
  // listenUdp(listener, host, port, gro, receiveBufferBytes, rateDatagrams, burstDatagrams, rateBytes, burstBytes)
  //   → [port or −errno, granted bytes]
  Napi::Value listen_udp(const Napi::CallbackInfo& info) {
    auto number = [&](size_t i) { return info[i].ToNumber().Int64Value(); };
    penstock::UdpListenerSettings settings{.gro = info[3].ToBoolean(),
                                           .receive_buffer_bytes = static_cast<size_t>(number(4)),
                                           .datagrams = {number(5), number(6)},
                                           .volume = {number(7), number(8)}};
    const int port = group_->listen_udp(static_cast<uint16_t>(info[0].ToNumber().Uint32Value()),
                                        info[1].ToString().Utf8Value().c_str(),
                                        static_cast<uint16_t>(info[2].ToNumber().Uint32Value()), settings);
    auto answer = Napi::Array::New(info.Env(), 2);
    answer.Set(0u, Napi::Number::New(info.Env(), port));
    answer.Set(1u, Napi::Number::New(info.Env(), static_cast<double>(settings.receive_buffer_bytes)));
    return answer;
  }
  // setRates(listener, rateBytes, burstBytes, rateDatagrams, burstDatagrams)
  Napi::Value set_rates(const Napi::CallbackInfo& info) {
    auto number = [&](size_t i) { return info[i].ToNumber().Int64Value(); };
    group_->set_rates(static_cast<uint16_t>(number(0)), {number(1), number(2)}, {number(3), number(4)});
    return info.Env().Undefined();
  }
  Napi::Value hold(const Napi::CallbackInfo& info) {
    group_->hold(info[0].ToBoolean());
    return info.Env().Undefined();
  }
  Napi::Value close(const Napi::CallbackInfo& info) {
    group_->close(static_cast<uint16_t>(info[0].ToNumber().Uint32Value()));
    return info.Env().Undefined();
  }
  Napi::Value is_closed(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), group_->is_closed(static_cast<uint16_t>(info[0].ToNumber().Uint32Value())));
  }
  Napi::Value stop(const Napi::CallbackInfo& info) {
    group_->stop();
    return info.Env().Undefined();
  }

  Napi::ObjectReference kept_;
  std::vector<int> pin_;
  std::unique_ptr<penstock::ReceiverGroup> group_;
};

/// RingInspector(ring: Uint8Array): takes chunks out of a ring as objects, for tests and tools.
class RingInspectorBinding : public Napi::ObjectWrap<RingInspectorBinding> {
 public:
  static void init(Napi::Env env, Napi::Object exports) {
    exports.Set("RingInspector", DefineClass(env, "RingInspector",
                                             {InstanceMethod<&RingInspectorBinding::next>("next"),
                                              InstanceMethod<&RingInspectorBinding::release>("release")}));
  }
  explicit RingInspectorBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    kept_ = Napi::Persistent(info[0].As<Napi::Object>());
    reader_ = std::make_unique<penstock::RingReader>(io_bytes(info[0]));
  }

 private:
  // next() → chunk with its frames copied, or null
  Napi::Value next(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const penstock::ChunkHeader* chunk = reader_->next();
    if (!chunk) return env.Null();
    auto object = Napi::Object::New(env);
    object.Set("listener", chunk->listener);
    object.Set("framing", static_cast<uint32_t>(chunk->framing));
    object.Set("flags", static_cast<uint32_t>(chunk->flags));
    object.Set("number", static_cast<double>(chunk->number));
    object.Set("receivedMs", static_cast<double>(chunk->received_ns) / 1e6);
    object.Set("connection", static_cast<double>(chunk->connection));
    object.Set("peer", Napi::String::New(env, chunk->peer, chunk->peer_size));
    object.Set("format", static_cast<uint32_t>(chunk->format));
    object.Set("size", chunk->size);
    auto frames = Napi::Array::New(env);
    const uint8_t* payload = penstock::RingReader::payload(chunk);
    uint32_t count = 0;
    auto add = [&](const uint8_t* data, size_t size) { frames.Set(count++, Napi::Buffer<uint8_t>::Copy(env, data, size)); };
    if (chunk->flags & penstock::kChunkTruncated) {
      add(payload, chunk->size);
    } else if (chunk->framing == penstock::Framing::kDatagram) {
      for (size_t at = 0; at < chunk->size;) {
        penstock::DatagramHeader header;
        std::memcpy(&header, payload + at, sizeof header);
        add(payload + at + sizeof header, header.size);
        at += sizeof header + header.size;
      }
    } else {
      penstock::Frame frame;
      for (size_t at = 0; at < chunk->size;) {
        const size_t used = penstock::next_frame(payload + at, chunk->size - at, chunk->framing, frame);
        if (used == 0) break;
        if (frame.size != 0) add(frame.data, frame.size);
        at += used;
      }
    }
    object.Set("frames", frames);
    return object;
  }
  Napi::Value release(const Napi::CallbackInfo& info) {
    reader_->release();
    return info.Env().Undefined();
  }

  Napi::ObjectReference kept_;
  std::unique_ptr<penstock::RingReader> reader_;
};

}  // namespace

static void init_io(Napi::Env env, Napi::Object exports) {
  ReceiverGroupBinding::init(env, exports);
  RingInspectorBinding::init(env, exports);
  auto table = Napi::Array::New(env);
  uint32_t index = 0;
  for (const penstock::IoStatInfo& stat : penstock::kIoStatTable) {
    auto row = Napi::Object::New(env);
    row.Set("name", stat.name);
    row.Set("gauge", stat.gauge);
    row.Set("text", stat.text);
    table.Set(index++, row);
  }
  exports.Set("ioStatTable", table);
  exports.Set("connectionDescriptorsMax", Napi::Number::New(env, penstock::connection_descriptors_max()));
  exports.Set("ioStatWords", Napi::Number::New(env, penstock::kIoStatWords));
}
