#include "avro/datum.h"

#include <bit>

#include "avro/text.h"
#include "kernels/json_text.h"
#include "kernels/wire.h"

namespace penstock::avro {
namespace {

class DatumWriter {
 public:
  DatumWriter(const Plan& plan, const DatumLimits& limits, const uint8_t* at, const uint8_t* end, frames::ByteBuffer& out)
      : plan_(plan), limits_(limits), in_(view(at, static_cast<size_t>(end - at))), out_(out), begin_(out.size()) {}

  const uint8_t* at() const { return in_.at; }

  Result value(uint32_t index, uint32_t depth) {
    if (out_.size() - begin_ > limits_.document_bytes) return Result::kDocumentTooLarge;
    const Node& node = plan_.node(index);
    switch (node.op) {
      case Op::kNull: return literal("null");
      case Op::kBoolean: return boolean();
      case Op::kInt:
      case Op::kDate:
      case Op::kTimeMillis:
      case Op::kLong:
      case Op::kTimeMicros:
      case Op::kTimestampMillis:
      case Op::kTimestampMicros:
      case Op::kTimestampNanos:
      case Op::kLocalMillis:
      case Op::kLocalMicros:
      case Op::kLocalNanos: return integer(node.op);
      case Op::kFloat: return real32();
      case Op::kDouble: return real64();
      case Op::kString: return string();
      case Op::kBytes:
      case Op::kDecimalBytes: return bytes(node);
      case Op::kFixed:
      case Op::kDecimalFixed:
      case Op::kUuidFixed:
      case Op::kDuration: return fixed(node);
      case Op::kEnum: return symbol(node);
      case Op::kUnion: return one_of(node, depth);
      case Op::kArray: return depth == 0 ? Result::kTooDeep : array(node, depth - 1);
      case Op::kMap: return depth == 0 ? Result::kTooDeep : map(node, depth - 1);
      case Op::kRecord: return depth == 0 ? Result::kTooDeep : record(node, depth - 1);
      case Op::kCount: break;
    }
    return Result::kMalformed;
  }

 private:
  bool number(int64_t& value) {
    uint64_t raw;
    if (!in_.varint(raw)) return false;
    value = wire::unzigzag(raw);
    return true;
  }
  bool take(size_t size, std::string_view& bytes) {
    if (size > static_cast<size_t>(in_.end - in_.at)) return false;
    bytes = view(in_.at, size);
    in_.at += size;
    return true;
  }
  bool sized(std::string_view& bytes) {
    int64_t size;
    return number(size) && size >= 0 && take(static_cast<size_t>(size), bytes);
  }
  /// A writer of the buffer: `put` moves the pointer it is given.
  template <typename Put>
  Result put(size_t room, const Put& put) {
    uint8_t* const from = out_.room(room);
    uint8_t* out = from;
    put(out);
    out_.used(static_cast<size_t>(out - from));
    return Result::kOk;
  }
  Result literal(std::string_view text) {
    out_.bytes(text.data(), text.size());
    return Result::kOk;
  }

  Result boolean() {
    if (in_.done() || *in_.at > 1) return Result::kMalformed;
    return literal(*in_.at++ == 1 ? "true" : "false");
  }
  Result integer(Op op) {
    int64_t value;
    const bool is_int = op == Op::kInt || op == Op::kDate || op == Op::kTimeMillis;
    if (!number(value) || (is_int && value != static_cast<int32_t>(value))) return Result::kMalformed;
    return put(kTextSizeMax, [=](uint8_t*& out) {
      if (!put_logical(out, op, value)) out = put_json_int(out, value);
    });
  }
  static bool put_logical(uint8_t*& out, Op op, int64_t value) {
    switch (op) {
      case Op::kDate: return put_date(out, value);
      case Op::kTimeMillis: return put_time_of_day(out, value, 1'000);
      case Op::kTimeMicros: return put_time_of_day(out, value, 1'000'000);
      case Op::kTimestampMillis: return put_timestamp(out, value, 1'000'000, false);
      case Op::kTimestampMicros: return put_timestamp(out, value, 1'000, false);
      case Op::kTimestampNanos: return put_timestamp(out, value, 1, false);
      case Op::kLocalMillis: return put_timestamp(out, value, 1'000'000, true);
      case Op::kLocalMicros: return put_timestamp(out, value, 1'000, true);
      case Op::kLocalNanos: return put_timestamp(out, value, 1, true);
      default: return false;
    }
  }
  Result real32() {
    std::string_view raw;
    if (!take(4, raw)) return Result::kMalformed;
    float value;
    std::memcpy(&value, raw.data(), 4);
    return put(kTextSizeMax, [=](uint8_t*& out) { put_float(out, value); });
  }
  Result real64() {
    uint64_t bits;
    if (!in_.fixed64(bits)) return Result::kMalformed;
    return put(kTextSizeMax, [=](uint8_t*& out) { out = put_json_double(out, std::bit_cast<double>(bits)); });
  }
  Result text(std::string_view text) {
    if (text.size() > limits_.document_bytes) return Result::kDocumentTooLarge;  // before room is made for it
    return put(json_string_size_max(text.size()), [=](uint8_t*& out) { out = put_json_string(out, text); });
  }
  Result string() {
    std::string_view raw;
    return sized(raw) ? text(raw) : Result::kMalformed;
  }
  Result bytes(const Node& node) {
    std::string_view raw;
    return sized(raw) ? binary(node, raw) : Result::kMalformed;
  }
  Result fixed(const Node& node) {
    std::string_view raw;
    const size_t size = node.op == Op::kUuidFixed ? 16 : node.op == Op::kDuration ? 12 : node.a;
    return take(size, raw) ? binary(node, raw) : Result::kMalformed;
  }
  Result binary(const Node& node, std::string_view raw) {
    const auto* data = reinterpret_cast<const uint8_t*>(raw.data());
    switch (node.op) {
      case Op::kUuidFixed: return put(kTextSizeMax, [=](uint8_t*& out) { put_uuid(out, data); });
      case Op::kDuration: return put(kTextSizeMax, [=](uint8_t*& out) { put_duration(out, data); });
      case Op::kDecimalBytes:
      case Op::kDecimalFixed:
        if (raw.size() > kDecimalBytesMax) break;
        return put(kTextSizeMax, [&](uint8_t*& out) { put_decimal(out, raw, node.b); });
      default: break;
    }
    if (raw.size() > limits_.document_bytes) return Result::kDocumentTooLarge;
    const bool is_fixed = node.op == Op::kFixed || node.op == Op::kDecimalFixed;
    if (is_fixed) return put(hex_size(raw.size()), [=](uint8_t*& out) { put_hex(out, raw); });
    return put(base64_size(raw.size()), [=](uint8_t*& out) { put_base64(out, raw); });
  }
  Result symbol(const Node& node) {
    int64_t number_of;
    if (!number(number_of) || number_of < 0 || number_of >= node.b) return Result::kMalformed;
    return literal(plan_.text(plan_.list(node.a) + 2 * number_of));
  }
  Result one_of(const Node& node, uint32_t depth) {
    int64_t branch;
    if (!number(branch) || branch < 0 || branch >= node.b) return Result::kMalformed;
    return value(plan_.list(node.a)[branch], depth);
  }
  Result record(const Node& node, uint32_t depth) {
    out_.byte('{');
    const uint32_t* field = plan_.list(node.a);
    for (uint32_t i = 0; i < node.b; ++i, field += 3) {
      literal(plan_.text(field));
      if (const Result result = value(field[2], depth); result != Result::kOk) return result;
    }
    out_.byte('}');
    return Result::kOk;
  }

  /// Blocks of items: a count and that many, until one of none. Of a negative count the size in bytes follows, and has to be right.
  template <typename Item>
  Result blocks(const Item& item) {
    for (bool first = true;;) {
      int64_t count, size = -1;
      if (!number(count)) return Result::kMalformed;
      if (count == 0) return Result::kOk;
      if (count < 0 && (!number(size) || size < 0 || size > in_.end - in_.at)) return Result::kMalformed;
      const uint8_t* const block_end = size < 0 ? nullptr : in_.at + size;
      // A count no bytes stand for is bounded by what is written.
      for (uint64_t left = count < 0 ? uint64_t{0} - static_cast<uint64_t>(count) : static_cast<uint64_t>(count); left > 0; --left) {
        if (!first) out_.byte(',');
        first = false;
        if (const Result result = item(); result != Result::kOk) return result;
      }
      if (block_end != nullptr && in_.at != block_end) return Result::kMalformed;
    }
  }
  Result array(const Node& node, uint32_t depth) {
    out_.byte('[');
    const Result result = blocks([&] { return value(node.a, depth); });
    out_.byte(']');
    return result;
  }
  Result map(const Node& node, uint32_t depth) {
    out_.byte('{');
    const Result result = blocks([&] {
      if (const Result key = string(); key != Result::kOk) return key;
      out_.byte(':');
      return value(node.a, depth);
    });
    out_.byte('}');
    return result;
  }

  const Plan& plan_;
  const DatumLimits& limits_;
  wire::Reader in_;
  frames::ByteBuffer& out_;
  const size_t begin_;
};

}  // namespace

Result put_datum(const Plan& plan, const DatumLimits& limits, const uint8_t*& at, const uint8_t* end, frames::ByteBuffer& out) {
  DatumWriter writer(plan, limits, at, end, out);
  const size_t begin = out.size();
  Result result = writer.value(0, limits.depth);
  if (result == Result::kOk && out.size() - begin > limits.document_bytes) result = Result::kDocumentTooLarge;
  at = writer.at();
  return result;
}

}  // namespace penstock::avro
