// Which events go first: by syslog severity and facility, as a table that configuration made from its rules.
#pragma once

#include "kernels/event.h"

namespace penstock {

class PriorityTable {
 public:
  static constexpr size_t kFacilities = 25;  ///< RFC 5424's 0 … 23, and events that have none
  static constexpr unsigned kNoSeverity = 8; ///< bit of events that have none

  /// Severities, a bit each, that go first of a facility.
  void set(size_t facility, uint16_t severities) {
    severities_[facility] = severities;
    any_ |= severities != 0;
  }

  /// Whether the event goes first. Costs nothing where no rule names the listener.
  bool has(const Event& event) const { return any_ && look(event); }

 private:
  bool look(const Event& event) const {
    size_t facility = kFacilities - 1;
    unsigned severity = kNoSeverity;
    const FieldEntry* const fields = event.fields();
    for (size_t i = 0, n = event.field_count(); i < n; ++i) {
      const FieldEntry& f = fields[i];
      if (f.value.kind != ValueKind::kInt64) continue;
      const auto value = static_cast<uint64_t>(f.value.i);
      if (f.field == EcsField::kLogSyslogSeverityCode && value < kNoSeverity) severity = static_cast<unsigned>(value);
      if (f.field == EcsField::kLogSyslogFacilityCode && value < kFacilities - 1) facility = static_cast<size_t>(value);
    }
    return severities_[facility] >> severity & 1;
  }

  uint16_t severities_[kFacilities] = {};
  bool any_ = false;
};

}  // namespace penstock
