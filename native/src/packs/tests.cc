#include "packs/tests.h"

#include <bit>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kernels/json_fit.h"
#include "packs/convert.h"

namespace penstock::packs {
namespace {

bool as_double(std::string_view text, double& out) {
  Value number;
  if (!to_number(text, "1", number)) return false;
  out = number.kind == ValueKind::kInt64 ? static_cast<double>(number.i) : number.d;
  return true;
}

/// Whether `mark` stands in `text`: by its first and last byte, sixteen places at a time. A search for the first byte alone
/// stops at each blank of a text of pairs.
bool contains(std::string_view text, std::string_view mark) {
  size_t at = 0;
#if defined(__SSE2__)
  if (mark.size() > 1) {
    const auto load = [](const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
    const __m128i first = _mm_set1_epi8(mark.front()), last = _mm_set1_epi8(mark.back());
    const size_t to_last = mark.size() - 1;
    for (; at + to_last + 16 <= text.size(); at += 16) {
      const char* const p = text.data() + at;
      const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(p), first), _mm_cmpeq_epi8(load(p + to_last), last));
      for (auto left = static_cast<unsigned>(_mm_movemask_epi8(both)); left != 0; left &= left - 1)
        if (std::memcmp(p + std::countr_zero(left), mark.data(), mark.size()) == 0) return true;
    }
  }
#endif
  return text.find(mark, at) != text.npos;
}

}  // namespace

std::string_view lower_case(std::string_view text, char* out) {
  if (text.size() > 64) return text;
  change_case(true, text, out);
  return {out, text.size()};
}

bool holds(const Plan& plan, const TestRow& test, std::string_view value) {
  char folded[64];
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
