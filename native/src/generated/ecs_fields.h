// Placeholder until the generator in schema/ writes it; same shape.
#pragma once
#include <cstdint>
#include <string_view>
namespace penstock {
enum class EcsField : uint16_t {
  kEventKind, kErrorMessage, kHostHostname, kProcessName, kProcessPid, kLogLevel, kLogSyslogPriority,
  kLogSyslogFacilityCode, kLogSyslogSeverityCode, kLogSyslogVersion, kLogSyslogMsgid, kLogSyslogProcid,
  kLogSyslogStructuredData, kTags, kCount, kUnknown = 0xffff,
};
/// Protobuf shapes: kString and kJson are `string`, kBytes `bytes`, kInt `int64`, kDouble `double`, kBool `bool`, kDate `sfixed64` ns.
enum class EcsType : uint8_t { kString, kIp, kJson, kInt, kDouble, kBool, kDate };
struct EcsFieldInfo {
  std::string_view name;  ///< dotted
  uint16_t number;        ///< protobuf field number
  EcsType type;
  bool repeated;
};
extern const EcsFieldInfo kEcsFields[];
}  // namespace penstock
