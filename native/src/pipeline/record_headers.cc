#include "pipeline/record_headers.h"

#include "pipeline/varint.h"

namespace penstock {
namespace {

void append_header(std::string& out, std::string_view key, std::string_view value) {
  uint8_t varint[10];
  out.append(reinterpret_cast<char*>(varint), put_varint(varint, zigzag(static_cast<int64_t>(key.size()))) - varint);
  out.append(key);
  out.append(reinterpret_cast<char*>(varint), put_varint(varint, zigzag(static_cast<int64_t>(value.size()))) - varint);
  out.append(value);
}

/// Value of the record header "encoding"; empty: none, the value is what its first byte says.
std::string_view header_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kFrames: return "frames/1";
    case Encoding::kAvro: return "avro";
    case Encoding::kMsgpack: return "msgpack";
    case Encoding::kOcsf: return "ocsf";
    default: return {};
  }
}

}  // namespace

void write_record_headers(const RecordHeaders& headers, std::string& out) {
  const std::string_view encoding = header_of(headers.encoding);
  out.assign(1, static_cast<char>(zigzag(2 + !encoding.empty() + !headers.reason.empty())));
  append_header(out, "schema", headers.schema);
  append_header(out, "source", headers.source);
  if (!encoding.empty()) append_header(out, "encoding", encoding);
  if (!headers.reason.empty()) append_header(out, kReasonHeader, headers.reason);
}

}  // namespace penstock
