#include "kernels/json_split.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kernels/json_space.h"

namespace penstock {
namespace {

constexpr size_t kBlock = 64;

struct BlockMasks {
  uint64_t quotes = 0, backslashes = 0, structurals = 0;
};

#if defined(__SSE2__)
BlockMasks masks_of(const char* p) {
  BlockMasks out;
  for (unsigned i = 0; i < kBlock; i += 16) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    const auto equals = [](__m128i a, char b) { return _mm_cmpeq_epi8(a, _mm_set1_epi8(b)); };
    const auto bits = [&](__m128i m) { return uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(m))} << i; };
    const __m128i curly = _mm_or_si128(c, _mm_set1_epi8(0x20));  // [ and ] become { and }
    out.quotes |= bits(equals(c, '"'));
    out.backslashes |= bits(equals(c, '\\'));
    out.structurals |= bits(_mm_or_si128(equals(c, ','), _mm_or_si128(equals(curly, '{'), equals(curly, '}'))));
  }
  return out;
}
#else
BlockMasks masks_of(const char* p) {
  BlockMasks out;
  for (unsigned i = 0; i < kBlock; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    if (p[i] == '"') out.quotes |= bit;
    if (p[i] == '\\') out.backslashes |= bit;
    if (p[i] == ',' || (p[i] | 0x20) == '{' || (p[i] | 0x20) == '}') out.structurals |= bit;
  }
  return out;
}
#endif

/// Characters that a backslash before them escapes; `carry`: the block's first one, and then the next block's.
uint64_t escaped_by(uint64_t backslashes, bool& carry) {
  uint64_t escaped = carry ? 1 : 0;
  backslashes &= ~escaped;
  carry = false;
  while (backslashes != 0) {
    const int at = std::countr_zero(backslashes);
    if (at == 63) {
      carry = true;
      break;
    }
    escaped |= uint64_t{2} << at;
    backslashes &= ~(uint64_t{3} << at);
  }
  return escaped;
}

/// Bit i of the result: the parity of bits 0 … i.
uint64_t parity_up_to(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

void count_frame(std::vector<FramePiece>& pieces, size_t begin, size_t end, uint32_t piece_bytes) {
  if (pieces.empty() || end - pieces.back().begin > piece_bytes) pieces.push_back({static_cast<uint32_t>(begin), 0, 0});
  pieces.back().end = static_cast<uint32_t>(end);
  ++pieces.back().count;
}

}  // namespace

void JsonStructurals::load_block() {
  const size_t left = body_.size() - block_;
  BlockMasks masks;
  if (left >= kBlock) {
    masks = masks_of(body_.data() + block_);
  } else {
    char tail[kBlock] = {};
    std::memcpy(tail, body_.data() + block_, left);
    masks = masks_of(tail);
  }
  if (masks.backslashes != 0 || escape_) masks.quotes &= ~escaped_by(masks.backslashes, escape_);
  const uint64_t strings = parity_up_to(masks.quotes) ^ in_string_;
  in_string_ = static_cast<uint64_t>(static_cast<int64_t>(strings) >> 63);
  mask_ = masks.structurals & ~strings;
  block_ += kBlock;
}

size_t JsonStructurals::next() {
  while (mask_ == 0) {
    if (block_ >= body_.size()) return body_.size();
    load_block();
  }
  const size_t at = block_ - kBlock + static_cast<size_t>(std::countr_zero(mask_));
  mask_ &= mask_ - 1;
  return at;
}

size_t first_json_value_end(std::string_view body) {
  JsonStructurals structurals(body);
  size_t depth = 0;
  for (size_t at; (at = structurals.next()) < body.size();) {
    if (body[at] == ',') continue;
    depth += body[at] == '{' || body[at] == '[' ? 1 : -1;
    if (depth == 0) return at + 1;
  }
  return 0;
}

size_t JsonArrayElements::skip_space(size_t at) const {
  while (at < body_.size() && is_json_space(body_[at])) ++at;
  return at;
}

JsonArrayElements::Step JsonArrayElements::next(std::string_view& element) {
  if (state_ == State::kDone) return Step::kEnd;
  if (state_ == State::kStart) {
    at_ = skip_space(json_mark_bytes(body_));
    if (at_ >= body_.size() || body_[at_] != '[' || structurals_.next() != at_) return Step::kMalformed;
    ++at_;
    state_ = State::kFirst;
  }
  const size_t start = skip_space(at_);
  size_t depth = 0;
  for (;;) {
    const size_t at = structurals_.next();
    if (at >= body_.size()) return Step::kMalformed;
    const char c = body_[at];
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c != ',' && depth != 0) {
      --depth;
    } else if (depth == 0) {
      size_t end = at;
      while (end > start && is_json_space(body_[end - 1])) --end;
      if (c == '}') return Step::kMalformed;
      if (c == ']') {
        const size_t after = skip_space(at + 1);
        if (after != body_.size()) return at_ = after, Step::kMalformed;
        const bool empty = state_ == State::kFirst && end == start;
        if (end == start && !empty) return Step::kMalformed;
        state_ = State::kDone;
        if (empty) return Step::kEnd;
      } else {
        if (end == start) return Step::kMalformed;
        state_ = State::kMore;
      }
      element = body_.substr(start, end - start);
      at_ = at + 1;
      return Step::kElement;
    }
  }
}

void append_frame(FramedBody& out, std::span<const std::string_view> parts, const FrameLimits& limits) {
  size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  const size_t at = out.frames.size();
  count_frame(out.pieces, at, at + sizeof(uint32_t) + size, limits.piece_bytes);
  for (int i = 0; i < 4; ++i) out.frames.push_back(static_cast<uint8_t>(size >> (8 * i)));
  for (const std::string_view part : parts) out.frames.insert(out.frames.end(), part.begin(), part.end());
}

FramedBody split_json_array(std::string_view body, const FrameLimits& limits) {
  FramedBody out;
  std::string_view element;
  size_t bytes = 0;
  JsonArrayElements measured(body);
  for (;;) {
    const auto step = measured.next(element);
    if (step == JsonArrayElements::Step::kEnd) break;
    if (step == JsonArrayElements::Step::kMalformed) {
      out.result = SplitResult::kMalformed;
      out.offset = measured.offset();
      return out;
    }
    if (element.size() > limits.frame_bytes) {
      out.result = SplitResult::kFrameTooLarge;
      out.offset = static_cast<size_t>(element.data() - body.data());
      return out;
    }
    count_frame(out.pieces, bytes, bytes + sizeof(uint32_t) + element.size(), limits.piece_bytes);
    bytes += sizeof(uint32_t) + element.size();
  }
  out.frames.resize(bytes);
  uint8_t* p = out.frames.data();
  JsonArrayElements elements(body);
  while (elements.next(element) == JsonArrayElements::Step::kElement) {
    const auto size = static_cast<uint32_t>(element.size());
    for (int i = 0; i < 4; ++i) *p++ = static_cast<uint8_t>(size >> (8 * i));
    std::memcpy(p, element.data(), element.size());
    p += element.size();
  }
  return out;
}

FramedBody cut_lines(std::string_view body, const FrameLimits& limits) {
  FramedBody out;
  for (size_t at = 0; at < body.size();) {
    const void* const found = std::memchr(body.data() + at, '\n', body.size() - at);
    const size_t end = found ? static_cast<size_t>(static_cast<const char*>(found) - body.data()) : body.size();
    const size_t size = end > at && body[end - 1] == '\r' ? end - at - 1 : end - at;
    const size_t next = found ? end + 1 : end;
    if (size > limits.frame_bytes) {
      out.result = SplitResult::kFrameTooLarge;
      out.offset = at;
      return out;
    }
    if (size != 0) count_frame(out.pieces, at, next, limits.piece_bytes);
    at = next;
  }
  return out;
}

}  // namespace penstock
