#include "kernels/json_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "kernels/civil_time.h"
#include "kernels/utf8.h"

namespace penstock {
namespace {

using Block = uint8_t __attribute__((vector_size(16)));  // the compiler's portable vectors: SSE 2, NEON or scalar code

/// True when none of 16 bytes needs a look: no control character, quote, backslash or non-ASCII byte.
bool plain(Block block) {
  using Halves = uint64_t __attribute__((vector_size(16)));
  const auto special = (block < 0x20) | (block == '"') | (block == '\\') | (block >= 0x80);
  const auto halves = reinterpret_cast<Halves>(special);
  return (halves[0] | halves[1]) == 0;
}

/// The same of 8 bytes; now and then false for plain ones (a borrow), never true for others.
bool plain(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const uint64_t quote = word ^ kOnes * '"', backslash = word ^ kOnes * '\\';
  return (((word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes) | word) & kHigh) == 0;
}

template <typename T>
T load(const uint8_t* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

/// Copies the last `left` < 16 bytes of a text of `size` when they, and what is read with them, are plain.
bool put_plain_tail(uint8_t* out, const uint8_t* p, size_t left, size_t size) {
  if (size >= 16) {
    const auto block = load<Block>(p + left - 16);
    if (!plain(block)) return false;
    std::memcpy(out + left - 16, &block, 16);  // the bytes before `out` are plain too, so they stand there already
    return true;
  }
  if (left >= 8) {
    const auto first = load<uint64_t>(p), last = load<uint64_t>(p + left - 8);
    if (!plain(first) || !plain(last)) return false;
    std::memcpy(out, &first, 8);
    std::memcpy(out + left - 8, &last, 8);
    return true;
  }
  if (left < 4) return false;
  const auto first = load<uint32_t>(p), last = load<uint32_t>(p + left - 4);
  if (!plain(first | uint64_t{last} << 32)) return false;
  std::memcpy(out, &first, 4);
  std::memcpy(out + left - 4, &last, 4);
  return true;
}

bool plain_byte(uint8_t c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

uint8_t* put_escape(uint8_t* out, uint8_t c) {
  constexpr char kHex[] = "0123456789abcdef";
  char letter = 0;
  switch (c) {
    case '"': letter = '"'; break;
    case '\\': letter = '\\'; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    default: break;
  }
  *out++ = '\\';
  if (letter) {
    *out++ = static_cast<uint8_t>(letter);
    return out;
  }
  std::memcpy(out, "u00", 3);
  out[3] = static_cast<uint8_t>(kHex[c >> 4]);
  out[4] = static_cast<uint8_t>(kHex[c & 15]);
  return out + 5;
}

/// One character or ill-formed part that is not plain. Returns the bytes of it.
size_t put_special(uint8_t*& out, const uint8_t* p, size_t left) {
  if (*p < 0x80) {
    out = put_escape(out, *p);
    return 1;
  }
  const Utf8Step step = utf8_step(p, left);
  if (step.valid) {
    std::memcpy(out, p, step.size);
    out += step.size;
  } else {
    std::memcpy(out, "\xef\xbf\xbd", 3);
    out += 3;
  }
  return step.size;
}

uint8_t* put_digits(uint8_t* out, uint32_t value, unsigned digits) {
  for (unsigned i = digits; i > 0; --i, value /= 10) out[i - 1] = static_cast<uint8_t>('0' + value % 10);
  return out + digits;
}

template <typename T>
uint8_t* put_number(uint8_t* out, T value) {
  char* text = reinterpret_cast<char*>(out);
  return reinterpret_cast<uint8_t*>(std::to_chars(text, text + kJsonNumberSizeMax, value).ptr);
}

}  // namespace

uint8_t* put_json_string(uint8_t* out, std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  *out++ = '"';
  while (end - p >= 16) {
    Block block;
    std::memcpy(&block, p, 16);
    std::memcpy(out, &block, 16);
    if (plain(block)) {
      p += 16;
      out += 16;
      continue;
    }
    while (plain_byte(*p)) ++p, ++out;
    p += put_special(out, p, static_cast<size_t>(end - p));
  }
  const auto left = static_cast<size_t>(end - p);
  if (put_plain_tail(out, p, left, text.size())) {
    p = end;
    out += left;
  }
  while (p < end) {
    if (plain_byte(*p)) *out++ = *p++;
    else p += put_special(out, p, static_cast<size_t>(end - p));
  }
  *out++ = '"';
  return out;
}

uint8_t* put_json_int(uint8_t* out, int64_t value) { return put_number(out, value); }

uint8_t* put_json_double(uint8_t* out, double value) {
  if (std::isfinite(value)) return put_number(out, value);
  return put_json_string(out, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

namespace {

/// "2003-10-11T22:14:15", 19 bytes.
void put_second(uint8_t* out, int64_t seconds) {
  int64_t days = seconds / kSecondsPerDay, second = seconds % kSecondsPerDay;
  if (second < 0) second += kSecondsPerDay, --days;
  // H. Hinnant, civil_from_days.
  const int64_t shifted = days + 719'468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto of_era = static_cast<uint32_t>(shifted - era * 146'097);
  const uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t shifted_month = (5 * of_year + 2) / 153;
  const uint32_t day = of_year - (153 * shifted_month + 2) / 5 + 1;
  const uint32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const auto year = static_cast<uint32_t>(era * 400 + year_of_era + (month <= 2));
  const auto of_day = static_cast<uint32_t>(second);

  out = put_digits(out, year, 4);
  *out++ = '-';
  out = put_digits(out, month, 2);
  *out++ = '-';
  out = put_digits(out, day, 2);
  *out++ = 'T';
  out = put_digits(out, of_day / 3600, 2);
  *out++ = ':';
  out = put_digits(out, of_day / 60 % 60, 2);
  *out++ = ':';
  put_digits(out, of_day % 60, 2);
}

/// The seconds written last: events come many to a second, each with two dates.
struct KnownSecond {
  int64_t seconds = INT64_MIN;
  uint8_t text[19] = {};
};

}  // namespace

uint8_t* put_json_date(uint8_t* out, int64_t ns) {
  int64_t seconds = ns / kNsPerSecond, fraction = ns % kNsPerSecond;
  if (fraction < 0) fraction += kNsPerSecond, --seconds;
  thread_local KnownSecond known_seconds[4];
  KnownSecond& known = known_seconds[seconds & 3];
  if (known.seconds != seconds) {
    put_second(known.text, seconds);
    known.seconds = seconds;
  }
  *out++ = '"';
  std::memcpy(out, known.text, sizeof known.text);
  out += sizeof known.text;
  auto rest = static_cast<uint32_t>(fraction);
  if (rest != 0) {
    unsigned digits = 9;
    for (; rest % 1000 == 0; rest /= 1000) digits -= 3;
    *out++ = '.';
    out = put_digits(out, rest, digits);
  }
  *out++ = 'Z';
  *out++ = '"';
  return out;
}

}  // namespace penstock
