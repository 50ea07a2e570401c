#include "packs/tests.h"

#include "kernels/json_fit.h"
#include "packs/convert.h"
#include "packs/find_text.h"

namespace penstock::packs {
namespace {

bool as_double(std::string_view text, double& out) {
  Value number;
  if (!to_number(text, "1", number)) return false;
  out = number.kind == ValueKind::kInt64 ? static_cast<double>(number.i) : number.d;
  return true;
}

bool contains(std::string_view text, std::string_view mark) {
  return mark.empty() || find_text(text, mark, 0) != text.npos;
}

}  // namespace

std::string_view lower_case(std::string_view text, char* out) {
  change_case(true, text, out);
  return {out, text.size()};
}

namespace {

/// A test without regard to case of more than kFoldBytes: piece by piece, each with what a mark may have begun in the one before.
bool holds_in_long(const Plan& plan, const TestRow& test, std::string_view text) {
  char folded[kFoldBytes];
  const std::string_view mark = plan.text(test.a);
  if (mark.size() > kFoldBytes / 2) return false;  // no pack has such a value
  switch (static_cast<TestKind>(test.kind)) {
    case TestKind::kStarts: return lower_case(text.substr(0, kFoldBytes), folded).starts_with(mark);
    case TestKind::kEnds: return lower_case(text.substr(text.size() - kFoldBytes), folded).ends_with(mark);
    case TestKind::kContains:
      for (size_t at = 0;; at += kFoldBytes - mark.size()) {
        if (contains(lower_case(text.substr(at, kFoldBytes), folded), mark)) return true;
        if (at + kFoldBytes >= text.size()) return false;
      }
    default: return false;  // no value is as long
  }
}

}  // namespace

bool holds(const Plan& plan, const TestRow& test, std::string_view value) {
  if (test.nocase && value.size() > kFoldBytes) return holds_in_long(plan, test, value);
  char folded[kFoldBytes];
  const std::string_view text = test.nocase ? lower_case(value, folded) : value;
  double number, limit;
  switch (static_cast<TestKind>(test.kind)) {
    case TestKind::kPresent: return true;
    case TestKind::kEquals: return plan.table(test.a).find(text) != kNone;
    case TestKind::kStarts: return text.starts_with(plan.text(test.a));
    case TestKind::kEnds: return text.ends_with(plan.text(test.a));
    case TestKind::kContains: return contains(text, plan.text(test.a));
    case TestKind::kLess: return as_double(text, number) && as_double(plan.text(test.a), limit) && number < limit;
    case TestKind::kMore: return as_double(text, number) && as_double(plan.text(test.a), limit) && number > limit;
    case TestKind::kIsIp: return is_ip_address(text);
    case TestKind::kNetwork: {
      enrich::IpAddress address;
      return enrich::parse_ip(text, address) && plan.networks(test.a).has(address);
    }
    case TestKind::kCount: break;
  }
  return false;
}

bool holds(const Plan& plan, const LiteralRow& literal, std::string_view text) {
  for (const ListRow& row : plan.lists().subspan(literal.list_first, literal.list_count)) {
    const std::string_view mark = plan.text(row.value);
    if (static_cast<LiteralKind>(literal.kind) == LiteralKind::kContains ? contains(text, mark) : text.starts_with(mark)) return true;
  }
  return false;
}

}  // namespace penstock::packs
