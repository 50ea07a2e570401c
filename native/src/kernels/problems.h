// Every way in which bytes can fail to be understood: one table makes the code, the metric label and the text.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

// PROBLEM(name, metric label, fails, text)
//   fails = 1: the event is not understood; it becomes event.kind "pipeline_error" and keeps its raw bytes.
//   fails = 0: understood with a deviation; counted, the event stays an event.
#define PENSTOCK_PROBLEMS(PROBLEM)                                                                        \
  PROBLEM(kNone, "none", 0, "")                                                                           \
  PROBLEM(kTruncated, "truncated", 0, "message longer than the limit was truncated")                      \
  PROBLEM(kInvalidUtf8, "invalid_utf8", 0, "invalid UTF-8 was replaced by U+FFFD")                        \
  PROBLEM(kEmpty, "empty", 1, "empty message")                                                            \
  PROBLEM(kSyslogPriority, "syslog_priority", 1, "syslog: priority is not <0> to <191>")                  \
  PROBLEM(kSyslogVersion, "syslog_version", 1, "syslog: version is not 1 to 999")                         \
  PROBLEM(kSyslogTimestamp, "syslog_timestamp", 1, "syslog: timestamp is not RFC 3339 or -")              \
  PROBLEM(kSyslogHostname, "syslog_hostname", 1, "syslog: hostname is not 1 to 255 printable characters") \
  PROBLEM(kSyslogAppName, "syslog_app_name", 1, "syslog: app-name is not 1 to 48 printable characters")   \
  PROBLEM(kSyslogProcId, "syslog_procid", 1, "syslog: procid is not 1 to 128 printable characters")       \
  PROBLEM(kSyslogMsgId, "syslog_msgid", 1, "syslog: msgid is not 1 to 32 printable characters")           \
  PROBLEM(kSyslogStructuredData, "syslog_structured_data", 1, "syslog: malformed structured data")        \
  PROBLEM(kSyslogHeader, "syslog_header", 1, "syslog: header ends early")                                 \
  PROBLEM(kSyslogNoPriority, "syslog_no_priority", 0, "syslog: message without priority")                 \
  PROBLEM(kSyslogNoTimestamp, "syslog_no_timestamp", 0, "syslog: message without timestamp")              \
  PROBLEM(kJsonSyntax, "json_syntax", 1, "JSON: not well-formed")                                         \
  PROBLEM(kJsonCut, "json_cut", 1, "JSON: the text ends within a string")                                     \
  PROBLEM(kJsonDepth, "json_depth", 1, "JSON: nested deeper than the limit")                              \
  PROBLEM(kJsonNotObject, "json_not_object", 1, "JSON: the value is not an object")                       \
  PROBLEM(kJsonUtf8, "json_utf8", 1, "JSON: invalid UTF-8")                                               \
  PROBLEM(kJsonTimestamp, "json_timestamp", 0, "JSON: @timestamp is not a date")                          \
  PROBLEM(kFieldType, "field_type", 0, "a value does not fit the type of its ECS field")                    \
  PROBLEM(kFormat, "format_deviation", 0, "the text deviates from its format; penstock explain says where")  \
  PROBLEM(kDocumentWhole, "document_kept_whole", 0, "a document of more events than the limit, or that says too much besides, is one event") \
  PROBLEM(kTooManyFields, "too_many_fields", 1, "more fields than the limit")                             \
  PROBLEM(kTooComplex, "too_complex", 1, "event needs more memory than the limit")

enum class Problem : uint8_t {
#define PROBLEM(name, label, fails, text) name,
  PENSTOCK_PROBLEMS(PROBLEM)
#undef PROBLEM
      kCount
};

struct ProblemInfo {
  std::string_view label;
  bool fails;
  std::string_view text;
};

inline constexpr ProblemInfo kProblemTable[] = {
#define PROBLEM(name, label, fails, text) {label, fails != 0, text},
    PENSTOCK_PROBLEMS(PROBLEM)
#undef PROBLEM
};

inline constexpr const ProblemInfo& info(Problem problem) { return kProblemTable[static_cast<size_t>(problem)]; }

}  // namespace penstock
