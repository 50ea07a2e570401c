// Avro: any bytes by any plan, sound or not. A plan is loaded or refused; what comes of a datum is well-formed JSON within the limits, in
// frames and pieces that fit together; the same bytes give the same; cut off early, a datum that was whole is malformed; and a
// reader of its own counts what the datums are. Snappy: what it gives is as long as it says.
// Input: four bytes of limits, the size of the plan's part (two bytes), bytes that make the plan, then a block.
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "avro/body.h"
#include "avro/snappy.h"
#include "kernels/json_text.h"
#include "kernels/json_tokens.h"
#include "require.h"

using namespace penstock;
using namespace penstock::avro;

namespace {

constexpr uint32_t kNodesMax = 24;

/// Nodes from bytes: arguments are kept within the plan, so that most plans load; every tenth is left as it is.
struct Maker {
  std::string_view bytes;
  size_t at = 0;

  uint8_t next() { return at < bytes.size() ? static_cast<uint8_t>(bytes[at++]) : 0; }
  bool wild() { return next() > 250; }
};

void put_word(std::string& plan, uint32_t word) { plan.append(reinterpret_cast<const char*>(&word), 4); }

std::string plan_of(std::string_view bytes) {
  static constexpr std::string_view kStrings = R"("name":,"other":"SYMBOL""B")";
  static constexpr uint32_t kNames[][2] = {{0, 7}, {7, 9}}, kSymbols[][2] = {{16, 8}, {24, 3}};
  Maker make{bytes};
  const uint32_t count = 1 + make.next() % kNodesMax;
  std::string nodes, lists;
  uint32_t words = 0;
  const auto word = [&](uint32_t value) { put_word(lists, value), ++words; };
  for (uint32_t i = 0; i < count; ++i) {
    const auto op = static_cast<Op>(make.next() % (static_cast<uint32_t>(Op::kCount) + (make.wild() ? 1 : 0)));
    uint32_t a = 0, b = 0;
    const auto node = [&] { return make.wild() ? uint32_t{make.next()} : make.next() % count; };
    switch (op) {
      case Op::kArray:
      case Op::kMap: a = node(); break;
      case Op::kFixed:
      case Op::kDecimalFixed: a = make.next() % 40, b = make.next() % 130; break;
      case Op::kDecimalBytes: b = make.next() % 130; break;
      case Op::kEnum:
        a = words, b = make.next() % 3;
        for (uint32_t n = 0; n < b; ++n) word(kSymbols[n][0]), word(kSymbols[n][1]);
        break;
      case Op::kUnion:
        a = words, b = make.next() % 4;
        for (uint32_t n = 0; n < b; ++n) word(node());
        break;
      case Op::kRecord:
        a = words, b = make.next() % 3;
        for (uint32_t n = 0; n < b; ++n) word(kNames[n][0]), word(make.wild() ? 1000 : kNames[n][1]), word(node());
        break;
      default: break;
    }
    put_word(nodes, static_cast<uint32_t>(op)), put_word(nodes, a), put_word(nodes, b);
  }
  std::string plan;
  for (const uint32_t head : {kPlanMagic, kPlanVersion, count, words, static_cast<uint32_t>(kStrings.size())}) put_word(plan, head);
  return plan.append(nodes).append(lists).append(kStrings);
}

/// What a datum is, said the plain way: how many bytes it takes, or nothing where it is malformed; gives up after so many steps.
class Naive {
 public:
  Naive(const Plan& plan, std::string_view bytes) : plan_(plan), bytes_(bytes) {}
  bool gave_up() const { return steps_ > 20'000 || deep_; }

  std::optional<size_t> end_of(uint32_t node_index, size_t at, unsigned depth) {
    if (++steps_ > 20'000) return std::nullopt;
    if (depth > 100) return deep_ = true, std::nullopt;
    const Node& node = plan_.node(node_index);
    __int128 number;
    switch (node.op) {
      case Op::kNull: return at;
      case Op::kBoolean: return at < bytes_.size() && static_cast<uint8_t>(bytes_[at]) < 2 ? std::optional(at + 1) : std::nullopt;
      case Op::kInt:
      case Op::kDate:
      case Op::kTimeMillis:
        if (!read(at, number) || number < INT32_MIN || number > INT32_MAX) return std::nullopt;
        return at;
      case Op::kFloat: return skip(at, 4);
      case Op::kDouble: return skip(at, 8);
      case Op::kString:
      case Op::kBytes:
      case Op::kDecimalBytes: return read(at, number) ? skip(at, number) : std::nullopt;
      case Op::kFixed:
      case Op::kDecimalFixed: return skip(at, node.a);
      case Op::kUuidFixed: return skip(at, 16);
      case Op::kDuration: return skip(at, 12);
      case Op::kEnum: return read(at, number) && number >= 0 && number < node.b ? std::optional(at) : std::nullopt;
      case Op::kUnion:
        if (!read(at, number) || number < 0 || number >= node.b) return std::nullopt;
        return end_of(plan_.list(node.a)[static_cast<size_t>(number)], at, depth);
      case Op::kRecord: {
        std::optional<size_t> end = at;
        for (uint32_t i = 0; i < node.b && end; ++i) end = end_of(plan_.list(node.a)[3 * i + 2], *end, depth + 1);
        return end;
      }
      case Op::kArray:
      case Op::kMap: return blocks(node, at, depth + 1);
      default: return read(at, number) ? std::optional(at) : std::nullopt;
    }
  }

 private:
  bool read(size_t& at, __int128& number) {
    unsigned __int128 raw = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at == bytes_.size()) return false;
      const auto byte = static_cast<uint8_t>(bytes_[at++]);
      raw |= static_cast<unsigned __int128>(byte & 127) << shift;
      if (byte >= 128) continue;
      if (raw >> 64 != 0) return false;
      number = raw % 2 == 0 ? static_cast<__int128>(raw / 2) : -static_cast<__int128>(raw / 2) - 1;
      return true;
    }
    return false;
  }
  std::optional<size_t> skip(size_t at, __int128 size) const {
    if (size < 0 || size > static_cast<__int128>(bytes_.size() - at)) return std::nullopt;
    return at + static_cast<size_t>(size);
  }
  std::optional<size_t> blocks(const Node& node, size_t at, unsigned depth) {
    for (;;) {
      __int128 count, size = -1;
      if (!read(at, count)) return std::nullopt;
      if (count == 0) return at;
      const size_t before = at;
      std::optional<size_t> promised;
      if (count < 0) {
        size_t behind = before;
        if (!read(behind, size)) return std::nullopt;
        at = behind;
        promised = skip(at, size);
        if (!promised) return std::nullopt;
        count = -count;
      }
      for (; count > 0; --count) {
        if (node.op == Op::kMap) {
          __int128 key;
          if (!read(at, key)) return std::nullopt;
          const std::optional<size_t> behind_key = skip(at, key);
          if (!behind_key) return std::nullopt;
          at = *behind_key;
        }
        const std::optional<size_t> end = end_of(node.a, at, depth);
        if (!end) return std::nullopt;
        at = *end;
      }
      if (promised && at != *promised) return std::nullopt;
    }
  }

  const Plan& plan_;
  std::string_view bytes_;
  unsigned steps_ = 0;
  bool deep_ = false;
};

void check_frames(const Body& body, const BodyLimits& limits, uint64_t count) {
  const frames::ByteBuffer& out = body.frames();
  require(out.size() <= limits.bytes, "more than all may be");
  size_t at = 0;
  uint64_t events = 0;
  for (const FramePiece& piece : body.pieces()) {
    require(piece.begin == at && piece.end <= out.size() && piece.count > 0, "pieces do not follow each other");
    require(piece.count == 1 || piece.end - piece.begin <= limits.piece_bytes, "a piece is too large");
    for (uint32_t n = 0; n < piece.count; ++n, ++events) {
      uint32_t size;
      std::memcpy(&size, out.data() + at, 4);
      require(size > 0 && size <= limits.frame_bytes && at + 4 + size <= piece.end, "a frame is out of bounds");
      const std::string text(reinterpret_cast<const char*>(out.data()) + at + 4, size);
      require(JsonTokens::utf8_valid(text) && is_json_text(text), "a document is no JSON", text);
      at += 4 + size;
    }
    require(at == piece.end, "a piece ends within a frame");
  }
  require(at == out.size() && events == count, "frames belong to no piece");
}

void check_datums(const Plan& plan, std::string_view block, const BodyLimits& limits, uint64_t count) {
  Body body(limits);
  const Result result = body.block(plan, block, count);
  require(body.offset() <= block.size(), "an offset past the end");
  check_frames(body, limits, [&] {
    uint64_t events = 0;
    for (const FramePiece& piece : body.pieces()) events += piece.count;
    require(result != Result::kOk || events == count, "events are missing");
    return events;
  }());
  if (result != Result::kOk && result != Result::kMalformed) return;
  Naive naive(plan, block);
  std::optional<size_t> at = 0;
  for (uint64_t n = 0; n < count && at; ++n) at = naive.end_of(0, *at, 0);
  if (naive.gave_up()) return;
  require((at == block.size()) == (result == Result::kOk), "the plain reader says otherwise");
  if (result != Result::kOk || block.empty()) return;
  const std::string shorter(block.substr(0, block.size() - 1));
  require(Body(limits).block(plan, shorter, count) == Result::kMalformed, "cut off and still whole");
}

void check_messages(const std::shared_ptr<const Plan>& plan, std::string_view bytes, const BodyLimits& limits) {
  Body body(limits);
  size_t at = 0;
  for (unsigned schemas = 0;; ++schemas) {
    const Result result = body.messages(bytes, at);
    require(body.offset() <= bytes.size(), "an offset past the end");
    if (result != Result::kUnknownSchema || schemas == 8) break;
    require(body.offset() >= at, "it goes back");
    at = body.offset();
    body.know(body.unknown_prefix(), body.unknown_schema(), plan);
  }
  uint64_t events = 0;
  for (const FramePiece& piece : body.pieces()) events += piece.count;
  check_frames(body, limits, events);
}

void check_snappy(std::string_view block) {
  const int64_t size = snappy_size(block);
  if (size < 0 || size > 1 << 20) return;
  std::vector<uint8_t> out(static_cast<size_t>(size), 0xa5), again(static_cast<size_t>(size), 0x5a);
  const bool good = snappy_decompress(block, out.data(), out.size());
  require(good == snappy_decompress(block, again.data(), again.size()), "once good, once not");
  require(!good || out == again, "bytes that nobody wrote");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 6;
  if (size < kHead) return 0;
  const BodyLimits limits{data[0] * 4u + 1, data[1] * 64u + 8, data[2] * 256u + 16, data[3] % 64u};
  const size_t plan_bytes = std::min<size_t>(data[4] | data[5] << 8, size - kHead);
  const std::string plan_text = plan_of({reinterpret_cast<const char*>(data) + kHead, plan_bytes});
  // A copy of its own, so that a read past the end is seen.
  const std::vector<char> block(data + kHead + plan_bytes, data + size);
  const std::string_view bytes(block.data(), block.size());
  check_snappy(bytes);
  Plan raw;
  std::string error;
  require(raw.load(data, size, error) == error.empty(), "refused without a reason");
  const auto plan = std::make_shared<Plan>();
  if (!plan->load(reinterpret_cast<const uint8_t*>(plan_text.data()), plan_text.size(), error)) return 0;
  check_datums(*plan, bytes, limits, 1 + data[0] % 4);
  check_messages(plan, bytes, limits);
  return 0;
}
